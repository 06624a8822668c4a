"""The objects that can be queried, and their rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from provisioner.localorg.chat_deployments import DEPLOYMENTS, address_of
from provisioner.localorg.clock import rest_time
from provisioner.localorg.content import root_of
from provisioner.localorg.org import Org
from provisioner.localorg.records import Component, Deployment, MetadataType
from provisioner.localorg.seed import PROFILE
from provisioner.localorg.soql import Table

_TRIAL_DAYS = 30
_DAY_MS = 86_400_000
_PROFILE_IDS = {PROFILE: "00eLO0000000001AAA", "Standard User": "00eLO0000000002AAA"}


def _table(names: str, rows: Callable[[], Iterable[dict[str, Any]]], unfilterable: str = "") -> Table:
    return Table(frozenset(names.split()), lambda: list(rows()), frozenset(unfilterable.split()))


def data_tables(org: Org) -> dict[str, Table]:
    """What the query resource knows."""
    return {
        "Organization": _table(
            "Id Name IsSandbox OrganizationType TrialExpirationDate InstanceName NamespacePrefix IsReadOnly "
            "LanguageLocaleKey CreatedDate",
            lambda: [organization(org)],
        ),
        "User": _table(
            "Id Username Name FirstName LastName Email IsActive UserType ProfileId Profile.Name Alias",
            lambda: (
                {
                    "Id": user.id, "Username": user.username, "Name": user.name, "FirstName": user.first_name,
                    "LastName": user.last_name, "Email": user.username, "IsActive": user.is_active,
                    "UserType": "Standard", "ProfileId": _PROFILE_IDS[user.profile], "Profile.Name": user.profile,
                    "Alias": user.first_name.lower()[:8],
                }
                for user in org.users()
            ),
        ),
        "UserLogin": _table(
            "Id UserId IsFrozen IsPasswordLocked",
            lambda: (
                {"Id": "0Yw" + user.id[3:], "UserId": user.id, "IsFrozen": user.is_frozen, "IsPasswordLocked": False}
                for user in org.users()
            ),
        ),
        "Profile": _table(
            "Id Name PermissionsApiEnabled PermissionsModifyMetadata PermissionsCustomizeApplication "
            "PermissionsViewSetup",
            lambda: (_profile(org, name) for name in _PROFILE_IDS),
        ),
        "MessagingChannel": _table(
            "Id DeveloperName MasterLabel IsActive MessageType PlatformType MessagingPlatformKey "
            "ChannelAddressIdentifier IsAuthenticated Language LastModifiedDate LastModifiedById CreatedDate",
            lambda: (channel(component) for component in _channels(org)),
        ),
        "LoginHistory": _table(
            "Id LoginTime UserId LoginType LoginSubType Status SourceIp Application Browser LoginUrl TlsProtocol "
            "ApiType",
            org.store.logins,
            "Status Application Browser",
        ),
        "ConnectedApplication": _table(
            "Id Name OptionsAllowAdminApprovedUsersOnly OptionsHasSessionLevelPolicy",
            lambda: (
                {
                    "Id": app.id, "Name": app.name, "OptionsAllowAdminApprovedUsersOnly": app.admin_approved_only,
                    "OptionsHasSessionLevelPolicy": org.faults.on("session-level-policy"),
                }
                for app in org.apps()
                if app.installed
            ),
        ),
        "SetupEntityAccess": _table(
            "Id SetupEntityId SetupEntityType ParentId Parent.Name Parent.IsOwnedByProfile Parent.Profile.Name",
            lambda: (
                {
                    "Id": "0J0" + app.id[3:], "SetupEntityId": app.id, "SetupEntityType": "ConnectedApplication",
                    "ParentId": "0PS" + _PROFILE_IDS[profile][3:], "Parent.Name": "X" + _PROFILE_IDS[profile][:15],
                    "Parent.IsOwnedByProfile": True, "Parent.Profile.Name": profile,
                }
                for app in org.apps()
                for profile in app.profiles
            ),
        ),
        "PermissionSetAssignment": _table(
            "Id AssigneeId PermissionSetId PermissionSet.Name ExpirationDate", list
        ),
        "OauthToken": _table(
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


def tooling_tables(org: Org) -> dict[str, Table]:
    """What the Tooling API's query resource knows."""
    return {
        "DeployRequest": _table(
            "Id Status CheckOnly CreatedDate CreatedById StartDate CompletedDate LastModifiedDate StateDetail "
            "ErrorMessage ErrorStatusCode NumberComponentErrors NumberComponentsDeployed NumberComponentsTotal "
            "NumberTestErrors NumberTestsCompleted NumberTestsTotal RollbackOnError IgnoreWarnings TestLevel Type "
            "ChangeSetName CanceledById AllowMissingFiles AutoUpdatePackage PurgeOnDelete RunTestsEnabled",
            lambda: (_deploy_request(org, deployment) for deployment in org.store.deployments()),
        ),
        "EmbeddedServiceConfig": _table(
            "Id DeveloperName MasterLabel DeploymentType IsEnabled",
            lambda: (
                {
                    "Id": f"3md{number:012d}AAA",
                    "DeveloperName": deployment.name,
                    "MasterLabel": deployment.name.replace("_", " "),
                    "DeploymentType": deployment.type,
                    "IsEnabled": True,
                }
                for number, deployment in enumerate(DEPLOYMENTS, 1)
            ),
        ),
        "Organization": data_tables(org)["Organization"],
        "User": data_tables(org)["User"],
    }


