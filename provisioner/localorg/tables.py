"""The objects for queries, and their rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from provisioner.localorg import routing
from provisioner.localorg.access_tables import access_tables, permission_access
from provisioner.localorg.app_tables import app_tables
from provisioner.localorg.chat_deployments import Deployment as ChatDeployment
from provisioner.localorg.chat_deployments import address_of
from provisioner.localorg.clock import rest_time
from provisioner.localorg.content import root_of
from provisioner.localorg.deployment_setup import listed
from provisioner.localorg.messaging_tables import messaging_tables
from provisioner.localorg.org import Org
from provisioner.localorg.records import Component, Deployment, MetadataType, User
from provisioner.localorg.routing_tables import routing_tables
from provisioner.localorg.sites import site_tables
from provisioner.localorg.soql_tables import Table, table

_TRIAL_DAYS = 30
#: The tables of both query resources.
_TOOLING_TOO = (
    "Organization", "User", "ConnectedApplication", "ExternalClientApplication", "ExtlClntAppOauthPlcyCnfg",
    "ExtlClntAppOauthSettings", "ExtlClntAppPlcyCnfg", "PermissionSet", "Profile",
)  # fmt: skip
_DAY_MS = 86_400_000


def data_tables(org: Org, user: User) -> dict[str, Table]:
    """Return the tables of the query resource."""
    return _without(org, "tooling", _all_tables(org, user))


def _without(org: Org, only: str, known: dict[str, Table]) -> dict[str, Table]:
    """Return the tables without those of external client apps, if only the other query resource (``only``) has them."""
    if org.faults.argument("eca-objects-only") != only:
        return known
    return {name: each for name, each in known.items() if not name.startswith(("ExternalClientApp", "ExtlClntApp"))}


def _all_tables(org: Org, user: User) -> dict[str, Table]:
    return {
        "Organization": table(
            "Id Name IsSandbox OrganizationType TrialExpirationDate InstanceName NamespacePrefix IsReadOnly "
            "LanguageLocaleKey CreatedDate",
            lambda: [organization(org)],
        ),
        **_channel_tables(org),
        **messaging_tables(org),
        **routing_tables(org),
        **site_tables(org),
        **_access_tables(org, user),
        **app_tables(org),
        "UserPermissionAccess": permission_access(org, user),
    }


def _access_tables(org: Org, user: User) -> dict[str, Table]:
    """The tables about access; without the login history, or with a part of it, if a fault hides it."""
    found = access_tables(org)
    history = found["LoginHistory"]
    match org.faults.argument("login-history-hidden"):
        case None:
            return found
        case "own":
            rows = history.rows
            own = replace(history, rows=lambda: [row for row in rows() if row["UserId"] == user.id])
            return {**found, "LoginHistory": own}
        case _:
            return {name: each for name, each in found.items() if name != "LoginHistory"}


def _channel_tables(org: Org) -> dict[str, Table]:
    if org.faults.on("channel-records-unreadable"):
        return {}
    return {
        "MessagingChannel": table(
            "Id DeveloperName MasterLabel IsActive MessageType PlatformType MessagingPlatformKey "
            "ChannelAddressIdentifier IsAuthenticated Language LastModifiedDate LastModifiedById CreatedDate "
            + " ".join(routing.offered(org.faults)),
            lambda: (
                channel(org, component, bound) for bound in [org.store.bound_routing()] for component in _channels(org)
            ),
        ),
    }


def tooling_tables(org: Org, user: User) -> dict[str, Table]:
    """Return the tables of the Tooling API's query resource."""
    late = org.faults.on("deploy-list-late")
    tables = {
        "DeployRequest": table(
            "Id Status CheckOnly CreatedDate CreatedById StartDate CompletedDate LastModifiedDate StateDetail "
            "ErrorMessage ErrorStatusCode NumberComponentErrors NumberComponentsDeployed NumberComponentsTotal "
            "NumberTestErrors NumberTestsCompleted NumberTestsTotal RollbackOnError IgnoreWarnings TestLevel Type "
            "ChangeSetName CanceledById AllowMissingFiles AutoUpdatePackage PurgeOnDelete RunTestsEnabled",
            lambda: (_deploy_request(org, each) for each in org.store.deployments() if each.done or not late),
        ),
        "EmbeddedServiceConfig": table(
            "Id DeveloperName MasterLabel DeploymentType DeploymentFeature IsEnabled ClientVersion",
            lambda: map(_chat_deployment, listed(org)),
        ),
        **_without(org, "rest", {name: each for name, each in _all_tables(org, user).items() if name in _TOOLING_TOO}),
    }
    if org.faults.on("deploy-list-refused"):
        del tables["DeployRequest"]
    return tables


def _chat_deployment(deployment: ChatDeployment) -> dict[str, Any]:
    return {
        "Id": deployment.id,
        "DeveloperName": deployment.name,
        "MasterLabel": deployment.label,
        "DeploymentType": deployment.type,
        "DeploymentFeature": "EmbeddedMessaging",
        "IsEnabled": deployment.enabled,
        "ClientVersion": deployment.client_version,
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


def _channels(org: Org) -> Iterable[Component]:
    return (found for (kind, _), found in org.store.components().items() if kind is MetadataType.CHANNEL)


def channel(org: Org, component: Component, bound: Mapping[str, Mapping[str, str | None]]) -> dict[str, Any]:
    """Return the MessagingChannel record of a component; ``bound`` are the routings that records bind, by id."""
    root = root_of(component)
    routed = routing.routing_of(component, bound.get(component.id, {}))
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
        **{name: routed[name] for name in routing.offered(org.faults)},
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
