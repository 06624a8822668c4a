"""What the faults of a login make of the records of its app, as everybody sees them.

A fault changes how the app's components read. As soon as one of them is deployed, what it reads as is what the org
holds, and the fault is mended: whoever repairs the app repairs it for good.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from provisioner.localorg.apps import APPROVED, PARENT, Components, apps_of, names, satellites
from provisioner.localorg.content import root_of, text_of
from provisioner.localorg.faults import Faults
from provisioner.localorg.records import App, Component, Identity, MetadataType
from provisioner.localorg.xmltree import Node, branch, leaf

Key = tuple[MetadataType, str]
_LOST_SCOPES = {"no-refresh-token-scope": "RefreshToken", "no-api-scope": "Api"}
#: Faults that change what the app's components say.
FAULTS = (
    "user-not-approved", "user-not-preauthorized", "wrong-consumer-key", "certificate-expired", "wrong-certificate",
    "digital-signatures-not-enabled", "session-level-policy", "jwt-format-token", "oauth-not-enabled", *_LOST_SCOPES,
    "external-client-app", "app-not-installed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    """``touched`` are the components that a fault changes or hides; ``hidden`` is the app that is not installed."""

    components: dict[Key, Component]
    touched: frozenset[Key] = frozenset()
    hidden: App | None = None


def first_app(components: Components, identity: Identity) -> App | None:
    """The app that faults are about: the one of the login that was handed out, else the oldest."""
    found = apps_of(components)
    return next((app for app in found if app.consumer_key == identity.consumer_key), found[0] if found else None)


def view(stored: dict[Key, Component], identity: Identity, faults: Faults, certificate: Callable[[str], str]) -> View:
    """The components as the active faults show them. ``certificate`` gives the one that a fault puts in."""
    if not any(faults.on(name) for name in FAULTS):
        return View(stored)
    app = first_app(stored, identity)
    if app is None:
        return View(stored)
    components = dict(stored)
    if faults.on("external-client-app") and not app.external:
        _convert(components, app)
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


def _set(root: Node, name: str, value: str | None) -> None:
    root.children = [child for child in root.children if child.name != name]
    if value is not None:
        root.children.append(leaf(name, value))
        root.children.sort(key=lambda child: child.name)


def _edit(components: dict[Key, Component], key: Key, faults: Faults, certificate: Callable[[str], str]) -> None:
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


def _edit_secrets(root: Node, faults: Faults, certificate: Callable[[str], str]) -> None:
    """Consumer key, certificate and token form: spelled alike in both kinds of app."""
    if faults.on("wrong-consumer-key"):
        _set(root, "consumerKey", (root.value("consumerKey") or "")[::-1])
    for name in ("certificate-expired", "wrong-certificate"):
        if faults.on(name):
            _set(root, "certificate", certificate(name))
    if faults.on("digital-signatures-not-enabled"):
        _set(root, "certificate", None)
    if faults.on("jwt-format-token"):
        _set(root, "isNamedUserJwtEnabled", "true")


def _edit_connected(root: Node, faults: Faults, certificate: Callable[[str], str]) -> None:
    config = root.find("oauthConfig")
    if config is not None:
        _edit_secrets(config, faults, certificate)
        lost = {scope for fault, scope in _LOST_SCOPES.items() if faults.on(fault)}
        config.children = [child for child in config.children if child.name != "scopes" or child.text not in lost]
        if faults.on("user-not-approved"):
            _set(config, "isAdminApproved", "false")
    if faults.on("user-not-preauthorized"):
        _set(root, "profileName", None)
        _set(root, "permissionSetName", None)
    if faults.on("session-level-policy"):
        _set(root, "sessionPolicy", None)
        root.children.append(branch("sessionPolicy", [leaf("sessionLevel", "HIGH_ASSURANCE")]))
        root.children.sort(key=lambda child: child.name)


def _edit_scopes(root: Node, faults: Faults) -> None:
    lost = {scope for fault, scope in _LOST_SCOPES.items() if faults.on(fault)}
    kept = [scope for scope in names(root.value("commaSeparatedOauthScopes")) if scope not in lost]
    _set(root, "commaSeparatedOauthScopes", ", ".join(kept) or None)


def _edit_oauth_policy(root: Node, faults: Faults) -> None:
    if faults.on("user-not-approved"):
        _set(root, "permittedUsersPolicyType", "AllSelfAuthorized")
    if faults.on("user-not-preauthorized"):
        _set(root, "commaSeparatedPermissionSet", None)
        _set(root, "commaSeparatedProfile", None)
    if faults.on("session-level-policy"):
        _set(root, "requiredSessionLevel", "HIGH_ASSURANCE")


def _edit_policy(root: Node, faults: Faults) -> None:
    if faults.on("oauth-not-enabled"):
        _set(root, "isOauthPluginEnabled", "false")


def _convert(components: dict[Key, Component], app: App) -> None:
    """An external client app, as Setup makes and names it, in place of a connected app."""
    old = components.pop((MetadataType.CONNECTED_APP, app.name))
    parent = leaf(PARENT, app.name)
    approved = APPROVED if app.admin_approved_only else "AllSelfAuthorized"
    scopes = [node.text for node in (root_of(old).find("oauthConfig") or Node("none")).all("scopes")]
    contact = root_of(old).value("contactEmail")
    contents: tuple[tuple[MetadataType, str, tuple[Node | None, ...]], ...] = (
        (MetadataType.ECA, "", (
            leaf("contactEmail", contact), leaf("distributionState", "Local"), leaf("isProtected", "false"),
            leaf("label", app.label),
        )),
        (MetadataType.ECA_OAUTH, "_oauth", (
            leaf("commaSeparatedOauthScopes", ", ".join(scopes)), parent, leaf("label", f"{app.name}_oauth"),
        )),
        (MetadataType.ECA_GLOBAL, "_glbloauth", (
            leaf("callbackUrl", "http://localhost:1717/OauthRedirect"),
            leaf("certificate", app.certificate) if app.certificate else None, leaf("consumerKey", app.consumer_key),
            parent, leaf("isPkceRequired", "true"), leaf("label", f"{app.name}_glbloauth"),
        )),
        (MetadataType.ECA_OAUTH_POLICY, "_oauthPlcy", (
            leaf("commaSeparatedPermissionSet", ",".join(app.permission_sets)) if app.permission_sets else None,
            leaf("commaSeparatedProfile", ",".join(app.profiles)) if app.profiles else None,
            parent, leaf("ipRelaxationPolicyType", "Enforce"), leaf("label", f"{app.name}_oauthPlcy"),
            leaf("permittedUsersPolicyType", approved), leaf("requiredSessionLevel", "STANDARD"),
        )),
        (MetadataType.ECA_POLICY, "_plcy", (
            parent, leaf("isEnabled", "true"), leaf("isOauthPluginEnabled", "true"), leaf("label", f"{app.name}_plcy"),
            leaf("startPage", "None"),
        )),
    )  # fmt: skip
    for kind, suffix, children in contents:
        text = text_of(branch(kind.xml_name, children))
        made = replace(old, type=kind, name=app.name + suffix, id=kind.prefix + old.id[3:], xml=text)
        components[kind, made.name] = made
