"""The objects that tell an administrator why a login goes wrong: users, profiles, apps, policies, histories.

Source: object reference; which fields cannot be filtered stands there, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from provisioner.localorg import login_records
from provisioner.localorg.org import Org
from provisioner.localorg.records import App
from provisioner.localorg.seed import PROFILE
from provisioner.localorg.soql_tables import Table, table

_PROFILE_IDS = {PROFILE: "00eLO0000000001AAA", "Standard User": "00eLO0000000002AAA"}


def access_tables(org: Org) -> dict[str, Table]:
    return {
        "User": table(
            "Id Username Name FirstName LastName Email IsActive UserType ProfileId Profile.Name Alias TimeZoneSidKey",
            lambda: _users(org),
        ),
        "UserLogin": table(
            "Id UserId IsFrozen IsPasswordLocked",
            lambda: (
                {"Id": "0Yw" + user.id[3:], "UserId": user.id, "IsFrozen": user.is_frozen, "IsPasswordLocked": False}
                for user in org.users()
            ),
        ),
        "Profile": table(
            "Id Name PermissionsApiEnabled PermissionsModifyMetadata PermissionsCustomizeApplication "
            "PermissionsViewSetup",
            lambda: (_profile(org, name) for name in _PROFILE_IDS),
        ),
        "PermissionSetAssignment": table(
            "Id AssigneeId PermissionSetId PermissionSet.Name PermissionSet.IsOwnedByProfile ExpirationDate "
            "PermissionSet.PermissionsApiEnabled PermissionSet.PermissionsModifyMetadata "
            "PermissionSet.PermissionsViewAllData",
            lambda: _assignments(org),
        ),
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
        **_app_tables(org),
    }  # fmt: skip


def _app_tables(org: Org) -> dict[str, Table]:
    return {
        "ConnectedApplication": table(
            "Id Name OptionsAllowAdminApprovedUsersOnly OptionsHasSessionLevelPolicy",
            lambda: (
                {
                    "Id": app.id, "Name": app.name, "OptionsAllowAdminApprovedUsersOnly": app.admin_approved_only,
                    "OptionsHasSessionLevelPolicy": org.faults.on("session-level-policy"),
                }
                for app in _installed(org, external=False)
            ),
        ),
        "ExternalClientApplication": table(
            "Id DeveloperName MasterLabel DistributionState",
            lambda: (
                {"Id": app.id, "DeveloperName": app.name, "MasterLabel": app.name, "DistributionState": "Local"}
                for app in _installed(org, external=True)
            ),
        ),
        "ExtlClntAppOauthPlcyCnfg": table(
            "Id ExternalClientApplicationId PermittedUsersPolicyType",
            lambda: (
                {
                    "Id": "0xP" + app.id[3:], "ExternalClientApplicationId": app.id,
                    "PermittedUsersPolicyType":
                        "AdminApprovedPreAuthorized" if app.admin_approved_only else "AllSelfAuthorized",
                }
                for app in _installed(org, external=True)
            ),
        ),
        "SetupEntityAccess": table(
            "Id SetupEntityId SetupEntityType ParentId Parent.Name Parent.IsOwnedByProfile Parent.Profile.Name",
            lambda: (
                {
                    "Id": "0J0" + app.id[3:], "SetupEntityId": app.id,
                    "SetupEntityType": "ExternalClientApplication" if app.external else "ConnectedApplication",
                    "ParentId": "0PS" + _PROFILE_IDS[profile][3:], "Parent.Name": "X" + _PROFILE_IDS[profile][:15],
                    "Parent.IsOwnedByProfile": True, "Parent.Profile.Name": profile,
                }
                for app in org.apps()
                for profile in app.profiles
            ),
        ),
        "OauthToken": table(
            "Id AppName UserId UseCount LastUsedDate AppMenuItemId",
            lambda: (
                {
                    "Id": "0CQ" + user.id[3:], "AppName": app.name, "UserId": user.id, "UseCount": 1,
                    "LastUsedDate": None, "AppMenuItemId": "0DS" + app.id[3:] if app.installed else None,
                }
                for app in org.apps()
                for user in org.users()
                if app.consumer_key in user.approvals
            ),
        ),
    }  # fmt: skip


def _installed(org: Org, *, external: bool) -> list[App]:
    return [app for app in org.apps() if app.installed and app.external is external]


def _users(org: Org) -> Iterator[dict[str, Any]]:
    for user in org.users():
        yield {
            "Id": user.id, "Username": user.username, "Name": user.name, "FirstName": user.first_name,
            "LastName": user.last_name, "Email": user.username, "IsActive": user.is_active, "UserType": "Standard",
            "ProfileId": _PROFILE_IDS[user.profile], "Profile.Name": user.profile,
            "Alias": user.first_name.lower()[:8], "TimeZoneSidKey": org.faults.argument("user-time-zone") or "GMT",
        }  # fmt: skip


def _assignments(org: Org) -> Iterator[dict[str, Any]]:
    """A user holds the permission set that the profile owns; the org has no others."""
    hidden = org.faults.on("sessions-not-shared") or org.faults.on("view-all-by-object")
    for user in org.users():
        profile, profile_id = _profile(org, user.profile), _PROFILE_IDS[user.profile]
        yield {
            "Id": "0Pa" + user.id[3:], "AssigneeId": user.id, "PermissionSetId": "0PS" + profile_id[3:],
            "PermissionSet.Name": "X" + profile_id[:15], "PermissionSet.IsOwnedByProfile": True, "ExpirationDate": None,
            "PermissionSet.PermissionsApiEnabled": profile["PermissionsApiEnabled"],
            "PermissionSet.PermissionsModifyMetadata": profile["PermissionsModifyMetadata"],
            "PermissionSet.PermissionsViewAllData": profile["PermissionsApiEnabled"] and not hidden,
        }  # fmt: skip


def _object_permissions(org: Org) -> Iterator[dict[str, Any]]:
    """The administrators' profile may view all messaging sessions, also if it lacks View All Data."""
    if not org.faults.on("view-all-by-object"):
        return
    for number, name in enumerate(("MessagingSession", "MessagingEndUser")):
        yield {
            "Id": f"110LO00000000{number:02}AAA", "ParentId": "0PS" + _PROFILE_IDS[PROFILE][3:], "SobjectType": name,
            "PermissionsViewAllRecords": True,
        }  # fmt: skip


def _profile(org: Org, name: str) -> dict[str, Any]:
    admin = name == PROFILE
    return {
        "Id": _PROFILE_IDS[name],
        "Name": name,
        "PermissionsApiEnabled": admin and not org.faults.on("api-not-enabled"),
        "PermissionsModifyMetadata": admin and not org.faults.on("metadata-permission-missing"),
        "PermissionsCustomizeApplication": admin,
        "PermissionsViewSetup": admin and not org.faults.on("channel-unreadable"),
    }
