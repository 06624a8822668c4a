"""Continues to wait for an earlier deployment, from any machine, by its id alone."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime

from provisioner.components.package import Name, names_by_type
from provisioner.errors import ExitStatus, ProvisionerError
from provisioner.execution.aftermath import NOT_COMPARED, NOTHING, Aftermath, look_again
from provisioner.execution.apply import Options
from provisioner.execution.channel_records import routing_after
from provisioner.execution.in_flight import close, find, settle
from provisioner.execution.interruption import cancel, not_compared, still_running
from provisioner.execution.journal import Journal
from provisioner.execution.journal_entry import Entry
from provisioner.execution.outcome import Outcome, Problem, Reached, Result
from provisioner.execution.progress import Progress
from provisioner.execution.readback import compare
from provisioner.execution.refusals import SentPackage, explain
from provisioner.model.estate import Estate
from provisioner.names import listed
from provisioner.planning.plan import Change, Plan
from provisioner.salesforce import DeployStatus, Org


def resume(
    org: Org,
    deploy_id: str,
    environment: str,
    replan: Callable[[], Plan],
    options: Options,
    progress: Progress,
    *,
    estate: Estate,
    journal: Journal,
    now: datetime,
) -> Outcome:
    """Wait for a deployment by its id, then plan again: an empty plan is the proof.

    If this machine's journal has the deployment, its components are also read back and compared, and the entry is
    settled. ``estate`` is the current declaration: a refusal names its lines.
    """
    status: DeployStatus | None = None
    try:
        status = find(org, deploy_id)
        if status is None or not status.done:
            status = org.wait_for(deploy_id, minutes=options.minutes, on_progress=progress.look)
        status = replace(status, id=status.id or deploy_id)
        entry, aftermath = _settled(org, journal, deploy_id, status)
        lost = _read_back(org, entry, deploy_id) if entry is not None and status.success else []
        plan = replan()
    except KeyboardInterrupt:
        raise _interrupted(org, journal, deploy_id, environment, status, options, progress) from None
    sent = entry.sent_as(deploy_id) if entry is not None else None
    carried = SentPackage(sent.package() if sent is not None else None, estate, plan.changes, plan.api_version)
    outcome = _outcome(status, plan, lost, carried, aftermath, entry.deployed_names if entry is not None else None)
    if entry is not None:
        close(entry, outcome.result, journal, now)
    return outcome


def _interrupted(
    org: Org,
    journal: Journal,
    deploy_id: str,
    environment: str,
    status: DeployStatus | None,
    options: Options,
    progress: Progress,
) -> ProvisionerError:
    if status is not None and status.done:
        return not_compared(environment, replace(status, id=status.id or deploy_id))
    if options.cancel_on_interrupt:

        def settle(ended: DeployStatus) -> Aftermath:
            return _settled(org, journal, deploy_id, ended)[1]

        return cancel(org, environment, deploy_id, progress, settle)[0]
    return still_running(environment, deploy_id)


def _settled(org: Org, journal: Journal, deploy_id: str, status: DeployStatus) -> tuple[Entry | None, Aftermath]:
    """Return the journal's entry, settled, and what the org holds of a deployment that failed."""
    entry = journal.of_deploy(org.session.org_id, deploy_id)
    sent = entry.sent_as(deploy_id) if entry is not None else None
    if entry is None or sent is None:
        return None, NOTHING if status.success or status.check_only else Aftermath(unread=NOT_COMPARED)
    aftermath = NOTHING if status.success else look_again(org, entry, sent, status)
    return settle(entry, sent, status, journal, applied=not aftermath.is_nothing), aftermath


def _read_back(org: Org, entry: Entry, deploy_id: str) -> list[Problem]:
    """Return the problems of components that differ from the package of any phase of the entry.

    Components that were read back before are not compared again: since then, others may have changed unmanaged parts.
    """
    sent = entry.sent_as(deploy_id)
    if sent is None or sent.check_only or sent is not entry.sent[-1] or entry.outcome == Result.APPLIED:
        return []
    package = entry.deployed()
    names = names_by_type((*package.components, *package.deletions))
    lost = compare(package, org.read(names)) if names else []
    lost += routing_after(org, entry)
    return [replace(each, meaning=f"{each.meaning} Or it was changed in the org since.") for each in lost]


def _outcome(
    status: DeployStatus,
    plan: Plan,
    lost: list[Problem],
    sent: SentPackage,
    aftermath: Aftermath,
    deployed: Collection[Name] | None,
) -> Outcome:
    """Return the outcome; ``deployed`` are the components of all phases of the run, None if they are not known here.

    Changes that no phase carried are left to do; a change of a deployed component is a difference from the plan.
    """
    deploy_id = status.id
    if status.success and status.check_only:
        return Outcome(Result.CHECK_PASSED, ExitStatus.DONE, plan, deploy_id)
    if status.success and plan.changes and not (lost or plan.blocked or _differs_from(deployed, plan)):
        return _left_to_do(plan, deploy_id)
    if status.success:
        converged = plan.is_empty and not plan.blocked and not lost
        return Outcome(
            Result.APPLIED if converged else Result.FAILED,
            ExitStatus.DONE if converged else ExitStatus.ORG_REFUSED,
            plan,
            deploy_id,
            converged=converged,
            problems=tuple(lost),
            notes=() if converged else (_differs(plan, lost),),
            next=None if converged else f"provisioner plan --env {plan.environment}",
            reached=Reached.READ_BACK,
        )
    return Outcome(
        Result.FAILED,
        ExitStatus.ORG_REFUSED,
        plan,
        deploy_id,
        problems=explain(status, sent, aftermath),
        next=f"provisioner plan --env {plan.environment}",
        reached=Reached.NOTHING if aftermath.is_nothing else Reached.PART,
    )


def _differs_from(deployed: Collection[Name] | None, plan: Plan) -> bool:
    """Tell if a change of the plan may be one of a deployed component."""
    changed = [(each.type, each.full_name) for each in plan.changes if each.is_deployed]
    return bool(changed) if deployed is None else any(name in deployed for name in changed)


def _left_to_do(plan: Plan, deploy_id: str) -> Outcome:
    """Return the outcome if everything that was deployed is in the org, and other changes are left."""
    steps = listed([_step(each) for each in plan.changes])
    return Outcome(
        Result.FAILED,
        ExitStatus.ORG_REFUSED,
        plan,
        deploy_id,
        notes=(f"The deployment succeeded and was read back. Left to do, in the next apply: {steps}.",),
        next=f"provisioner apply --env {plan.environment}",
        reached=Reached.READ_BACK,
    )


def _step(change: Change) -> str:
    fields = "" if change.is_deployed else f" ({', '.join(field.path for field in change.fields)})"
    return f"{change.address}{fields}"


def _differs(plan: Plan, lost: list[Problem]) -> str:
    if lost:
        return "The deployment succeeded, but the org differs from the plan after read-back."
    if plan.is_empty:
        return "The deployment succeeded, but a new plan is blocked."
    return "The deployment succeeded, but a new plan is not empty."
