"""``provisioner promote``: bring to one environment what another was proven to run."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provisioner import __version__
from provisioner.cli.context import Context
from provisioner.cli.options import DEFAULT_WAIT_MINUTES, add_chat_hosts, add_endpoint_options, minutes
from provisioner.errors import ProvisionerError, UsageError
from provisioner.workflows.prepare import prepare

if TYPE_CHECKING:
    from provisioner.report.promotion_shapes import Promotion

FORMATS = ("human", "json", "markdown")
DESCRIPTION = """Promote the verified configuration of one environment to another.

First, --from must run exactly this declaration (if not, exit 3); with --verify, tokens must verify there. Then the
command plans and applies --to under its own protections, reads it again, and with --verify also proves it at its
chat runtime. It reads both before it sends anything. It never makes a destructive change to a production
environment: it saves the plan, and a person applies it. A record of the promotion is written as JSON and Markdown."""
EPILOG = """examples:
  provisioner promote --from sandbox --to production
  provisioner promote --from sandbox --to production --verify --yes \\
      --out promotion.json

Without a terminal --yes is needed; at a terminal, you type the name of a production environment."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="source", metavar="A", required=True, help="the verified source environment")
    parser.add_argument("--to", dest="target", metavar="B", required=True, help="the target environment")
    parser.add_argument("--verify", action="store_true", help="prove that tokens verify: in A before, in B after")
    parser.add_argument(
        "--guests", action="store_true", help="require that A's sessions of the last 14 days raise no alarm (guests)"
    )
    parser.add_argument(
        "--yes", action="store_true", help="skip the confirmation (at a terminal, production still asks)"
    )
    parser.add_argument("--allow-destroy", action="store_true", help="allow destructive changes if B is not production")
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=Path,
        help="the record, with its Markdown beside it (default: promotion-A-to-B-TIME.json)",
    )
    parser.add_argument(
        "--wait",
        metavar="MINUTES",
        type=minutes,
        default=DEFAULT_WAIT_MINUTES,
        help=f"time to wait for the deployment (default: {DEFAULT_WAIT_MINUTES:.0f})",
    )
    add_endpoint_options(parser)
    add_chat_hosts(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.execution.apply import Options
    from provisioner.report.promotion_shapes import Promotion
    from provisioner.workflows.actor import actor_of
    from provisioner.workflows.promote import Promoting

    if arguments.env:
        raise UsageError("promote takes its two environments from --from and --to.", next="Omit --env.")
    if arguments.source == arguments.target:
        raise UsageError(
            f"--from and --to both name {arguments.source}.", next="Name the target environment with --to."
        )
    source, target = prepare(context, arguments.source), prepare(context, arguments.target)
    by = actor_of(Path(context.config_path))
    promotion = Promotion(arguments.source, arguments.target, arguments.verify, __version__, context.now, by=by)
    out = _out(arguments, context)
    plan_file = out.with_name(f"{out.stem}.plan.json")
    try:
        Promoting(
            context,
            source,
            target,
            Options(minutes=arguments.wait),
            promotion,
            plan_file,
            arguments.allow_destroy,
            arguments.guests,
        ).run()
    except ProvisionerError:
        _record(context, promotion, out)  # what was proven before that is worth as much
        raise
    _report(context, promotion)
    _record(context, promotion, out)
    return promotion.exit_status


def _out(arguments: argparse.Namespace, context: Context) -> Path:
    if arguments.out is not None:
        given: Path = arguments.out
        return given.with_suffix(".json") if given.suffix in (".md", "") else given
    return Path(f"promotion-{arguments.source}-to-{arguments.target}-{context.now:%Y%m%dT%H%M%SZ}.json")


def _report(context: Context, promotion: Promotion) -> None:
    from provisioner.report.promotion_view import promotion_view

    context.show(lambda: promotion_view(promotion), lambda: _document(context, promotion))


def _document(context: Context, promotion: Promotion) -> dict[str, Any]:
    """The record, with a digest over all of it."""
    from provisioner.planning.saved_plan import sealed
    from provisioner.report.promotion_json import promotion_json
    from provisioner.workflows.plan_files import without_secrets

    return sealed(without_secrets(promotion_json(promotion)))


def _record(context: Context, promotion: Promotion, out: Path) -> None:
    """Leave the record, where there is anything to record. A record that cannot be written hides no outcome."""
    from provisioner.report.markdown import markdown
    from provisioner.report.promotion_record import promotion_record
    from provisioner.workflows.plan_files import write_json, write_text

    if promotion.source is None:
        return
    document = _document(context, promotion)
    page = out.with_suffix(".md")
    try:
        write_json(out, document)
        write_text(page, markdown(promotion_record(promotion, str(document["digest"])), top=1))
    except ProvisionerError as error:
        context.say(f"The record was not written: {error.message}")
        return
    context.say(f"Recorded in {out} and {page}.")
