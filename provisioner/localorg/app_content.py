"""The content of apps and permission sets: the parts that the org stores, adds and shows.

Source: Metadata API Developer Guide, ExternalClientApplication and the ExtlClntApp types, ConnectedApp, PermissionSet.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterable, Mapping
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric import rsa

from provisioner.localorg import permissions
from provisioner.localorg.app_rules import Scene, link_of, permission_set
from provisioner.localorg.apps import PARENT, names, satellites
from provisioner.localorg.certificates import read_certificate
from provisioner.localorg.content import root_of, text_of
from provisioner.localorg.faults import Faults
from provisioner.localorg.records import App, Component, MetadataType
from provisioner.localorg.xmltree import Node, branch, leaf

_KEY_LETTERS = string.ascii_letters + string.digits + "._"
_FLOWS = ("isClientCredentialsFlowEnabled", "isGuestCodeCredFlowEnabled", "isTokenExchangeFlowEnabled")
_HIDDEN_KEYS = {"absent": None, "placeholder": "Placeholder"}
#: The values that the org fills in: by type, element and value.
_DEFAULTS: Mapping[MetadataType, Mapping[str, str]] = {
    MetadataType.PERMISSION_SET: {"hasActivationRequired": "false"},
    MetadataType.ECA: {"distributionState": "Local", "isProtected": "false"},
    MetadataType.ECA_GLOBAL: {
        **dict.fromkeys((
            "isClientCredentialsFlowEnabled", "isCodeCredFlowEnabled", "isCodeCredPostOnly",
            "isConsumerSecretOptional", "isDeviceFlowEnabled", "isIntrospectAllTokens", "isNamedUserJwtEnabled",
            "isRefreshTokenRotationEnabled", "isSecretRequiredForTokenExchange", "isTokenExchangeEnabled",
            "shouldRotateConsumerKey", "shouldRotateConsumerSecret",
        ), "false"),
        "isPkceRequired": "true", "isSecretRequiredForRefreshToken": "true",
    },
    MetadataType.ECA_OAUTH_POLICY: {
        **dict.fromkeys(_FLOWS, "false"),
        "permittedUsersPolicyType": "AllSelfAuthorized", "ipRelaxationPolicyType": "Enforce",
        "requiredSessionLevel": "STANDARD",
    },
    MetadataType.ECA_POLICY: {"isOauthPluginEnabled": "true", "startPage": "None"},
}  # fmt: skip
_DEFAULT_LIFETIME = {
    "refreshTokenPolicyType": "SpecificLifetime", "refreshTokenValidityPeriod": "365",
    "refreshTokenValidityUnit": "Days",
}  # fmt: skip


def new_key() -> str:
    """Return a consumer key as an org generates it."""
    return "3MVG9" + "".join(secrets.choice(_KEY_LETTERS) for _ in range(80))


def fill(kind: MetadataType, content: Node) -> None:
    """Add the default of each element that is missing."""
    missing = dict(_DEFAULTS.get(kind, {}))
    if kind is MetadataType.ECA_OAUTH_POLICY and content.find("refreshTokenPolicyType") is None:
        missing |= _DEFAULT_LIFETIME
    for element, value in missing.items():
        if content.find(element) is None:
            content.put(element, value)


def settled(kind: MetadataType, name: str, content: Node, sent: Node, old: Node | None, scene: Scene) -> Node:
    """Return the content that the org stores for a component; ``content`` is ``sent`` in the form for storage."""
    fill(kind, content)
    match kind:
        case MetadataType.PERMISSION_SET:
            _settle_permissions(content, scene.faults)
        case MetadataType.ECA:
            content.put("orgScopedExternalApp", f"{scene.org_id[:15]}:{name}")
        case MetadataType.ECA_OAUTH:
            content.put("oauthLink", old.value("oauthLink") if old is not None else None)
        case MetadataType.ECA_GLOBAL:
            _settle_global(content, old, scene.faults)
        case MetadataType.ECA_OAUTH_POLICY:
            _settle_oauth_policy(content, sent, old, scene)
        case MetadataType.CONNECTED_APP:
            _settle_connected(content, sent, old)
        case _:
            pass
    return content


def _settle_permissions(content: Node, faults: Faults) -> None:
    given = {node.value("name") or "" for node in content.all("userPermissions") if node.value("enabled") == "true"}
    missing = {each for lacked in permissions.missing(given, faults).values() for each in lacked}
    content.children += [branch("userPermissions", (leaf("enabled", "true"), leaf("name", name))) for name in missing]
    content.children.sort(key=lambda child: (child.name, child.value("name") or ""))


def new_secret() -> str:
    """Return a consumer secret as an org generates it."""
    return secrets.token_hex(32).upper()


def _settle_consumer(config: Node, old: Node | None) -> None:
    """Keep the old consumer key; drop a certificate that is not RSA."""
    before = old.value("consumerKey") if old is not None else None
    config.put("consumerKey", before or config.value("consumerKey") or new_key())
    certificate = read_certificate(config.value("certificate") or "")
    if certificate is not None and not isinstance(certificate.public_key(), rsa.RSAPublicKey):
        config.put("certificate", None)


def _settle_global(content: Node, old: Node | None, faults: Faults) -> None:
    if old is None and faults.argument("eca-consumer-key") == "replaced":
        content.put("consumerKey", None)
    _settle_consumer(content, old)
    content.put("consumerSecret", (old.value("consumerSecret") if old is not None else None) or new_secret())
    if faults.on("eca-pkce-reverts"):
        content.put("isPkceRequired", "true")
    for command, element in (
        ("shouldRotateConsumerKey", "consumerKey"),
        ("shouldRotateConsumerSecret", "consumerSecret"),
    ):
        if content.value(command) == "true":
            content.put(element, new_key() if element == "consumerKey" else new_secret())
            content.put(command, "false")


def _settle_oauth_policy(content: Node, sent: Node, old: Node | None, scene: Scene) -> None:
    """Store permission sets by name. A list that is not sent stays, unless a fault removes it."""
    for element in ("commaSeparatedPermissionSet", "commaSeparatedProfile"):
        if sent.find(element) is None and old is not None and not scene.faults.on("eca-permission-set-omitted-gone"):
            content.put(element, old.value(element))
    found = [permission_set(text, scene.components) for text in names(content.value("commaSeparatedPermissionSet"))]
    listed = ",".join(dict.fromkeys(each.name for each in found if each is not None))
    content.put("commaSeparatedPermissionSet", listed or None)


def _settle_connected(content: Node, sent: Node, old: Node | None) -> None:
    config = content.find("oauthConfig")
    if config is not None:
        _settle_consumer(config, old.find("oauthConfig") if old is not None else None)
        config.put("consumerSecret", None)
    for element in ("permissionSetName", "profileName"):
        if old is not None and not sent.all(element):
            content.children += [leaf(element, node.text) for node in old.all(element)]
    if content.find("oauthPolicy") is None:
        policy = branch("oauthPolicy", (leaf("ipRelaxation", "ENFORCE"), leaf("refreshTokenPolicy", "infinite")))
        content.children.append(policy)
    content.children.sort(key=lambda child: child.name)


def missing_policies(
    components: Mapping[tuple[MetadataType, str], Component], *, as_setup: bool = False
) -> list[tuple[MetadataType, str, Node]]:
    """Return the default policies that apps lack: type, name and file. ``as_setup``: under the names of Setup."""
    found = []
    for (kind, name), component in components.items():
        parent = name if kind is MetadataType.ECA else (root_of(component).value(PARENT) or "").strip()
        policy = {MetadataType.ECA: MetadataType.ECA_POLICY, MetadataType.ECA_OAUTH: MetadataType.ECA_OAUTH_POLICY}.get(
            kind
        )
        if policy is not None and policy not in satellites(components, parent):
            made = f"{name}_defaultPolicy"
            if as_setup:
                made = f"{parent}_plcy" if policy is MetadataType.ECA_POLICY else f"{parent}_oauthPlcy"
            enabled = leaf("isEnabled", "true") if policy is MetadataType.ECA_POLICY else None
            content = branch(policy.xml_name, (leaf(PARENT, parent), enabled, leaf("label", made)))
            found.append((policy, made, content))
    return found


def linked(component: Component, components: Mapping[tuple[MetadataType, str], Component], org_id: str) -> Node | None:
    """Return the OAuth settings with their link; None if they have it, or if there is no consumer to link to."""
    root = root_of(component)
    consumer = satellites(components, (root.value(PARENT) or "").strip()).get(MetadataType.ECA_GLOBAL)
    if root.find("oauthLink") is not None or consumer is None:
        return None
    root = root.copy()
    root.put("oauthLink", link_of(org_id, consumer))
    return root


def without_permission_set(component: Component, name: str) -> Node | None:
    """Return the component without a permission set that is deleted; None if it does not name it."""
    root = root_of(component).copy()
    listed = names(root.value("commaSeparatedPermissionSet"))
    if component.type is MetadataType.ECA_OAUTH_POLICY and name in listed:
        root.put("commaSeparatedPermissionSet", ",".join(each for each in listed if each != name) or None)
        return root
    if component.type is MetadataType.CONNECTED_APP and any(
        node.text == name for node in root.all("permissionSetName")
    ):
        root.children = [child for child in root.children if (child.name, child.text) != ("permissionSetName", name)]
        return root
    return None


def with_gates(
    components: Mapping[tuple[MetadataType, str], Component], app: App, gates: Iterable[str]
) -> list[Component]:
    """Return the component that binds an app to permission sets, with these ``gates``."""
    gates = tuple(gates)
    if app.external:
        policy = satellites(components, app.name)[MetadataType.ECA_OAUTH_POLICY]
        root = root_of(policy).copy()
        root.put("commaSeparatedPermissionSet", ",".join(gates) or None)
        return [replace(policy, xml=text_of(root))]
    component = components[MetadataType.CONNECTED_APP, app.name]
    root = root_of(component).copy()
    root.children = [child for child in root.children if child.name != "permissionSetName"]
    root.children += [leaf("permissionSetName", gate) for gate in gates]
    root.children.sort(key=lambda child: child.name)
    return [replace(component, xml=text_of(root))]


def shown(root: Node, component: Component, faults: Faults, names_of: Mapping[str, str]) -> Node:
    """Return the component as a reader gets it; ``root`` is a copy. ``names_of`` maps permission sets to their ids."""
    for node in root.walk():
        if node.name == "certificate" and faults.argument("eca-certificate-text") == "bare":
            node.text = "".join(line for line in node.text.splitlines() if not line.startswith("-----"))
    if component.type is MetadataType.ECA_GLOBAL:
        if not faults.on("secrets-in-metadata"):
            root.put("consumerSecret", None)
        if faults.on("eca-key-unreadable"):
            root.put("consumerKey", _HIDDEN_KEYS[faults.argument("eca-key-unreadable") or "absent"])
    elif component.type is MetadataType.ECA_OAUTH_POLICY and names_of:
        listed = names(root.value("commaSeparatedPermissionSet"))
        text = ",".join(names_of.get(name, name) for name in listed)
        root.put("commaSeparatedPermissionSet", text or None)
    return root
