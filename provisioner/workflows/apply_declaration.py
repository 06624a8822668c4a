"""``apply``: applies the declaration of an environment, or its saved plan, or waits for an earlier deployment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from provisioner.errors import UsageError
from provisioner.execution.apply import Options
from provisioner.execution.journal import Journal
from provisioner.execution.outcome import Outcome
from provisioner.execution.resume import resume
from provisioner.planning.guards import Allowed
from provisioner.salesforce import Org
from provisioner.workflows.activation_proof import activation_proof
from provisioner.workflows.apply import apply_plan, no_objection
from provisioner.workflows.confirm import Confirmation
from provisioner.workflows.connect import connected
from provisioner.workflows.console import Console
from provisioner.workflows.plan_files import Approved, read_plan
from provisioner.workflows.prepare import EVERYTHING_ALLOWED, Prepared, observe, prepare
from provisioner.workflows.recovery import settle_earlier


@dataclass(frozen=True, slots=True)
class ApplyOptions:
    """The options of ``apply``. ``plan`` is the file of a saved plan, ``resume`` the id of a deployment to wait for.

    ``minutes`` bounds the wait for one deployment. Raises :class:`UsageError` for options that a saved plan excludes.
    """

    plan: Path | None = None
    targets: tuple[str, ...] = ()
    resume: str | None = None
    check_only: bool = False
    destroy: bool = False
    permanent: bool = False
    old_api: bool = False
    minutes: float = 30.0
    cancel_on_interrupt: bool = False

    def __post_init__(self) -> None:
        if self.plan is None:
            return
        for option, given in (("--target", self.targets), ("--resume", self.resume)):
            if given:
                raise UsageError(
                    f"{option} cannot be combined with a saved plan.",
                    next="A saved plan holds its own targets and is applied as a whole: omit one of the two.",
                )

    @property
    def run(self) -> Options:
        """Return the options of one run of a plan."""
        return Options(check_only=self.check_only, minutes=self.minutes, cancel_on_interrupt=self.cancel_on_interrupt)


def apply_declaration(console: Console, options: ApplyOptions) -> Outcome:
    """Apply the declaration to the named environment, and return the outcome; a refusal is one, too."""
    approved = Approved(console, str(options.plan), read_plan(options.plan)) if options.plan is not None else None
    prepared = prepare(console, console.one_environment())
    if approved is not None:
        approved.check(prepared)
    with connected(console, prepared.environment) as org:
        if options.resume is not None:
            return _resume(console, prepared, org, options, options.resume)
        return _apply(console, prepared, org, options, approved)


def _apply(console: Console, prepared: Prepared, org: Org, options: ApplyOptions, approved: Approved | None) -> Outcome:
    settle_earlier(console, org, options.minutes)
    snapshot = observe(console, org, prepared.environment, prepared.estate)
    allowed = Allowed(
        destroy=options.destroy,
        old_api=options.old_api,
        production=prepared.environment.production,
        permanent=options.permanent,
    )
    targets = approved.saved.targets if approved is not None else options.targets
    return apply_plan(
        console,
        prepared,
        org,
        snapshot,
        prepared.planner(console, allowed, targets),
        options.run,
        confirm=Confirmation(console, prepared.environment, approved=approved is not None),
        against=approved.refusal if approved is not None else no_objection,
        prove=activation_proof(console, prepared),
    )


def _resume(console: Console, prepared: Prepared, org: Org, options: ApplyOptions, deploy_id: str) -> Outcome:
    allowed = replace(EVERYTHING_ALLOWED, production=prepared.environment.production)
    replan = prepared.planner(console, allowed, options.targets)
    with console.progress() as progress:
        return resume(
            org,
            deploy_id,
            prepared.environment.name,
            lambda: replan(observe(console, org, prepared.environment, prepared.estate)),
            options.run,
            progress,
            estate=prepared.estate,
            journal=Journal.here(),
            now=console.now,
        )
