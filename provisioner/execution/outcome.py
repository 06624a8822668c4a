"""The result of an apply."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import TYPE_CHECKING

from provisioner.diagnostics import Location
from provisioner.errors import ExitStatus, RefusedError
from provisioner.model.actor import Actor
from provisioner.planning.plan import Change, Plan

if TYPE_CHECKING:
    from provisioner.salesforce import DeployUnsettled


class Result(StrEnum):
    APPLIED = "applied"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    FAILED = "failed"
    RUNNING = "running"
    CHECK_PASSED = "check-passed"


class Reached(Enum):
    """The last state of the org that a run is known to have reached.

    ``PART``: the org holds, or may hold, parts of the changes. ``PHASES``: the earlier phases are applied, and not read
    back. ``DEPLOYED``: everything is deployed, and not read back. ``READ_BACK``: it was also read back.
    """

    NOTHING = auto()
    PART = auto()
    PHASES = auto()
    DEPLOYED = auto()
    READ_BACK = auto()


#: The meaning of a problem that ended an apply before anything was sent.
NOTHING_SENT = "Nothing was sent."


@dataclass(frozen=True, slots=True)
class Problem:
    """A component that failed: the org's words, their meaning, and the YAML line of its declaration."""

    problem: str
    meaning: str
    address: str | None = None
    declared_at: Location | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of an apply.

    ``phase`` is the running phase of a phased apply that stopped (``keys and keysets``, ``channels``, ``deletions``).
    ``converged`` is True if the read-back equals the deployment and a new plan is empty, False if the org was changed
    and differs from the plan, None if neither is known. ``reached`` is the state of the org after a failure.
    ``notes`` are sentences for the person (publishing, phases); ``next`` is the next command. ``by`` is the person or
    machine that ran it, if the command reports it.
    """

    result: Result
    exit_status: ExitStatus
    plan: Plan
    deploy_id: str | None = None
    phase: str | None = None
    converged: bool | None = None
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    next: str | None = None
    by: Actor | None = None
    reached: Reached = Reached.NOTHING


def not_converged(change: Change) -> Problem:
    """Return the problem of a change that a new plan still has after the deployment."""
    fields = ", ".join(field.path for field in change.fields) or change.action.value
    return Problem(
        f"{change.address} still differs from the declaration: {fields}.",
        "The deployment succeeded, but the org did not store this value.",
        change.address,
        change.declared_at,
    )


def unchanged(plan: Plan, *notes: str) -> Outcome:
    """Return the outcome of an empty plan."""
    return Outcome(Result.UNCHANGED, ExitStatus.DONE, plan, converged=True, notes=notes)


def running(plan: Plan, unsettled: DeployUnsettled, phase: str | None = None, notes: tuple[str, ...] = ()) -> Outcome:
    """Return the outcome while a deployment of ours continues in the org, or may continue."""
    return Outcome(
        Result.RUNNING,
        ExitStatus.STILL_RUNNING,
        plan,
        deploy_id=unsettled.deploy_id,
        phase=phase,
        notes=(*notes, unsettled.message),
        next=unsettled.next,
    )


def refused(plan: Plan) -> Outcome:
    """Return the outcome of a plan that guards or errors refuse; nothing was sent."""
    guarded = any(blocked.exit_status is ExitStatus.REFUSED for blocked in plan.blocked)
    return Outcome(
        Result.REFUSED,
        ExitStatus.REFUSED if guarded else ExitStatus.WRONG_INPUT,
        plan,
        problems=tuple(
            Problem(blocked.message, blocked.next, blocked.address, blocked.declared_at) for blocked in plan.blocked
        ),
        next=plan.blocked[0].next,
    )


def not_confirmed(plan: Plan, refusal: RefusedError) -> Outcome:
    """Return the outcome of a plan that was not confirmed; nothing was sent."""
    problem = Problem(refusal.message, NOTHING_SENT)
    return Outcome(Result.REFUSED, ExitStatus.REFUSED, plan, problems=(problem,), next=refusal.next)
