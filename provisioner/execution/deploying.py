"""Sends packages to one org: records each before it is sent, waits for it, and sends again if the setup is locked.

Every deployment of this program goes through here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from provisioner.components.package import Package
from provisioner.errors import ProvisionerError
from provisioner.execution.interruption import Stage
from provisioner.execution.progress import Progress, Silent
from provisioner.execution.recorder import Recorder
from provisioner.salesforce import DeployStatus, DeployUnsettled, Org

#: The seconds before each further attempt while another change locks the org's setup.
LOCKED_WAITS = (2.0, 4.0, 8.0, 16.0)


def _unheard(deploy_id: str) -> None:
    """Do nothing with an accepted deployment."""


def _never() -> bool:
    """Return that no component changed."""
    return False


@dataclass(slots=True)
class Deploying:
    """The deployments of one run. ``minutes`` bounds the wait for each; ``sleep`` is for tests.

    ``stage`` and ``deploy_id`` are those of the latest one. ``on_accepted`` is called before the wait begins.
    """

    org: Org
    recorder: Recorder
    check_only: bool = False
    minutes: float = 30.0
    progress: Progress = field(default_factory=Silent)
    sleep: Callable[[float], None] = time.sleep
    on_accepted: Callable[[str], None] = _unheard
    deploy_id: str | None = None
    stage: Stage = Stage.NOT_SENT

    def send(
        self,
        package: Package,
        *,
        api_version: str,
        phase: str | None,
        known: frozenset[str] | None,
        ignore_warnings: bool = False,
        is_outdated: Callable[[], bool] = _never,
    ) -> DeployStatus:
        """Send the package, wait, and return the result. Try again while another change locks the org's setup.

        ``known`` are the deployments in the org just before: with them, this one is found again if its answer is lost.
        ``ignore_warnings``: the org's warnings do not fail the deployment. ``is_outdated`` tells, before each further
        attempt, if the change that locked the setup changed a component of the package: then it is not sent again.
        """
        content = package.to_zip(api_version)
        status = self._send_once(content, package, phase, known, ignore_warnings)
        for seconds in LOCKED_WAITS:
            if not status.setup_locked:
                break
            self.progress.step("The org's setup is locked by another change; trying again.")
            self.sleep(seconds)
            if is_outdated():
                break
            status = self._send_once(content, package, phase, known, ignore_warnings)
        return status

    def _send_once(
        self,
        content: bytes,
        package: Package,
        phase: str | None,
        known: frozenset[str] | None,
        ignore_warnings: bool,
    ) -> DeployStatus:
        if self.deploy_id is not None and known is not None:
            known |= {self.deploy_id[:15]}  # the org's deployments include the first attempt
        self.recorder.about_to_send(package, phase=phase, check_only=self.check_only, known=known)
        self.stage = Stage.SENDING
        try:
            self.deploy_id = self.org.deploy(
                content, check_only=self.check_only, known=known, ignore_warnings=ignore_warnings
            )
        except DeployUnsettled:
            raise
        except ProvisionerError as error:
            self.stage = Stage.NOT_SENT
            self.recorder.not_accepted(error.message)
            self.recorder.ended("failed", [error.message])
            raise
        self.stage = Stage.ACCEPTED
        self.recorder.accepted(self.deploy_id)
        verb = "Validation" if self.check_only else "Deployment"
        self.progress.step(f"{verb} {self.deploy_id} accepted.")
        self.on_accepted(self.deploy_id)
        status = self.org.wait_for(self.deploy_id, minutes=self.minutes, on_progress=self.progress.look)
        self.stage = Stage.SUCCEEDED if status.success else Stage.FAILED
        if status.success or status.setup_locked:
            self.recorder.over(status)
        return status
