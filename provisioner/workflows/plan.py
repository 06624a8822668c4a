"""``plan`` and ``drift``: the plans of one or several environments, the file that keeps them, and the org's side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from provisioner.components.snapshot import Snapshot
from provisioner.declaration.load import ConfigDirectory
from provisioner.errors import ExitStatus, InputError, ProvisionerError, UsageError
from provisioner.planning.declared_snapshot import declared_snapshot
from provisioner.planning.drift import Drift, drift_of
from provisioner.planning.plan import Plan
from provisioner.report.plan_words import unread
from provisioner.words import enumerated
from provisioner.workflows.connect import connected
from provisioner.workflows.console import Console
from provisioner.workflows.load_declaration import FindingsError
from provisioner.workflows.prepare import Prepared, observe, prepare
from provisioner.workflows.side_by_side import side_by_side, worst


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """The options of ``plan``. ``out`` is the file to save to, ``base`` the config directory of an offline plan.

    Raises :class:`UsageError` for options that do not go together.
    """

    targets: tuple[str, ...] = ()
    out: Path | None = None
    offline: bool = False
    base: Path | None = None
    target_org: str | None = None

    def __post_init__(self) -> None:
        if self.out is not None and self.target_org is not None:
            raise UsageError(
                "A plan made with --target-org cannot be applied, so it is not saved.",
                next=f"Write an environment file, and plan with --env: provisioner init --from-sf {self.target_org}",
            )
        if self.offline != (self.base is not None):
            raise UsageError(
                "--offline and --base DIR belong together: an offline plan compares with the declaration in DIR.",
                next="Check out the target branch beside this one, and name its config directory: --offline --base "
                "../main/config.",
            )
        if self.offline and self.out is not None:
            raise UsageError(
                "An offline plan cannot be saved with --out: no org was read, so it cannot be applied.",
                next="Write the report to a file with `--format json > FILE`.",
            )


@dataclass(frozen=True, slots=True)
class Planned:
    """Plans or errors by environment. ``snapshot`` is the org of the one plan, None if no org was read."""

    results: list[tuple[str, Plan | ProvisionerError]]
    snapshot: Snapshot | None = None

    @property
    def alone(self) -> Plan | None:
        """Return the one plan; None if there are several results, or an error."""
        first = self.results[0][1]
        return first if len(self.results) == 1 and isinstance(first, Plan) else None

    def exit_status(self, *, detailed: bool) -> ExitStatus:
        """Return the worst status; ``detailed`` tells pending changes from none."""
        return worst(
            result.exit_status(detailed=detailed) if isinstance(result, Plan) else result.exit_status
            for _, result in self.results
        )


def plan_all(console: Console, names: Sequence[str], options: PlanOptions, *, several: bool) -> Planned:
    """Plan each environment. Without ``several`` there is one, and its error is raised."""
    if not several:
        plan, snapshot = _plan(console, names[0], options)
        return Planned([(names[0], plan)], snapshot)
    return Planned(list(side_by_side(names, lambda name: _plan(console, name, options)[0])))


def save(console: Console, planned: Planned, path: Path, targets: Sequence[str]) -> None:
    """Save the plan, or the report of several plans, to a file, and say so."""
    from provisioner.report.plan_json import plans_json  # only with --out
    from provisioner.workflows.new_files import write_json
    from provisioner.workflows.plan_files import apply_command, write_plan

    plan = planned.alone
    if planned.snapshot is None or plan is None:
        write_json(path, plans_json(planned.results))
        console.say(
            f"Written to {path}. This file is only a report: to save a plan that can be applied, name one environment "
            "without a list or glob."
        )
    elif plan.unread:
        console.say(_not_saved(path, plan))
    else:
        write_plan(console, path, plan, planned.snapshot, targets)
        console.say(f"Saved to {path}. Apply exactly this plan with:\n  {apply_command(console, path, plan)}")


def environment_drift(console: Console, name: str) -> Drift:
    """Read the org of an environment, and return its differences from the declaration."""
    prepared = prepare(console, name)
    with connected(console, prepared.environment) as org:
        snapshot = observe(console, org, prepared.environment, prepared.estate)
        user_id = org.session.user_id
    return drift_of(prepared.planner(console)(snapshot), snapshot, user_id)


def _plan(console: Console, name: str, options: PlanOptions) -> tuple[Plan, Snapshot | None]:
    """Return the plan of one environment, and the org that it was made from: None for an offline plan."""
    if options.base is not None:
        return offline_plan(console, name, options.base, options.targets), None
    prepared = prepare(console, name)
    with connected(console, prepared.environment) as org:
        snapshot = observe(console, org, prepared.environment, prepared.estate)
    return prepared.planner(console, targets=options.targets)(snapshot), snapshot


def _not_saved(path: Path, plan: Plan) -> str:
    """Return the sentences about a plan that is not saved, and about an older file of that name."""
    what = ", ".join(each.what for each in unread(plan))
    old = f" {path} is still the older file: do not apply it." if path.is_file() else ""
    return (
        f"Not saved to {path}: the plan is incomplete, because {what} could not be read.{old}\n"
        "Next: Grant what the plan lists under Needed, and run the command again."
    )


def offline_plan(console: Console, name: str, base: Path, targets: Sequence[str]) -> Plan:
    """Return the plan of the declaration for an org that runs the declaration in the folder ``base``.

    Nothing is asked over a network and no reference is resolved. Raises :class:`FindingsError` for the declaration, and
    :class:`InputError` for the one in ``base``.
    """
    prepared = prepare(console, name)
    before = _base(console, name, base)
    snapshot = declared_snapshot(before.estate, before.jwks, prepared.estate.channels, str(base))
    return prepared.planner(console, targets=targets)(snapshot)


def _base(console: Console, name: str, base: Path) -> Prepared:
    """Return the declaration in the folder ``base`` under the environment. Raises :class:`InputError`."""
    try:
        config = ConfigDirectory(base)
    except InputError as error:
        raise InputError(
            f"{base} cannot be compared with: {error}", next="Name a config directory with --base DIR.", code=error.code
        ) from None
    known = config.environment_names()
    if name not in known:
        raise InputError(
            f"{base} has no environment {name}, so there is nothing that its plan can be compared with.",
            next=f"Name an environment of both directories; {base} has {enumerated(known) or 'none'}.",
            code="invalid-base",
        )
    try:
        return prepare(console, name, config)
    except FindingsError:
        raise InputError(
            f"The declaration in {base} has errors under environment {name}, so nothing can be compared with it.",
            next=f"Run `provisioner validate --config {base} --env {name}`.",
            code="invalid-base",
        ) from None
