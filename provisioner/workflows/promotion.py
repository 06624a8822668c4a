"""``promote``: a promotion from its options to its record, which is written whatever happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from provisioner import __version__
from provisioner.errors import ProvisionerError, UsageError
from provisioner.execution.apply import Options
from provisioner.planning.saved_plan import sealed
from provisioner.report.markdown import markdown
from provisioner.report.promotion_record import promotion_record
from provisioner.report.promotion_shapes import Promotion
from provisioner.report.promotion_view import promotion_json
from provisioner.workflows.actor import actor_of
from provisioner.workflows.console import Console
from provisioner.workflows.plan_files import without_secrets, write_json, write_text
from provisioner.workflows.prepare import prepare
from provisioner.workflows.promote import PromotionRun


@dataclass(frozen=True, slots=True)
class PromotionOptions:
    """The options of ``promote``. ``out`` is the file of the record; ``minutes`` bounds the wait for a deployment.

    Raises :class:`UsageError` if source and target are one environment.
    """

    source: str
    target: str
    verify: bool = False
    guests: bool = False
    destroy: bool = False
    out: Path | None = None
    minutes: float = 30.0

    def __post_init__(self) -> None:
        if self.source == self.target:
            raise UsageError(f"--from and --to both name {self.source}.", next="Name the target environment with --to.")

    def record_file(self, now: datetime) -> Path:
        """Return the path of the JSON record."""
        if self.out is None:
            return Path(f"promotion-{self.source}-to-{self.target}-{now:%Y%m%dT%H%M%SZ}.json")
        return self.out.with_suffix(".json") if self.out.suffix in (".md", "") else self.out


def promote(console: Console, options: PromotionOptions, show: Callable[[Promotion], None]) -> Promotion:
    """Promote the configuration of the source to the target, show how it ended, and write the record.

    The record is also written if the promotion is cut off by an error, which is raised again.
    """
    source, target = prepare(console, options.source), prepare(console, options.target)
    by = actor_of(Path(console.config_path))
    promotion = Promotion(options.source, options.target, options.verify, __version__, console.now, by=by)
    out = options.record_file(console.now)
    plan_file = out.with_name(f"{out.stem}.plan.json")
    run = Options(minutes=options.minutes)
    try:
        PromotionRun(console, source, target, run, promotion, plan_file, options.destroy, options.guests).run()
    except ProvisionerError:
        _record(console, promotion, out)  # the record keeps what was proven before the error
        raise
    show(promotion)
    _record(console, promotion, out)
    return promotion


def sealed_json(promotion: Promotion) -> dict[str, Any]:
    """Return the record, with a digest over all of it."""
    return sealed(without_secrets(promotion_json(promotion)))


def _record(console: Console, promotion: Promotion, out: Path) -> None:
    """Write the record if there is anything to record. A record that cannot be written hides no outcome."""
    if promotion.source is None:
        return
    document = sealed_json(promotion)
    page = out.with_suffix(".md")
    try:
        write_json(out, document)
        write_text(page, markdown(promotion_record(promotion, str(document["digest"])), top=1))
    except ProvisionerError as error:
        console.say(f"The record was not written: {error.message}")
        return
    console.say(f"Recorded in {out} and {page}.")
