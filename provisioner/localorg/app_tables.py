"""The objects that show apps and their users.

Source: object reference, ExternalClientApplication, ExtlClntAppOauthPlcyCnfg, ConnectedApplication, SetupEntityAccess,
OauthToken. None of them contains consumer keys, secrets or certificates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from provisioner.localorg.access_tables import permission_sets, profile_set_id
from provisioner.localorg.apps import names, satellites
from provisioner.localorg.clock import rest_time
from provisioner.localorg.content import root_of
from provisioner.localorg.ids import with_suffix
from provisioner.localorg.org import Org
from provisioner.localorg.permissions import PROFILES
from provisioner.localorg.records import APP_TYPES, App, Component, MetadataType
from provisioner.localorg.soql_tables import Table, table
from provisioner.localorg.xmltree import Node

_SCOPE_FIELDS = {
    "Api": "OauthScopesAPI", "RefreshToken": "OauthScopesREFRESH_TOKEN", "Web": "OauthScopesWEB",
    "Full": "OauthScopesFULL", "Basic": "OauthScopesBASIC", "OpenID": "OauthScopesOPENID",
}  # fmt: skip


def app_tables(org: Org) -> dict[str, Table]:
    return {
        "ConnectedApplication": table(
            "Id Name DeveloperName OptionsAllowAdminApprovedUsersOnly OptionsHasSessionLevelPolicy",
            lambda: (
                {
                    "Id": app.id, "Name": app.label, "DeveloperName": app.name,
                    "OptionsAllowAdminApprovedUsersOnly": app.admin_approved_only,
                    "OptionsHasSessionLevelPolicy": app.high_assurance,
                }
                for app in installed(org, external=False)
            ),
        ),
        "ExternalClientApplication": table(
            "Id DeveloperName MasterLabel DistributionState ContactEmail Description OrgScopedExternalApp "
            "CreatedDate LastModifiedDate LastModifiedById",
            lambda: _headers(org),
        ),
        "ExtlClntAppOauthPlcyCnfg": table(
            "Id ExternalClientApplicationId DeveloperName PermittedUsersPolicyType IpRelaxationPolicyType "
            "RefreshTokenPolicyType RequiredSessionLevel PolicyAction SessionTimeoutInMinutes",
            lambda: _parts(org, MetadataType.ECA_OAUTH_POLICY, _oauth_policy),
        ),
        "ExtlClntAppOauthSettings": table(
            f"Id ExternalClientApplicationId DeveloperName OauthLink {' '.join(_SCOPE_FIELDS.values())}",
            lambda: _parts(org, MetadataType.ECA_OAUTH, _oauth_settings),
        ),
        "ExtlClntAppPlcyCnfg": table(
            "Id ExternalClientApplicationId DeveloperName IsEnabled OauthPluginStatus",
            lambda: _parts(org, MetadataType.ECA_POLICY, _policy),
        ),
        "SetupEntityAccess": table(
            "Id SetupEntityId SetupEntityType ParentId Parent.Name Parent.IsOwnedByProfile Parent.Profile.Name",
            lambda: accesses(org),
        ),
        "OauthToken": table(
            "Id AppName UserId UseCount LastUsedDate AppMenuItemId",
            lambda: (
                {
                    "Id": "0CQ" + user.id[3:], "AppName": app.label, "UserId": user.id, "UseCount": 1,
                    "LastUsedDate": None, "AppMenuItemId": "0DS" + app.id[3:] if app.installed else None,
                }
                for app in org.apps()
                for user in org.users()
                if app.consumer_key in user.approvals
            ),
        ),
    }  # fmt: skip


def installed(org: Org, *, external: bool) -> list[App]:
    return [app for app in org.apps() if app.installed and app.external is external]


def _components(org: Org) -> dict[tuple[MetadataType, str], Component]:
    return org.view(org.store.components(*APP_TYPES)).components


def _headers(org: Org) -> Iterator[dict[str, Any]]:
    for (kind, name), component in _components(org).items():
        if kind is MetadataType.ECA:
            root = root_of(component)
            yield {
                "Id": component.id, "DeveloperName": name, "MasterLabel": root.value("label"),
                "DistributionState": root.value("distributionState"), "ContactEmail": root.value("contactEmail"),
                "Description": root.value("description"), "OrgScopedExternalApp": root.value("orgScopedExternalApp"),
                "CreatedDate": rest_time(component.created), "LastModifiedDate": rest_time(component.modified),
                "LastModifiedById": component.modified_by,
            }  # fmt: skip


def _parts(org: Org, kind: MetadataType, fields: Callable[[Node], dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a row for each part of that type, with the id of its app."""
    components = _components(org)
    for (each, name), header in components.items():
        if each is MetadataType.ECA and (part := satellites(components, name).get(kind)) is not None:
            common = {"Id": part.id, "ExternalClientApplicationId": header.id, "DeveloperName": part.name}
            yield {**common, **fields(root_of(part))}


def _oauth_policy(root: Node) -> dict[str, Any]:
    minutes = root.value("sessionTimeoutInMinutes")
    return {
        "PermittedUsersPolicyType": root.value("permittedUsersPolicyType"),
        "IpRelaxationPolicyType": root.value("ipRelaxationPolicyType"),
        "RefreshTokenPolicyType": root.value("refreshTokenPolicyType"),
        "RequiredSessionLevel": root.value("requiredSessionLevel"), "PolicyAction": root.value("policyAction"),
        "SessionTimeoutInMinutes": int(minutes) if minutes else None,
    }  # fmt: skip


def _oauth_settings(root: Node) -> dict[str, Any]:
    scopes = names(root.value("commaSeparatedOauthScopes"))
    return {
        "OauthLink": root.value("oauthLink"),
        **{field: scope in scopes for scope, field in _SCOPE_FIELDS.items()},
    }


def _policy(root: Node) -> dict[str, Any]:
    plugin = "Enabled" if root.value("isOauthPluginEnabled") == "true" else "Disabled"
    return {"IsEnabled": root.value("isEnabled") == "true", "OauthPluginStatus": plugin}


def accesses(org: Org) -> Iterator[dict[str, Any]]:
    """Yield the rows of SetupEntityAccess: the permission sets and profiles that the apps' policies name."""
    rows = list(permission_sets(org))
    by_name = {row["Name"]: row for row in rows if not row["IsOwnedByProfile"]}
    owned = {row["Id"]: row for row in rows if row["IsOwnedByProfile"]}
    for app in org.apps():
        held: list[tuple[dict[str, Any] | None, str | None]]
        held = [(by_name.get(name), None) for name in app.permission_sets]
        held += [(owned[profile_set_id(name)], name) for name in app.profiles if name in PROFILES]
        for parent, profile in held:
            if parent is not None:
                yield {
                    "Id": with_suffix(f"0J0{parent['Id'][3:5]}{parent['Id'][10:15]}{app.id[10:15]}"),
                    "SetupEntityId": app.id,
                    "SetupEntityType": "ExternalClientApplication" if app.external else "ConnectedApplication",
                    "ParentId": parent["Id"], "Parent.Name": parent["Name"],
                    "Parent.IsOwnedByProfile": parent["IsOwnedByProfile"], "Parent.Profile.Name": profile,
                }  # fmt: skip
