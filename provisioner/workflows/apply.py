"""Takes one plan from a snapshot to its outcome: shows it, asks, and applies it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Protocol

from provisioner.components.snapshot import Snapshot
from provisioner.errors import RefusedError
from provisioner.execution.activation import Prove, not_asked
from provisioner.execution.apply import Options
from provisioner.execution.interruption import Stage, interrupted
from provisioner.execution.journal import Journal
from provisioner.execution.outcome import Outcome, Result, not_confirmed, refused, unchanged
from provisioner.execution.work import Read, Work
from provisioner.model.environment import Environment
from provisioner.model.estate import Estate
from provisioner.model.jwk import Jwk
from provisioner.planning.plan import Plan
from provisioner.report.outcome import outcome_github, outcome_json, outcome_view
from provisioner.salesforce import Org
from provisioner.workflows.actor import actor_of
from provisioner.workflows.confirm import show_plan
from provisioner.workflows.console import Console
from provisioner.workflows.prepare import observe
from provisioner.workflows.recovery import settle_earlier
from provisioner.workflows.send import PlanSender


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
    if settle_earlier(console, org, options.minutes):
        snapshot = observe(console, org, prepared.environment, prepared.estate)
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
