"""The permissions of the session: one call to the REST API, one to the SOAP Metadata API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from provisioner.diagnosis.login.evidence import Call, SessionSeen
from provisioner.errors import ProvisionerError
from provisioner.salesforce.api_errors import OrgFault
from provisioner.salesforce.clock import Clock
from provisioner.salesforce.connection import Borrowed
from provisioner.salesforce.login import Session, TokenFormat
from provisioner.salesforce.rest import Rest
from provisioner.salesforce.settings import LOWEST_API_VERSION, LoginSettings, version_number
from provisioner.salesforce.soap import Soap, element
from provisioner.salesforce.transport import Transport

T = TypeVar("T")


def look_at_session(
    session: Session,
    scope: str | None,
    versions: Sequence[str],
    settings: LoginSettings,
    transport: Transport,
    clock: Clock,
) -> SessionSeen:
    """Use the session once with each API. ``versions`` are those that the host offers, if known."""
    version = choose_version(versions, settings.api_version)
    connection = Borrowed(session, settings, transport, clock)
    soql = "SELECT Id, IsSandbox, OrganizationType, TrialExpirationDate FROM Organization"
    rest, rows = attempt(lambda: Rest(connection, version).query(soql))
    describe = element("describeMetadata", element("asOfVersion", text=version))
    soap, _ = attempt(lambda: Soap(connection, version).call(describe))
    organization = rows[0] if rows else {}
    sandbox = organization.get("IsSandbox")
    return SessionSeen(
        org_id=str(organization.get("Id") or session.org_id),
        instance_url=session.instance_url,
        jwt_format=session.token_format is TokenFormat.JWT,
        scope=scope,
        rest=rest,
        soap=soap,
        sandbox=sandbox if isinstance(sandbox, bool) else None,
        api_version=version,
    )


def choose_version(versions: Sequence[str], pinned: str | None) -> str:
    """Return the pinned version if it is offered, else the newest; if none is known, the lowest that is sufficient."""
    usable = []
    for version in versions:
        try:
            usable.append((version_number(version), version))
        except ValueError:
            continue
    if pinned is not None and (pinned in versions or not usable):
        return pinned
    return max(usable)[1] if usable else LOWEST_API_VERSION


def attempt(use: Callable[[], T]) -> tuple[Call, T | None]:
    """Call once; return the result, or the org's error."""
    try:
        return Call(ok=True), use()
    except OrgFault as fault:
        return Call(False, fault.fault_code, fault.text), None
    except ProvisionerError as error:
        return Call(False, "", error.message), None