def organization(org: Org) -> dict[str, Any]:
    trial = org.faults.on("production-trial")
    edition = "Developer Edition" if org.faults.on("developer-edition") else "Unlimited Edition"
    created = org.store.meta("born") or org.now
    return {
        "Id": org.identity.org_id,
        "Name": org.identity.name,
        "IsSandbox": org.is_sandbox,
        "OrganizationType": edition,
        "TrialExpirationDate": rest_time(org.now + _TRIAL_DAYS * _DAY_MS) if trial else None,
        "InstanceName": "LOCAL",
        "NamespacePrefix": None,
        "IsReadOnly": False,
        "LanguageLocaleKey": "en_US",
        "CreatedDate": rest_time(created),
    }


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


def _channels(org: Org) -> Iterable[Component]:
    return (found for (kind, _), found in org.store.components().items() if kind is MetadataType.CHANNEL)


def channel(component: Component) -> dict[str, Any]:
    """The MessagingChannel record of a component."""
    root = root_of(component)
    platform = root.value("messagingChannelType")
    return {
        "Id": component.id,
        "DeveloperName": component.name,
        "MasterLabel": root.value("masterLabel"),
        "IsActive": component.active,
        "MessageType": platform,
        "PlatformType": "Enhanced",
        "MessagingPlatformKey": root.value("platformKey") or f"{component.id[:15].lower()}-platform",
        "ChannelAddressIdentifier": address_of(component),
        "IsAuthenticated": False,
        "Language": "en_US",
        "LastModifiedDate": rest_time(component.modified),
        "LastModifiedById": component.modified_by,
        "CreatedDate": rest_time(component.created),
    }


def _deploy_request(org: Org, deployment: Deployment) -> dict[str, Any]:
    options = deployment.options

    def moment(value: int | None) -> str | None:
        return None if value is None else rest_time(value)

    return {
        "Id": deployment.id,
        "Status": deployment.status,
        "CheckOnly": deployment.check_only,
        "CreatedDate": moment(deployment.created),
        "CreatedById": deployment.user_id,
        "StartDate": moment(deployment.started),
        "CompletedDate": moment(deployment.completed),
        "LastModifiedDate": moment(deployment.modified or deployment.created),
        "StateDetail": deployment.state_detail,
        "ErrorMessage": deployment.error_message,
        "ErrorStatusCode": deployment.error_code,
        "NumberComponentErrors": deployment.errors,
        "NumberComponentsDeployed": deployment.deployed,
        "NumberComponentsTotal": deployment.total,
        "NumberTestErrors": 0,
        "NumberTestsCompleted": 0,
        "NumberTestsTotal": 0,
        "RollbackOnError": bool(options.get("rollbackOnError", True)),
        "IgnoreWarnings": bool(options.get("ignoreWarnings")),
        "TestLevel": options.get("testLevel"),
        "Type": "Api",
        "ChangeSetName": None,
        "CanceledById": deployment.canceled_by,
        "AllowMissingFiles": bool(options.get("allowMissingFiles")),
        "AutoUpdatePackage": bool(options.get("autoUpdatePackage")),
        "PurgeOnDelete": bool(options.get("purgeOnDelete")),
        "RunTestsEnabled": False,
    }
