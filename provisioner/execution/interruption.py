"""The messages and the cancellation of an interrupted apply."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import Enum, auto
from typing import assert_never

from provisioner.errors import ExitStatus, ProvisionerError
from provisioner.execution.aftermath import NOTHING, Aftermath
from provisioner.execution.progress import Progress
from provisioner.salesforce import DeployStatus, DeployUnsettled, Org

#: The time to wait for a cancelled deployment, in minutes.
CANCEL_MINUTES = 5.0


class DeployInterruptedError(ProvisionerError):
    """A person or the machine stopped the apply. ``deploy_id`` is its deployment, if it is known."""

    code = "interrupted"
    exit_status = ExitStatus.INTERRUPTED

    def __init__(self, message: str, *, next: str, deploy_id: str | None = None) -> None:
        super().__init__(message, next=next)
        self.deploy_id = deploy_id


class Stage(Enum):
    """The stage of one deployment."""

    NOT_SENT = auto()
    SENDING = auto()
    ACCEPTED = auto()
    FAILED = auto()
    SUCCEEDED = auto()
    ACTIVATING = auto()


def resume_command(environment: str, deploy_id: str) -> str:
    return f"provisioner apply --env {environment} --resume {deploy_id}"


def interrupted(
    stage: Stage, environment: str, deploy_id: str | None, applied: Sequence[str], *, check_only: bool
) -> DeployInterruptedError:
    """Return the error of an apply that ended at this stage; ``applied`` names the phases that are done."""
    again, plan = f"provisioner apply --env {environment}", f"provisioner plan --env {environment}"
    match stage:
        case Stage.ACTIVATING:
            message = (
                "Interrupted while deployments were created or published, or channels activated. The rest was applied "
                "and read back."
            )
            then = again
        case Stage.NOT_SENT | Stage.FAILED | Stage.SUCCEEDED if check_only and deploy_id is not None:
            message = "Interrupted between two validations. They change nothing in the org."
            then = "You can safely run the command again."
        case Stage.NOT_SENT if applied:
            message = f"Interrupted between two phases. Applied: {', '.join(applied)}; the rest was not sent."
            then = again
        case Stage.NOT_SENT if deploy_id is not None:
            message = f"Interrupted. Deployment {deploy_id} failed and changed nothing; nothing further was sent."
            then = plan
        case Stage.NOT_SENT:
            message, then = "Interrupted. Nothing was sent.", "You can safely run the command again."
        case Stage.FAILED if deploy_id is not None:
            message = (
                f"Interrupted. Deployment {deploy_id} failed. Whether it changed anything in the org was not read."
                f"{_before(applied)}"
            )
            then = plan
        case Stage.SUCCEEDED if deploy_id is not None and not check_only:
            message = f"Interrupted. Deployment {deploy_id} succeeded in the org; it was not read back."
            then = resume_command(environment, deploy_id)
        case Stage.ACCEPTED | Stage.FAILED | Stage.SUCCEEDED if deploy_id is not None:
            return still_running(environment, deploy_id, applied)
        case Stage.SENDING | Stage.ACCEPTED | Stage.FAILED | Stage.SUCCEEDED:
            deploy_id = None  # that of the phase before
            message = (
                f"Interrupted before the org accepted a deployment; the deployment may still arrive.{_before(applied)}"
            )
            then = (
                f"First check `{plan}` and Setup > Deployment Status. The next apply from this machine looks for that "
                f"deployment first."
            )
        case _:
            assert_never(stage)
    return DeployInterruptedError(message, next=then, deploy_id=deploy_id)


def still_running(environment: str, deploy_id: str, applied: Sequence[str] = ()) -> DeployInterruptedError:
    """Return the error of an apply that no longer waits for its deployment."""
    return DeployInterruptedError(
        f"Interrupted. Deployment {deploy_id} continues in the org.{_before(applied)}",
        next=resume_command(environment, deploy_id),
        deploy_id=deploy_id,
    )


def not_compared(environment: str, status: DeployStatus, applied: Sequence[str] = ()) -> DeployInterruptedError:
    """Return the error of an apply that did not compare the org after its deployment."""
    return DeployInterruptedError(
        f"Interrupted. Deployment {status.id} has finished ({status.status}); the org was not compared with the "
        f"plan.{_before(applied)}",
        next=resume_command(environment, status.id),
        deploy_id=status.id,
    )


def _before(applied: Sequence[str]) -> str:
    return f" Applied before that: {', '.join(applied)}." if applied else ""


def cancel(
    org: Org,
    environment: str,
    deploy_id: str,
    progress: Progress,
    settle: Callable[[DeployStatus], Aftermath],
    applied: Sequence[str] = (),
) -> tuple[DeployInterruptedError, DeployStatus | None]:
    """Cancel a deployment and wait for its end; return the error for the person, and the last status if there is one.

    ``settle`` reads what a deployment without success changed. ``applied`` names the earlier phases.
    """
    refused, before = "", _before(applied)
    status: DeployStatus | None = None
    try:
        progress.step(f"Interrupted. Cancelling deployment {deploy_id}; interrupt again to exit without waiting.")
        try:
            org.cancel_deploy(deploy_id)
        except ProvisionerError as error:
            refused = f" ({error.message})"
        status = org.wait_for(deploy_id, minutes=CANCEL_MINUTES, on_progress=progress.look)
        left = NOTHING if status.success else settle(status)
    except KeyboardInterrupt:
        if status is not None:
            return not_compared(environment, replace(status, id=status.id or deploy_id), applied), status
        return still_running(environment, deploy_id, applied), None
    except DeployUnsettled as unsettled:
        message = (
            f"Interrupted. The cancellation of deployment {deploy_id} was requested{refused}, but its result is not "
            f"known: {unsettled.message}{before}"
        )
        return DeployInterruptedError(message, next=unsettled.next, deploy_id=deploy_id), None
    if status.success:
        message = (
            f"Interrupted. Deployment {deploy_id} could no longer be cancelled{refused}: it succeeded. It was not read "
            f"back.{before}"
        )
        then = resume_command(environment, deploy_id)
    else:
        message = f"Interrupted. Deployment {deploy_id} was cancelled (status {status.status}). {left.words}{before}"
        then = f"provisioner plan --env {environment}"
    return DeployInterruptedError(message, next=then, deploy_id=deploy_id), status
