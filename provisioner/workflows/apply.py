"""``apply``: a declaration, a saved plan or an earlier deployment; and any plan, shown, confirmed and applied."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from provisioner.components.snapshot import Snapshot
from provisioner.errors import ExitStatus, InputError, ProvisionerError, RefusedError, UsageError
from provisioner.execution.activation import Proof, Prove, not_asked
from provisioner.execution.apply import Options
from provisioner.execution.interruption import Stage, interrupted
from provisioner.execution.journal import Journal
from provisioner.execution.outcome import Outcome, Result, not_confirmed, refused, running, unchanged
from provisioner.execution.resume import resume
from provisioner.execution.work import Read, Work
from provisioner.model.environment import Environment
from provisioner.model.estate import Estate
from provisioner.model.jwk import Jwk
from provisioner.planning.guards import Allowed
from provisioner.planning.plan import Plan
from provisioner.report.outcome import outcome_github, outcome_json, outcome_view
from provisioner.salesforce import DeployUnsettled, Org
from provisioner.workflows.actor import actor_of
from provisioner.workflows.connect import connected
from provisioner.workflows.console import Console
from provisioner.workflows.plan_files import Approved, read_plan
from provisioner.workflows.prepare import EVERYTHING_ALLOWED, Prepared, observe, prepare
from provisioner.workflows.recovery import settle_earlier
from provisioner.workflows.send import Confirmation, PlanSender, show_plan


class Declared(Protocol):
    """The estate to apply, with the JWKs of its keys, under an environment."""

    @property
    def environment(self) -> Environment: ...

    @property
    def estate(self) -> Estate: ...

    @property
    def jwks(self) -> Mapping[str, Jwk]: ...


def no_objection(plan: Plan, snapshot: Snapshot) -> Outcome | None:
    """Return no refusal: there is no approved plan to compare with."""
    return None


def apply_plan(
    console: Console,
    prepared: Declared,
    org: Org,
    snapshot: Snapshot,
    replan: Callable[[Snapshot], Plan],
    options: Options,
    *,
    confirm: Callable[[Plan], bool],
    against: Callable[[Plan, Snapshot], Outcome | None] = no_objection,
    before: Callable[[Plan], None] = lambda plan: None,
    seeds: Read = MappingProxyType({}),
    prove: Prove = not_asked,
) -> Outcome:
    """Plan from the snapshot, show the plan, ask, call ``before``, apply; the journal records each step.

    ``replan`` makes the plan, and makes it again after the read-back. ``against`` returns the refusal of a plan that
    differs from the approved one. ``confirm`` returns whether a person was asked, and raises :class:`RefusedError` if
    the answer is no; an empty plan is not confirmed. ``seeds`` are components as they were before their deletion.
    ``prove`` proves each channel that is activated.

    An interrupted apply of this machine is settled first; then the org is read again. A refusal is also an outcome, and
    then nothing was sent.
    """
    try:
        if settle_earlier(console, org, options.minutes):
            snapshot = observe(console, org, prepared.environment, prepared.estate)
    except DeployUnsettled as unsettled:
        return running(replan(snapshot), unsettled)
    plan = replan(snapshot)
    show_plan(console, plan)
    objection = against(plan, snapshot)
    if objection is not None:
        return objection
    if plan.blocked:
        return refused(plan)
    if not plan.is_empty and not options.check_only:
        try:
            options = replace(options, asked=confirm(plan))
        except RefusedError as refusal:
            return not_confirmed(plan, refusal)
        except KeyboardInterrupt:
            raise interrupted(Stage.NOT_SENT, plan.environment, None, [], check_only=False) from None
    before(plan)
    if plan.is_empty:
        return unchanged(plan)
    work = Work(prepared.estate, prepared.jwks, snapshot, plan, replan, seeds)
    try:
        sending = PlanSender(console, prepared.environment, org, Journal.here(), options, prove)
        return sending.run(work)
    except RefusedError as refusal:
        return not_confirmed(plan, refusal)


def show_outcome(console: Console, outcome: Outcome) -> None:
    """Show the result of an apply. People saw the plan before: what blocks it, or that it is empty, is not repeated."""
    nothing_new = outcome.result is Result.UNCHANGED and not outcome.notes
    seen = {blocked.message for blocked in outcome.plan.blocked}
    rest = replace(outcome, problems=tuple(each for each in outcome.problems if each.problem not in seen))
    console.show(
        lambda: [] if nothing_new else outcome_view(rest),
        lambda: outcome_json(replace(outcome, by=actor_of(console.config_path))),
        services={"github": lambda relative: outcome_github(outcome, relative)},
    )


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

    def plan_of_org() -> Plan:
        return replan(observe(console, org, prepared.environment, prepared.estate))

    try:
        with console.progress() as progress:
            return resume(
                org,
                deploy_id,
                prepared.environment.name,
                plan_of_org,
                options.run,
                progress,
                estate=prepared.estate,
                journal=Journal.here(),
                now=console.now,
            )
    except DeployUnsettled as unsettled:
        try:
            return running(plan_of_org(), unsettled)
        except ProvisionerError:  # the org does not answer either question
            raise unsettled from None


#: Seconds before each attempt: how soon the chat runtime knows of an activation is not documented.
WAITS = (0.0, 5.0, 20.0)


def activation_proof(console: Console, prepared: Prepared) -> Prove:
    """Return a proof by the settings under ``verify:``. A channel without settings gets a note instead of a proof."""

    def prove(channel: str) -> Proof:
        if not _can_prove(prepared.environment, channel):
            return Proof(note=_not_proven(console, prepared.environment, channel))
        failure: tuple[str, str] | None = None
        try:
            for seconds in WAITS:
                time.sleep(seconds)
                failure = _failure(console, prepared, channel)
                if failure is None:
                    return Proof(note=f"A token verified on {channel}, and one with a broken signature did not.")
        except (InputError, UsageError) as error:  # no wait corrects a key or a setting
            failure = error.message, error.next
        return Proof(failure)

    return prove


def _can_prove(environment: Environment, channel: str) -> bool:
    target = environment.verify.get(channel)
    return target is not None and target.deployment is not None and target.key_file is not None


def _not_proven(console: Console, environment: Environment, channel: str) -> str:
    verify = f"provisioner verify --env {environment.name} --channel {channel}"
    return (
        f"Not proven: whether tokens verify on {channel}. With `deployment` and `key_file` for it under `verify:` in "
        f"{environment.file}, an apply proves it; `{verify} --deployment NAME --key-file FILE` does so now."
    )


def _failure(console: Console, prepared: Prepared, channel: str) -> tuple[str, str] | None:
    """Return why the proof failed and what to do; None if the channel verifies. Raises InputError, UsageError."""
    from provisioner.workflows.verify import VerifyRequest, verify  # the chat runtime's client

    try:
        proof, probed = verify(console, prepared, VerifyRequest(channel=channel))
    except (InputError, UsageError):
        raise
    except ProvisionerError as error:
        if error.exit_status is ExitStatus.INTERRUPTED:
            raise
        return error.message, error.next
    if proof.verified:
        return None
    environment = f"--env {prepared.environment.name}"
    diagnose = f"provisioner diagnose chat {environment} --channel {channel} --deployment {probed.deployment}"
    remedy = f"Find out why with `{diagnose}`, and run the command again."
    return f"the deployment {probed.deployment} did not verify a token.", remedy
