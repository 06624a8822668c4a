"""The records that a plan of logins needs, in queries that run in parallel.

Source: Object Reference, User, UserLogin, PermissionSet, PermissionSetAssignment, UserPermissionAccess, OauthToken.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from provisioner.components.login_records import AssignmentRecord, LoginRecords, UserRecord
from provisioner.components.snapshot import Unreadable
from provisioner.errors import ProvisionerError
from provisioner.salesforce.api_errors import OrgFault
from provisioner.salesforce.parallel import in_background
from provisioner.salesforce.simple import format_soql

if TYPE_CHECKING:
    from provisioner.salesforce.client import Org

log = logging.getLogger(__name__)

#: The permissions of an administrator for the changes of a login.
RIGHTS = (
    "ModifyMetadata", "ModifyAllData", "ExternalClientAppDeveloper", "ExternalClientAppAdmin",
    "ManageProfilesPermissionsets", "AssignPermissionSets", "ManageUsers", "ManageRemoteAccess", "ViewSetup",
)  # fmt: skip
#: A query is a part of a URL, which has 16,384 characters at most.
_IDS_IN_A_QUERY = 300
_VIEW_USERS = "View Setup and Configuration"
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LoginRow:
    """A login, or an attempt. ``application`` is the label of the app."""

    at: datetime
    application: str
    user_id: str
    status: str


def read_login_records(
    org: Org, usernames: Collection[str], permission_sets: Collection[str], labels: Mapping[str, str]
) -> LoginRecords:
    """Return the records about these users and permission sets. ``labels`` are the labels of apps by their names.

    Raises :class:`UnreachableError`; a record that the org refuses to show is unreadable, or unknown.
    """
    users = in_background(partial(_users, org, usernames))
    set_ids = in_background(partial(_set_ids, org))
    assignments = in_background(partial(_assignments, org, permission_sets))
    rights = in_background(partial(_rights, org))
    app_users = in_background(partial(_app_users, org, labels))
    return LoginRecords(
        users=users.result(),
        set_ids=set_ids.result(),
        assignments=assignments.result(),
        rights=rights.result(),
        app_users=app_users.result(),
        session_user=org.session.user_id,
        session_app=org.session.client_id,
    )


def _soql(text: str, values: Collection[str]) -> str:
    found: str = format_soql(text, sorted(values))
    return found


def _users(org: Org, usernames: Collection[str]) -> Mapping[str, UserRecord | None] | Unreadable:
    if not usernames:
        return {}
    frozen = in_background(partial(_frozen, org))
    try:
        rows = org.query(_soql("SELECT Id, Username, IsActive FROM User WHERE Username IN {}", usernames))
    except OrgFault as fault:
        return Unreadable(fault.words, _VIEW_USERS)
    held = frozen.result()
    found: dict[str, UserRecord | None] = dict.fromkeys(each.casefold() for each in usernames)
    for row in rows:
        user_id, username = str(row["Id"]), str(row["Username"])
        found[username.casefold()] = UserRecord(user_id, username, bool(row.get("IsActive")), user_id[:15] in held)
    return found


def _frozen(org: Org) -> frozenset[str]:
    """Return the ids of frozen users; none if the org does not show them."""
    try:
        rows = org.query("SELECT UserId FROM UserLogin WHERE IsFrozen = true")
    except ProvisionerError as error:
        log.info("The frozen users could not be read: %s", error)
        return frozenset()
    return frozenset(str(row.get("UserId"))[:15] for row in rows)


def _set_ids(org: Org) -> Mapping[str, str] | Unreadable:
    try:
        rows = org.query("SELECT Id, Name FROM PermissionSet WHERE IsOwnedByProfile = false")
    except OrgFault as fault:
        return Unreadable(fault.words, _VIEW_USERS)
    return {str(row["Name"]): str(row["Id"]) for row in rows}


def _assignments(org: Org, permission_sets: Collection[str]) -> tuple[AssignmentRecord, ...] | Unreadable:
    if not permission_sets:
        return ()
    text = (
        "SELECT AssigneeId, Assignee.Username, PermissionSet.Name FROM PermissionSetAssignment "
        "WHERE PermissionSet.Name IN {}"
    )
    try:
        rows = org.query(_soql(text, permission_sets))
    except OrgFault as fault:
        return Unreadable(fault.words, _VIEW_USERS)
    return tuple(
        AssignmentRecord(
            str(row["AssigneeId"]), _below(row, "Assignee", "Username"), _below(row, "PermissionSet", "Name")
        )
        for row in rows
    )


def _below(row: Row, parent: str, name: str) -> str:
    found = row.get(parent)
    return str(found.get(name) or "") if isinstance(found, dict) else ""


def _rights(org: Org) -> frozenset[str] | None:
    fields = ", ".join(f"Permissions{name}" for name in RIGHTS)
    try:
        rows = org.query(f"SELECT {fields} FROM UserPermissionAccess LIMIT 1")  # noqa: S608 - the fields are constants
    except ProvisionerError as error:
        log.info("The permissions of the session's user could not be read: %s", error)
        return None
    return frozenset(name for name in RIGHTS if rows and rows[0].get(f"Permissions{name}") is True) if rows else None


def _app_users(org: Org, labels: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    """Return the users of the apps, by their tokens; a login by JWT leaves no token, so there may be more users."""
    try:
        tokens = [row for row in org.query("SELECT AppName, UserId FROM OauthToken") if row.get("UserId")]
        ids = sorted({str(row["UserId"]) for row in tokens if row.get("AppName") in {*labels, *labels.values()}})
        parts = [ids[start : start + _IDS_IN_A_QUERY] for start in range(0, len(ids), _IDS_IN_A_QUERY)]
        text = "SELECT Id, Username FROM User WHERE Id IN {}"
        rows = [row for part in parts for row in org.query(_soql(text, part))]
    except ProvisionerError as error:
        log.info("The users of the apps could not be read: %s", error)
        return {}
    names = {str(row["Id"])[:15]: str(row["Username"]) for row in rows}
    found: dict[str, set[str]] = {}
    for row in tokens:
        for app, label in labels.items():
            if row.get("AppName") in (app, label) and (username := names.get(str(row["UserId"])[:15])) is not None:
                found.setdefault(app, set()).add(username)
    return {app: tuple(sorted(users)) for app, users in found.items()}


def read_login_history(org: Org, since: datetime) -> tuple[LoginRow, ...] | str:
    """Return all logins since then, the newest first; a text with the reason if they cannot be read.

    Source: Object Reference, LoginHistory: Application is the label of the app, and neither it nor Status can be
    filtered. A user without Manage Users may see only a part, so a missing login proves nothing by itself.
    """
    moment = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        rows = org.query(
            f"SELECT Application, LoginTime, UserId, Status FROM LoginHistory WHERE LoginTime >= {moment} "  # noqa: S608
            "ORDER BY LoginTime DESC"
        )
        return tuple(
            LoginRow(
                datetime.fromisoformat(str(row["LoginTime"])),
                str(row.get("Application") or ""),
                str(row.get("UserId") or ""),
                str(row.get("Status") or ""),
            )
            for row in rows
        )
    except ProvisionerError as error:
        return error.message
    except (KeyError, ValueError):
        return "a row has no time that can be read"
