"""Faults of a login that change the records of its app, for every reader.

A fault changes the app's components for readers. When one of them is deployed, the org stores the components as they
read, and the fault is mended: a repair of the app is permanent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from provisioner.localorg.app_content import fill
from provisioner.localorg.apps import APPROVED, PARENT, Components, apps_of, names, satellites
from provisioner.localorg.content import root_of, text_of
from provisioner.localorg.faults import Faults
from provisioner.localorg.records import App, Component, Identity, MetadataType
from provisioner.localorg.xmltree import Node, branch, leaf

Key = tuple[MetadataType, str]
_LOST_SCOPES = {"no-refresh-token-scope": "RefreshToken", "no-api-scope": "Api"}
#: Faults that change the content of the app's components.
FAULTS = (
    "user-not-approved", "user-not-preauthorized", "wrong-consumer-key", "certificate-expired", "wrong-certificate",
    "digital-signatures-not-enabled", "session-level-policy", "jwt-format-token", "oauth-not-enabled", *_LOST_SCOPES,
    "external-client-app", "app-not-installed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    """The components as faults show them.

    ``touched``: changed or hidden by a fault; ``hidden``: the app that is not installed.
    """

    components: dict[Key, Component]
    touched: frozenset[Key] = frozenset()
    hidden: App | None = None


def first_app(components: Components, identity: Identity) -> App | None:
    """Return the app that faults change: the app of the login that the org provides, else the oldest one."""
    found = apps_of(components)
    return next((app for app in found if app.consumer_key == identity.consumer_key), found[0] if found else None)


def view(
    stored: dict[Key, Component], identity: Identity, faults: Faults, certificate: Callable[[str, str], str]
) -> View:
    """Return the components as the active faults show them.

    ``certificate`` returns the replacement of a certificate.
    """
    if not any(faults.on(name) for name in FAULTS):
        return View(stored)
    app = first_app(stored, identity)
    if app is None:
        return View(stored)
    components = dict(stored)
    if faults.on("external-client-app") and not app.external:
        _convert(components, app, identity.org_id)
    whole = next(each for each in apps_of(components) if each.consumer_key == app.consumer_key)
    keys = _keys_of(components, whole)
    for key in keys:
        _edit(components, key, faults, certificate)
    touched = frozenset((*keys, *_keys_of(stored, app)))
    if not faults.on("app-not-installed"):
        return View(components, touched)
    [hidden] = [each for each in apps_of(components) if each.id == whole.id] or [whole]
    for key in keys:
        del components[key]
    return View(components, touched, replace(hidden, installed=False))


def _keys_of(components: Components, app: App) -> list[Key]:
    if not app.external:
        return [(MetadataType.CONNECTED_APP, app.name)]
    parts = satellites(components, app.name)
    return [(MetadataType.ECA, app.name), *((kind, each.name) for kind, each in parts.items())]


def _edit(components: dict[Key, Component], key: Key, faults: Faults, certificate: Callable[[str, str], str]) -> None:
    component = components[key]
    root = root_of(component).copy()
    edits: Mapping[MetadataType, Callable[[], None]] = {
        MetadataType.CONNECTED_APP: lambda: _edit_connected(root, faults, certificate),
        MetadataType.ECA_GLOBAL: lambda: _edit_secrets(root, faults, certificate),
        MetadataType.ECA_OAUTH: lambda: _edit_scopes(root, faults),
        MetadataType.ECA_OAUTH_POLICY: lambda: _edit_oauth_policy(root, faults),
        MetadataType.ECA_POLICY: lambda: _edit_policy(root, faults),
    }
    edits.get(key[0], lambda: None)()
    components[key] = replace(component, xml=text_of(root))


def _edit_secrets(root: Node, faults: Faults, certificate: Callable[[str, str], str]) -> None:
    """Change consumer key, certificate and token form, which have the same names in both kinds of app."""
    if faults.on("wrong-consumer-key"):
        root.put("consumerKey", (root.value("consumerKey") or "")[::-1])
    for name in ("certificate-expired", "wrong-certificate"):
        if faults.on(name):
            root.put("certificate", certificate(name, root.value("certificate") or ""))
    if faults.on("digital-signatures-not-enabled"):
        root.put("certificate", None)
    if faults.on("jwt-format-token"):
        root.put("isNamedUserJwtEnabled", "true")


def _edit_connected(root: Node, faults: Faults, certificate: Callable[[str, str], str]) -> None:
    config = root.find("oauthConfig")
    if config is not None:
        _edit_secrets(config, faults, certificate)
        lost = {scope for fault, scope in _LOST_SCOPES.items() if faults.on(fault)}
        config.children = [child for child in config.children if child.name != "scopes" or child.text not in lost]
        if faults.on("user-not-approved"):
            config.put("isAdminApproved", "false")
    if faults.on("user-not-preauthorized"):
        root.put("profileName", None)
        root.put("permissionSetName", None)
    if faults.on("session-level-policy"):
        root.put("sessionPolicy", None)
        root.children.append(branch("sessionPolicy", [leaf("sessionLevel", "HIGH_ASSURANCE")]))
        root.children.sort(key=lambda child: child.name)


def _edit_scopes(root: Node, faults: Faults) -> None:
    lost = {scope for fault, scope in _LOST_SCOPES.items() if faults.on(fault)}
    kept = [scope for scope in names(root.value("commaSeparatedOauthScopes")) if scope not in lost]
    root.put("commaSeparatedOauthScopes", ", ".join(kept) or None)


def _edit_oauth_policy(root: Node, faults: Faults) -> None:
    if faults.on("user-not-approved"):
        root.put("permittedUsersPolicyType", "AllSelfAuthorized")
    if faults.on("user-not-preauthorized"):
        root.put("commaSeparatedPermissionSet", None)
        root.put("commaSeparatedProfile", None)
    if faults.on("session-level-policy"):
        root.put("requiredSessionLevel", "HIGH_ASSURANCE")


def _edit_policy(root: Node, faults: Faults) -> None:
    if faults.on("oauth-not-enabled"):
        root.put("isOauthPluginEnabled", "false")


def _convert(components: dict[Key, Component], app: App, org_id: str) -> None:
    """Replace a connected app by an external client app with the names that Setup assigns."""
    old = components.pop((MetadataType.CONNECTED_APP, app.name))
    config = root_of(old).find("oauthConfig") or Node("none")
    header: dict[str, str | None] = {
        "contactEmail": root_of(old).value("contactEmail"), "orgScopedExternalApp": f"{org_id[:15]}:{app.name}",
    }  # fmt: skip
    settings = {
        "commaSeparatedOauthScopes": ", ".join(node.text for node in config.all("scopes")),
        "oauthLink": f"{org_id[:15]}:{MetadataType.ECA_GLOBAL.prefix}{old.id[3:15]}",
    }
    secrets = {
        "callbackUrl": config.value("callbackUrl"), "certificate": app.certificate, "consumerKey": app.consumer_key,
        "consumerSecret": sha256(app.consumer_key.encode()).hexdigest().upper(),
    }  # fmt: skip
    policy = {
        "commaSeparatedPermissionSet": ",".join(app.permission_sets), "commaSeparatedProfile": ",".join(app.profiles),
        "permittedUsersPolicyType": APPROVED if app.admin_approved_only else "AllSelfAuthorized",
    }  # fmt: skip
    for kind, suffix, values in (
        (MetadataType.ECA, "", header),
        (MetadataType.ECA_OAUTH, "_oauth", settings),
        (MetadataType.ECA_GLOBAL, "_glbloauth", secrets),
        (MetadataType.ECA_OAUTH_POLICY, "_oauthPlcy", policy),
        (MetadataType.ECA_POLICY, "_plcy", {"isEnabled": "true"}),
    ):
        name = app.name + suffix
        content = Node(kind.xml_name)
        whole = {**values, "label": name if suffix else app.label, **({PARENT: app.name} if suffix else {})}
        for element, value in whole.items():
            content.put(element, value or None)
        fill(kind, content)
        made = replace(old, type=kind, name=name, id=kind.prefix + old.id[3:], xml=text_of(content))
        components[kind, name] = made
