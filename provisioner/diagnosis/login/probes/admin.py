"""The org's own record, read by an administrator: the failure of one query does not stop the others.

Sources: object reference (LoginHistory, IdpEventLog, UserLogin, ConnectedApplication, SetupEntityAccess,
PermissionSetAssignment, ExternalClientApplication); Metadata API Developer Guide (ConnectedApp, ExtlClntApp…).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from provisioner.diagnosis.login.evidence import AdminQuery, AdminSeen, Configured, app_with_key
from provisioner.diagnosis.login.probes.app_metadata import read_apps
from provisioner.diagnosis.login.probes.key import compare
from provisioner.diagnosis.login.probes.session import attempt, choose_version
from provisioner.jose.certificates import der_of, parse
from provisioner.salesforce.connection import Connection
from provisioner.salesforce.hosts import host_of
from provisioner.salesforce.rest import Rest
from provisioner.salesforce.simple import format_soql
from provisioner.salesforce.soap import Soap

Rows = tuple[Mapping[str, Any], ...]
#: Rows of logs may be this much later than our attempt: clocks are compared by whole seconds.
_LEEWAY_SECONDS = 1


def look_as_admin(
    connection: Connection,
    who: str,
    configured: Configured,
    key: RSAPrivateKey | None,
    versions: Sequence[str],
    span: tuple[float, float],
) -> AdminSeen:
    """Run all queries. ``span`` is the begin and end of our attempt, by the org's clock (seconds since 1970)."""
    version = choose_version(versions, None)
    record = _Record(Rest(connection, version))
    soap = Soap(connection, version)
    user_id = _user(record, configured.username or "", span)
    record.ask("app-metadata", lambda: read_apps(soap))
    _app(record, configured)
    if user_id is not None:
        record.query(
            "permission-sets",
            "SELECT PermissionSetId, PermissionSet.Name, PermissionSet.PermissionsApiEnabled, "
            "PermissionSet.PermissionsModifyMetadata, ExpirationDate FROM PermissionSetAssignment "
            "WHERE AssigneeId = {}",
            user_id,
        )
    record.query(
        "events",
        "SELECT Timestamp, ErrorCode, AppId, UserId FROM IdpEventLog WHERE Timestamp >= {} AND Timestamp <= {} "
        "ORDER BY Timestamp DESC LIMIT 5",
        *_around(span),
    )
    ours = record.app_of(configured)
    pem = str(ours.get("certificate") or "") if ours is not None else ""
    der = der_of(pem)
    certificate = parse(der) if der is not None else None
    return AdminSeen(
        who=who,
        host=host_of(connection.session.instance_url),
        asked=record.asked,
        certificate=compare(certificate, "the certificate on the app", key) if certificate is not None else None,
        certificate_missing=ours is not None and not pem,
        app_kind=str(ours["kind"]) if ours is not None and ours.get("kind") else None,
    )


def _around(span: tuple[float, float]) -> tuple[datetime, datetime]:
    """Return the span in whole seconds, the precision of the logs."""
    begin, end = span
    return (
        datetime.fromtimestamp(int(begin), UTC),
        datetime.fromtimestamp(int(end) + _LEEWAY_SECONDS, UTC),
    )


class _Record:
    """The queries so far, and their results."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self.asked: dict[str, AdminQuery] = {}

    def query(self, name: str, soql: str, *values: str | datetime) -> Rows:
        return self.ask(name, lambda: self._rest.query(format_soql(soql, *values)))

    def ask(self, name: str, use: Callable[[], Sequence[Mapping[str, Any]]]) -> Rows:
        call, rows = attempt(use)
        found = tuple(rows or ())
        self.asked[name] = AdminQuery(name, found, None if call.ok else call.words)
        return found

    def app_of(self, configured: Configured) -> Mapping[str, Any] | None:
        """Return the app's metadata, found by its consumer key."""
        return app_with_key(self.asked["app-metadata"].rows, configured.consumer_key)


def _user(record: _Record, username: str, span: tuple[float, float]) -> str | None:
    """Query the user, the login state and the login history; return the user's id."""
    users = record.query(
        "user", "SELECT Id, Username, IsActive, UserType, Profile.Name FROM User WHERE Username = {}", username
    )
    if not users:
        return None
    user_id = str(users[0]["Id"])
    record.query("user-login", "SELECT Id, IsFrozen, IsPasswordLocked FROM UserLogin WHERE UserId = {}", user_id)
    record.query(
        "history",
        "SELECT LoginTime, LoginType, Status, SourceIp, Application FROM LoginHistory "
        "WHERE UserId = {} AND LoginTime >= {} AND LoginTime <= {} ORDER BY LoginTime DESC LIMIT 5",
        user_id,
        *_around(span),
    )
    record.query(
        "approvals", "SELECT AppName, UseCount, LastUsedDate, AppMenuItemId FROM OauthToken WHERE UserId = {}", user_id
    )
    return user_id


def _app(record: _Record, configured: Configured) -> None:
    """Query the app's policy, and the users who may use it."""
    ours = record.app_of(configured) or {}
    names = {str(name) for name in (ours.get("label"), ours.get("fullName"), configured.app_name) if name}
    apps: Rows = ()
    if ours.get("kind") != "external":
        apps = record.query(
            "app-policy",
            "SELECT Id, Name, OptionsAllowAdminApprovedUsersOnly, OptionsHasSessionLevelPolicy "
            "FROM ConnectedApplication",
        )
    app = _one_of(apps, names, "Name")
    if app is None and configured.app_kind != "connected":
        clients = record.query("external-apps", "SELECT Id, DeveloperName, MasterLabel FROM ExternalClientApplication")
        client = _one_of(clients, names, "MasterLabel") or _one_of(clients, names, "DeveloperName")
        if client is not None:
            policies = record.query(
                "app-policy",
                "SELECT ExternalClientApplicationId, PermittedUsersPolicyType FROM ExtlClntAppOauthPlcyCnfg",
            )
            mine = [each for each in policies if each.get("ExternalClientApplicationId") == client["Id"]]
            app = {**(mine[0] if mine else {}), "Id": client["Id"]}
    if app is None:
        if "app-policy" in record.asked and record.asked["app-policy"].problem is None:
            which = "which of the org's apps is meant is not known: set app.name in the environment file"
            record.asked["app-policy"] = AdminQuery("app-policy", (), which)
        return
    record.asked["app-policy"] = AdminQuery("app-policy", (app,))
    record.query(
        "access",
        "SELECT ParentId, SetupEntityType FROM SetupEntityAccess WHERE SetupEntityId = {}",
        str(app["Id"]),
    )


def _one_of(rows: Rows, names: set[str], field: str) -> Mapping[str, Any] | None:
    """Return the row with one of the names; without a name, the only row."""
    found = [row for row in rows if str(row.get(field)) in names]
    if not found and not names and len(rows) == 1:
        return rows[0]
    return found[0] if found else None
