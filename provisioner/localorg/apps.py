"""Apps as a login sees them: the components of a connected or external client app, read together.

Source: Metadata API Developer Guide, ConnectedApp and the ExtlClntApp types. The components are the only record of an
app; no derived value is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from provisioner.localorg.content import root_of
from provisioner.localorg.records import SATELLITES, App, Component, MetadataType
from provisioner.localorg.xmltree import Node

Components = Mapping[tuple[MetadataType, str], Component]
#: The names of scopes in metadata and in tokens.
_RUNTIME = {
    "Api": "api", "RefreshToken": "refresh_token", "OfflineAccess": "refresh_token", "Web": "web", "Full": "full",
    "Basic": "id", "OpenID": "openid", "Chatter": "chatter_api", "SFApiPlatform": "sfap_api", "SFAP": "sfap_api",
    "MCP": "mcp_api",
}  # fmt: skip
PARENT = "externalClientApplication"
APPROVED = "AdminApprovedPreAuthorized"
_NO_NODE = Node("nothing")


def apps_of(components: Components) -> list[App]:
    """Return every app with a consumer key, the oldest first."""
    found = [
        *(_connected(each) for (kind, _), each in components.items() if kind is MetadataType.CONNECTED_APP),
        *(_external(each, components) for (kind, _), each in components.items() if kind is MetadataType.ECA),
    ]
    return sorted((app for app in found if app.consumer_key), key=lambda app: app.created)


def satellites(components: Components, app: str) -> dict[MetadataType, Component]:
    """Return the parts of an external client app, by type."""
    return {
        kind: component
        for (kind, _), component in components.items()
        if kind in SATELLITES and (root_of(component).value(PARENT) or "").strip() == app
    }


def names(text: str | None) -> list[str]:
    """Return the names in a comma-separated list."""
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def _scopes(spelled: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_RUNTIME.get(scope.strip(), scope.strip().lower()) for scope in spelled))


def _minutes(text: str | None) -> int | None:
    return int(text) if text and text.strip().isdecimal() else None


def _connected(component: Component) -> App:
    root = root_of(component)
    config = root.find("oauthConfig") or _NO_NODE
    return App(
        id=component.id,
        name=component.name,
        label=root.value("label") or component.name,
        consumer_key=config.value("consumerKey") or "",
        certificate=config.value("certificate") or "",
        admin_approved_only=config.flag("isAdminApproved"),
        profiles=tuple(node.text for node in root.all("profileName")),
        permission_sets=tuple(node.text for node in root.all("permissionSetName")),
        scopes=_scopes(node.text for node in config.all("scopes")),
        high_assurance=root.value("sessionPolicy", "sessionLevel") == "HIGH_ASSURANCE",
        session_minutes=_minutes(root.value("sessionPolicy", "sessionTimeout")),
        jwt_tokens=config.flag("isNamedUserJwtEnabled"),
        refreshes=root.value("oauthPolicy", "refreshTokenPolicy") != "zero",
        created=component.created,
    )


def _external(header: Component, components: Components) -> App:
    parts = satellites(components, header.name)
    settings, secrets, oauth_policy, policy = (
        root_of(parts[kind]) if kind in parts else _NO_NODE for kind in SATELLITES
    )
    consumer = parts.get(MetadataType.ECA_GLOBAL)
    return App(
        id=header.id,
        name=header.name,
        label=root_of(header).value("label") or header.name,
        consumer_key=secrets.value("consumerKey") or "",
        certificate=secrets.value("certificate") or "",
        admin_approved_only=oauth_policy.value("permittedUsersPolicyType") == APPROVED,
        profiles=tuple(names(oauth_policy.value("commaSeparatedProfile"))),
        permission_sets=tuple(names(oauth_policy.value("commaSeparatedPermissionSet"))),
        scopes=_scopes(names(settings.value("commaSeparatedOauthScopes"))),
        external=True,
        enabled=policy.flag("isEnabled", default=True),
        oauth_enabled=policy.flag("isOauthPluginEnabled", default=True),
        high_assurance=oauth_policy.value("requiredSessionLevel") == "HIGH_ASSURANCE",
        session_minutes=_minutes(oauth_policy.value("sessionTimeoutInMinutes")),
        jwt_tokens=secrets.flag("isNamedUserJwtEnabled"),
        refreshes=oauth_policy.value("refreshTokenPolicyType") != "Zero",
        consumer_id=consumer.id if consumer is not None else "",
        created=header.created,
    )
