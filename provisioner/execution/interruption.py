"""The messages and the cancellation of an interrupted apply."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

from provisioner.errors import ExitStatus, ProvisionerError
from provisioner.execution.aftermath import NOTHING, Aftermath
from provisioner.execution.progress import Progress
from provisioner.salesforce import DeployStatus, DeployUnsettled, Org

#: The time to wait for a cancelled deployment, in minutes.
CANCEL_MINUTES = 5.0


class DeployInterruptedError(ProvisionerError):
    """A person or the machine stopped the wait. ``deploy_id`` is the deployment, if it is known."""

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


def words_at(
    stage: Stage, environment: str, deploy_id: str | None, applied: list[str], *, check_only: bool
) -> DeployInterruptedError:
    """Return the error of an apply that ended at this stage; ``applied`` names the phases that are done."""
    if stage is Stage.ACTIVATING:
        return DeployInterruptedError(
            "Interrupted while deployments were created or published, or channels activated. The rest was applied and "
            "read back.",
            next=f"provisioner apply --env {environment}",
            deploy_id=deploy_id,
        )
    if check_only and deploy_id is not None and stage in (Stage.NOT_SENT, Stage.FAILED, Stage.SUCCEEDED):
        return DeployInterruptedError(
            "Interrupted between two validations. They change nothing in the org.",
            next="You can safely run the command again.",
            deploy_id=deploy_id,
        )
    if stage is Stage.NOT_SENT and applied:
        return DeployInterruptedError(
            f"Interrupted between two phases. Applied: {', '.join(applied)}; the rest was not sent.",
            next=f"provisioner apply --env {environment}",
            deploy_id=deploy_id,
        )
    if stage is Stage.NOT_SENT and deploy_id is not None:
        return DeployInterruptedError(
            f"Interrupted. Deployment {deploy_id} had failed and changed nothing; nothing further was sent.",
            next=f"provisioner plan --env {environment}",
            deploy_id=deploy_id,
        )
    if stage is Stage.FAILED and deploy_id is not None:
        return DeployInterruptedError(
            f"Interrupted. Deployment {deploy_id} failed. Whether the org holds something of it was not looked at.",
            next=f"provisioner plan --env {environment}",
            deploy_id=deploy_id,
        )
    if stage is Stage.NOT_SENT:
        return DeployInterruptedError("Interrupted. Nothing was sent.", next="You can safely run the command again.")
    if stage is Stage.SENDING or deploy_id is None:
        return DeployInterruptedError(
            "Interrupted before the org accepted a deployment; the deployment may still arrive.",
            next=f"First check `provisioner plan --env {environment}` and Setup > Deployment Status. The next apply "
            f"from this machine looks for that deployment first.",
        )
    if stage is Stage.SUCCEEDED and not check_only:
        return DeployInterruptedError(
            f"Interrupted. Deployment {deploy_id} succeeded in the org; it was not read back.",
            next=resume_command(environment, deploy_id),
            deploy_id=deploy_id,
        )
    return goes_on(environment, deploy_id)


def goes_on(environment: str, deploy_id: str) -> DeployInterruptedError:
    return DeployInterruptedError(
        f"Interrupted. Deployment {deploy_id} continues in the org.",
        next=resume_command(environment, deploy_id),
        deploy_id=deploy_id,
    )


def cancel(
    org: Org,
    environment: str,
    deploy_id: str,
    progress: Progress,
    settle: Callable[[DeployStatus], Aftermath],
) -> tuple[DeployInterruptedError, DeployStatus | None]:
    """Cancel a deployment and wait for its end; return the error for the person, and the last status if there is one.

    ``settle`` reads what a deployment without success changed.
    """
    late = ""
    try:
        progress.step(f"Interrupted. Cancelling deployment {deploy_id}; interrupt again to exit without waiting.")
        try:
            org.cancel_deploy(deploy_id)
        except ProvisionerError as error:
            late = f" ({error.message})"
        status = org.wait_for(deploy_id, minutes=CANCEL_MINUTES, on_progress=progress.look)
        left = NOTHING if status.success else settle(status)
    except KeyboardInterrupt:
        return goes_on(environment, deploy_id), None
    except DeployUnsettled as unsettled:
        return DeployInterruptedError(
            f"Interrupted. Deployment {deploy_id} was to be cancelled{late}, but its result is unknown: "
            f"{unsettled.message}",
            next=unsettled.next,
            deploy_id=deploy_id,
        ), None
    if status.success:
        return DeployInterruptedError(
            f"Interrupted. Deployment {deploy_id} could no longer be cancelled{late}: it succeeded. It was not read "
            f"back.",
            next=resume_command(environment, deploy_id),
            deploy_id=deploy_id,
        ), status
    return DeployInterruptedError(
        f"Interrupted. Deployment {deploy_id} was cancelled (status {status.status}). {left.words}",
        next=f"provisioner plan --env {environment}",
        deploy_id=deploy_id,
    ), status
