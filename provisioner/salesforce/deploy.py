"""Deployments: sends a package at most once, waits for it, cancels it.

Source: Metadata API Developer Guide, deploy(), checkDeployStatus(), cancelDeploy(); Tooling API, DeployRequest.
"""

from __future__ import annotations

import binascii
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import requests
from lxml import etree

from provisioner.components.package import ZIP_BYTES_AT_MOST
from provisioner.components.xml import text_of
from provisioner.errors import InputError, ProvisionerError, StillRunningError, UnreachableError
from provisioner.model.ids import is_id, same_id
from provisioner.salesforce.api_errors import AttemptFailed, OrgFault
from provisioner.salesforce.clock import Clock
from provisioner.salesforce.connection import Connection
from provisioner.salesforce.deploy_status import DeployStatus, parse_deploy_status
from provisioner.salesforce.login import Session
from provisioner.salesforce.rest import Rest
from provisioner.salesforce.retries import ONE_ATTEMPT, RetryPolicy
from provisioner.salesforce.soap import ZIP_PLACE, Soap, element

log = logging.getLogger(__name__)

_RECENT_DEPLOYS = (
    "SELECT Id, Status, CheckOnly, CreatedById, CreatedDate FROM DeployRequest ORDER BY CreatedDate DESC LIMIT 200"
)
#: The waiting time before each search for a deployment with a lost answer, in seconds.
_LOOKS = (0.5, 1.0, 2.0, 4.0)
#: The org's internal error: it does not prove that no deployment was accepted.
_PROVES_NOTHING = "UNKNOWN_EXCEPTION"
#: After this time without a good answer, the wait stops. Early polls may fail: an org answers
#: INVALID_CROSS_REFERENCE_KEY while it queues.
SILENCE_SECONDS = 90.0
_FIRST_PAUSE, _QUICK_PAUSE, _SLOW_PAUSE = 0.05, 1.0, 2.0
_QUICK_SECONDS = 30.0
#: The final statuses of a deployment; only ``done`` proves that it has finished.
_OVER = frozenset(
    ("Succeeded", "SucceededPartial", "Failed", "Canceled", "FinalizingFailed", "FinalizingDeployFailed", "Expired")
)


@dataclass(frozen=True, slots=True)
class RecentDeploy:
    """A deployment as the org lists it. ``is_own``: this login's user started it. ``since`` is the org's own text."""

    id: str
    status: str
    check_only: bool
    is_own: bool
    since: str

    @property
    def key(self) -> str:
        """Return the 15 characters that identify the deployment."""
        return self.id[:15]

    @property
    def seems_to_run(self) -> bool:
        return self.status not in _OVER


def keys_of(deploys: tuple[RecentDeploy, ...] | None) -> frozenset[str] | None:
    """Return the keys of deployments for :meth:`Deployments.submit`."""
    return None if deploys is None else frozenset(each.key for each in deploys)


class DeployUnsettled(StillRunningError):
    """A deployment is running, or may be; ``deploy_id`` is None if the org's answer with the id was lost."""

    def __init__(self, message: str, *, next: str, code: str | None = None, deploy_id: str | None = None) -> None:
        super().__init__(message, next=next, code=code)
        self.deploy_id = deploy_id


