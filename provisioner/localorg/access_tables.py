"""The objects with the evidence about a failing login: users, profiles, permissions, histories.

Source: object reference, also for the fields that cannot be filtered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from provisioner.localorg import login_records, permissions
from provisioner.localorg.clock import rest_time
from provisioner.localorg.content import root_of
from provisioner.localorg.ids import with_suffix
from provisioner.localorg.org import Org
from provisioner.localorg.records import USER_PERMISSIONS, Component, MetadataType, User
from provisioner.localorg.soql_tables import Table, table

_PROFILE_IDS = {
    permissions.ADMINISTRATOR: "00eLO0000000001AAA",
    permissions.STANDARD: "00eLO0000000002AAA",
    permissions.INTEGRATION: "00eLO0000000003AAA",
}
_FIELDS = " ".join(f"Permissions{name}" for name in USER_PERMISSIONS)
_SET = "Name Label Description IsOwnedByProfile IsCustom ProfileId License.Name"


def access_tables(org: Org) -> dict[str, Table]:
    sets_of = " ".join(f"PermissionSet.{name}" for name in f"{_SET} {_FIELDS}".split())
    return {
        "User": table(
            "Id Username Name FirstName LastName Email IsActive UserType ProfileId Profile.Name "
            "Profile.UserLicense.Name Alias TimeZoneSidKey",
            lambda: (user_row(org, user) for user in org.users()),
        ),
        "UserLogin": table(
            "Id UserId IsFrozen IsPasswordLocked",
            lambda: (
                {"Id": "0Yw" + user.id[3:], "UserId": user.id, "IsFrozen": user.is_frozen, "IsPasswordLocked": False}
                for user in org.users()
            ),
        ),
        "Profile": table(f"Id Name {_FIELDS}", lambda: (_profile(org, name) for name in _PROFILE_IDS)),
        "PermissionSet": table(f"Id {_SET} {_FIELDS}", lambda: permission_sets(org)),
        "PermissionSetAssignment": table(
            f"Id AssigneeId Assignee.Username PermissionSetId ExpirationDate IsActive {sets_of}",
            lambda: assignments(org),
        ),
        "PermissionSetLicenseAssign": table("Id AssigneeId PermissionSetLicenseId", lambda: ()),
        "ObjectPermissions": table(
            "Id ParentId SobjectType PermissionsViewAllRecords", lambda: _object_permissions(org)
        ),
        "LoginHistory": table(
            "Id LoginTime UserId LoginType LoginSubType Status SourceIp Application Browser LoginUrl TlsProtocol "
            "ApiType",
            lambda: login_records.logins(org),
            "Status Application Browser",
        ),
        "IdpEventLog": table(
            "Id Timestamp ErrorCode IdentityUsed AppId UserId", lambda: login_records.events(org)
        ),
    }  # fmt: skip


def permission_access(org: Org, user: User) -> Table:
    """Return UserPermissionAccess: the permissions of the querying user."""
    return table(f"Id {_FIELDS}", lambda: [{"Id": "000000000000000AAA", **_spelled(org.permissions_of(user.id))}])


def _spelled(held: Iterable[str]) -> dict[str, bool]:
    held = frozenset(held)
    return {f"Permissions{name}": name in held for name in USER_PERMISSIONS}


def profile_set_id(profile: str) -> str:
    """Return the id of the permission set that the profile owns."""
    return with_suffix("0PSLP" + _PROFILE_IDS[profile][5:15])


def user_row(org: Org, user: User) -> dict[str, Any]:
    return {
        "Id": user.id, "Username": user.username, "Name": user.name, "FirstName": user.first_name,
        "LastName": user.last_name, "Email": user.username, "IsActive": user.is_active, "UserType": "Standard",
        "ProfileId": _PROFILE_IDS[user.profile], "Profile.Name": user.profile,
        "Profile.UserLicense.Name": user.license, "Alias": user.first_name.lower()[:8],
        "TimeZoneSidKey": org.faults.argument("user-time-zone") or "GMT",
    }  # fmt: skip


def _object_permissions(org: Org) -> Iterator[dict[str, Any]]:
    """Yield object permissions: administrators may view all messaging sessions, even without View All Data."""
    if not org.faults.on("view-all-by-object"):
        return
    for number, name in enumerate(("MessagingSession", "MessagingEndUser")):
        yield {
            "Id": f"110LO00000000{number:02}AAA", "ParentId": profile_set_id(permissions.ADMINISTRATOR),
            "SobjectType": name, "PermissionsViewAllRecords": True,
        }  # fmt: skip


def _profile(org: Org, name: str) -> dict[str, Any]:
    return {"Id": _PROFILE_IDS[name], "Name": name, **_spelled(org.profile_permissions(name))}


def permission_sets(org: Org) -> Iterator[dict[str, Any]]:
    """Yield the permission sets: those of profiles, and the others."""
    for profile, profile_id in _PROFILE_IDS.items():
        yield {
            "Id": profile_set_id(profile), "Name": "X" + profile_id[:15], "Label": profile_id,
            "Description": None, "IsOwnedByProfile": True, "IsCustom": False, "ProfileId": profile_id,
            "License.Name": None, **_spelled(org.profile_permissions(profile)),
        }  # fmt: skip
    for component in org.store.components(MetadataType.PERMISSION_SET).values():
        yield _permission_set(component)


def _permission_set(component: Component) -> dict[str, Any]:
    root = root_of(component)
    return {
        "Id": component.id, "Name": component.name, "Label": root.value("label"),
        "Description": root.value("description"), "IsOwnedByProfile": False, "IsCustom": True, "ProfileId": None,
        "License.Name": root.value("license"), **_spelled(permissions.in_set(component)),
    }  # fmt: skip


def assignments(org: Org) -> Iterator[dict[str, Any]]:
    """Yield the assignments: of the permission set of the user's profile, and the others."""
    by_id = {row["Id"]: row for row in permission_sets(org)}
    held: list[tuple[str, str, str, int | None]]
    held = [(with_suffix("0PaLP" + user.id[5:15]), user.id, profile_set_id(user.profile), None) for user in org.users()]
    held += [(each.id, each.user_id, each.permission_set_id, each.expires) for each in org.store.assignments()]
    for id_, user_id, set_id, expires in held:
        user = org.user(user_id)
        yield {
            "Id": id_, "AssigneeId": user_id, "Assignee.Username": user.username if user else None,
            "PermissionSetId": set_id, "ExpirationDate": None if expires is None else rest_time(expires),
            "IsActive": expires is None or expires > org.now,
            **{f"PermissionSet.{name}": value for name, value in by_id[set_id].items() if name != "Id"},
        }  # fmt: skip
