"""Waits for a deployment: only ``done`` ends the wait, not the status."""

from __future__ import annotations

import logging
from collections.abc import Callable

from provisioner.errors import ProvisionerError
from provisioner.salesforce.clock import Clock
from provisioner.salesforce.deploy import Deployments, DeployUnsettled
from provisioner.salesforce.deploy_status import DeployStatus
from provisioner.salesforce.retries import ONE_ATTEMPT

log = logging.getLogger(__name__)

#: After this time without a good answer, the wait stops. Early polls may fail: an org answers
#: INVALID_CROSS_REFERENCE_KEY while it queues.
SILENCE_SECONDS = 90.0
_FIRST_PAUSE, _QUICK_PAUSE, _SLOW_PAUSE = 0.05, 1.0, 2.0
_QUICK_SECONDS = 30.0


def wait_for(
    deployments: Deployments,
    deploy_id: str,
    *,
    minutes: float,
    on_progress: Callable[[DeployStatus], None],
    clock: Clock,
    environment: str,
) -> DeployStatus:
    """Poll until the deployment is done; ``on_progress`` gets every good answer, the last one included.

    Raises :class:`DeployUnsettled` with the id, after ``minutes`` or after 90 seconds without one good answer.
    """
    began = last_heard = clock.monotonic()
    pause, trouble = _FIRST_PAUSE, ""

    def unsettled(message: str) -> DeployUnsettled:
        resume = f"provisioner apply --env {environment} --resume {deploy_id}"
        return DeployUnsettled(message, next=f"Continue to wait, from any machine, with: {resume}", deploy_id=deploy_id)

    while True:
        try:
            status = deployments.status(deploy_id, patience=ONE_ATTEMPT)
        except ProvisionerError as error:
            trouble = error.message
            log.info("Reading the status of deployment %s failed: %s", deploy_id, trouble)
        else:
            last_heard = clock.monotonic()
            on_progress(status)
            if status.done:
                return status
        now = clock.monotonic()
        if now - last_heard >= SILENCE_SECONDS:
            raise unsettled(
                f"Deployment {deploy_id} was accepted, but for {SILENCE_SECONDS:.0f} seconds the org returned no "
                f"valid status ({trouble}). It may continue in the org."
            )
        if now - began >= minutes * 60:
            raise unsettled(
                f"Deployment {deploy_id} did not finish within {minutes:g} minutes; it continues in the org."
            )
        clock.sleep(pause)
        pause = min(pause * 1.5, _QUICK_PAUSE if now - began < _QUICK_SECONDS else _SLOW_PAUSE)