class Deployments:
    """The deployments of one org, as one connection sees them."""

    def __init__(self, connection: Connection, soap: Soap, rest: Rest) -> None:
        self._connection = connection
        self._soap = soap
        self._rest = rest

    def recent(self) -> tuple[RecentDeploy, ...] | None:
        """Return the newest deployments of all users in the org; None if it does not show them.

        Raises :class:`UnreachableError`: nothing should be sent to an org that does not answer.
        """
        try:
            return self._listed()
        except OrgFault as error:
            log.info("The org's deployments could not be listed: %s", error)
            return None

    def _listed(self) -> tuple[RecentDeploy, ...]:
        rows = self._rest.query(_RECENT_DEPLOYS, tooling=True)
        return tuple(_recent(row, self._connection.session.user_id) for row in rows)

    def submit(
        self, package: bytes, *, check_only: bool, known: frozenset[str] | None, ignore_warnings: bool = False
    ) -> str:
        """Send a zip (manifest at its root); return the deployment's id.

        ``ignore_warnings``: the org's warnings do not fail the deployment.
        ``known`` is the earlier result of :meth:`recent`. A request that was certainly not accepted is sent again. If
        the answer was lost, the org is asked for a deployment that is not ``known`` before anything is sent again.
        Raises :class:`DeployUnsettled` if that stays open, :class:`OrgFault`, :class:`UnreachableError`.
        """
        if len(package) > ZIP_BYTES_AT_MOST:
            raise InputError(
                f"The package has {len(package):,} bytes, but a deployment takes at most {ZIP_BYTES_AT_MOST:,}.",
                next="Apply in parts, with --target.",
                code="package-too-large",
            )
        operation = _operation(check_only, ignore_warnings)

        def send(http: requests.Session, session: Session) -> str:
            try:
                zipped = binascii.b2a_base64(package, newline=False)
                return _accepted(self._soap.send_once(operation, http, session, zipped))
            except AttemptFailed as failed:
                if not failed.lost:
                    raise
                return self._find(known, check_only, failed) or _raise(failed)
            except OrgFault as fault:
                if fault.fault_code != _PROVES_NOTHING:
                    raise
                return self._find(known, check_only, fault) or _raise(fault)

        return self._connection.call(send)

    def status(self, deploy_id: str, *, patience: RetryPolicy | None = None) -> DeployStatus:
        """Return the current status.

        Raises :class:`OrgFault` if the org has no such deployment, :class:`UnreachableError`.
        """
        question = element(
            "checkDeployStatus", element("asyncProcessId", text=deploy_id), element("includeDetails", text="true")
        )
        results = self._soap.call(question, patience=patience)
        if not results:
            raise UnreachableError(
                f"The org returned no status for deployment {deploy_id}.",
                next="Run the command again in a minute.",
            )
        status = parse_deploy_status(results[0])
        if status.id and not same_id(status.id, deploy_id):
            raise UnreachableError(
                f"The org answered the question for deployment {deploy_id} with another deployment.",
                next="Run the command again in a minute.",
            )
        return status

    def cancel(self, deploy_id: str) -> None:
        """Ask the org to cancel a deployment; its status becomes Canceled, or Succeeded if it was too late.

        Raises :class:`OrgFault` (INVALID_ID_FIELD) if it has finished, or is being finalized.
        """
        self._soap.call(element("cancelDeploy", element("String", text=deploy_id)))

    def _find(self, known: frozenset[str] | None, check_only: bool, why: Exception) -> str | None:
        """Return our user's only new deployment; None if there is certainly none."""
        log.info("The answer to the deployment was lost (%s); looking for it in the org.", why)
        if known is None or not self._connection.session.user_id:
            raise self._unknown(why, "the org does not let this user list its deployments")
        for pause in _LOOKS:
            self._connection.clock.sleep(pause)
            try:
                listed = self._listed()
            except (OrgFault, UnreachableError) as error:
                raise self._unknown(why, f"its deployments could not be listed: {error}") from error
            ours = (each for each in listed if each.is_own and each.check_only is check_only)
            new = [each.id for each in ours if each.key not in known]
            if len(new) == 1:
                return new[0]
            if new:
                raise self._unknown(why, f"there are several new deployments of this user: {', '.join(new)}")
        return None

    def _unknown(self, why: Exception, more: str) -> DeployUnsettled:
        environment = self._connection.settings.environment
        return DeployUnsettled(
            f"The org's answer to the deployment was lost ({why}), and {more}. It is unknown whether it was accepted.",
            next="Check Setup > Deployment Status. When no deployment of this user is running, run provisioner plan "
            f"--env {environment}: a new plan is safe, because it compares with the current org. With the "
            "deployment id: "
            f"provisioner apply --env {environment} --resume ID.",
            code="outcome-unknown",
        )


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


def _recent(row: Mapping[str, object], user_id: str) -> RecentDeploy:
    deploy_id = str(row.get("Id"))
    if not is_id(deploy_id):
        raise UnreachableError(
            "The org lists a deployment whose id does not have the shape of an id.",
            next="Check any proxy between this machine and Salesforce; -vv shows the answer.",
        )
    return RecentDeploy(
        deploy_id,
        str(row.get("Status")),
        bool(row.get("CheckOnly")),
        bool(user_id) and str(row.get("CreatedById"))[:15] == user_id[:15],
        str(row.get("CreatedDate") or "an unknown time"),
    )


def _operation(check_only: bool, ignore_warnings: bool) -> etree._Element:
    """Return the deploy element, with :data:`ZIP_PLACE` in the place of the package.

    It has no testLevel: without Apex no tests run, and production orgs refuse NoTestRun.
    """
    options = {
        "allowMissingFiles": False,
        "autoUpdatePackage": False,
        "checkOnly": check_only,
        "ignoreWarnings": ignore_warnings,
        "performRetrieve": False,
        "purgeOnDelete": False,
        "rollbackOnError": True,
        "singlePackage": True,
    }
    return element(
        "deploy",
        element("ZipFile", text=ZIP_PLACE),
        element("DeployOptions", *(element(name, text=str(value).lower()) for name, value in options.items())),
    )


def _accepted(results: list[etree._Element]) -> str:
    deploy_id = text_of(results[0], "id") if results else None
    if deploy_id is None or not is_id(deploy_id):
        failure = UnreachableError(
            "The org answered the deployment without an id.", next="Check Setup > Deployment Status."
        )
        raise AttemptFailed(failure, lost=True)
    return deploy_id


def _raise(error: Exception) -> str:
    raise error
