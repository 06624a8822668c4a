"""Going on with a deployment that was started before, from any machine, by its id alone."""

from __future__ import annotations

from collections.abc import Callable

from provisioner.components.metadata import MetadataType
from provisioner.errors import ExitStatus
from provisioner.execution.apply import DeployInterruptedError, Options
from provisioner.execution.outcome import Outcome, Problem, Result
from provisioner.execution.progress import Progress
from provisioner.org import Org
from provisioner.planning.plan import Plan


def resume(org: Org, deploy_id: str, replan: Callable[[], Plan], options: Options, progress: Progress) -> Outcome:
    """Wait for a deployment by its id alone, then plan anew: an empty plan is the proof."""
    try:
        status = org.wait_for(deploy_id, minutes=options.minutes, on_progress=progress.look)
    except KeyboardInterrupt:
        raise DeployInterruptedError(
            f"Interrupted. Deployment {deploy_id} goes on in the org.",
            next="Run the same command again to go on waiting.",
        ) from None
    plan = replan()
    if status.success and status.check_only:
        return Outcome(Result.CHECK_PASSED, ExitStatus.DONE, plan, deploy_id)
    if status.success:
        converged = plan.is_empty and not plan.blocked
        return Outcome(
            Result.APPLIED if converged else Result.FAILED,
            ExitStatus.DONE if converged else ExitStatus.ORG_REFUSED,
            plan,
            deploy_id,
            converged=converged,
            notes=() if converged else ("The deployment succeeded, but a new plan is not empty.",),
            next=None if converged else f"provisioner plan --env {plan.environment}",
        )
    problems = tuple(
        Problem(
            failure.problem,
            "The org's own words; nothing was applied.",
            _address(failure.component_type, failure.full_name),
        )
        for failure in status.failures
    )
    if not problems:
        words = ": ".join(part for part in (status.error_status_code, status.error_message) if part)
        problems = (Problem(words or f"It ended as {status.status}.", "Nothing was applied."),)
    return Outcome(Result.FAILED, ExitStatus.ORG_REFUSED, plan, deploy_id, converged=False, problems=problems)


def _address(xml_name: str, full_name: str) -> str | None:
    kind = next((kind for kind in MetadataType if kind.xml_name == xml_name), None)
    return kind.address(full_name) if kind is not None else None
