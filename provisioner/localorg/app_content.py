"""What the org makes of the apps and permission sets that it takes: what it keeps, adds and shows.

Source: Metadata API Developer Guide, ExternalClientApplication and the ExtlClntApp types, ConnectedApp, PermissionSet.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterable, Mapping
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric import rsa

from provisioner.localorg import permissions
from provisioner.localorg.app_rules import Scene, link_of, permission_set, read_certificate
from provisioner.localorg.apps import PARENT, names, satellites
from provisioner.localorg.content import root_of, text_of
from provisioner.localorg.faults import Faults
from provisioner.localorg.records import App, Component, MetadataType
from provisioner.localorg.xmltree import Node, branch, leaf

_KEY_LETTERS = string.ascii_letters + string.digits + "._"
_FLOWS = ("isClientCredentialsFlowEnabled", "isGuestCodeCredFlowEnabled", "isTokenExchangeFlowEnabled")
_HIDDEN_KEYS = {"absent": None, "placeholder": "Placeholder"}
#: What the org fills in: by type, element and value.
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
    """A consumer key as an org makes it."""
    return "3MVG9" + "".join(secrets.choice(_KEY_LETTERS) for _ in range(80))


def settled(kind: MetadataType, name: str, content: Node, sent: Node, old: Node | None, scene: Scene) -> Node:
    """What the org keeps of a component that it takes; ``content`` is ``sent`` in the form in which it is kept."""
    for element, value in _DEFAULTS.get(kind, {}).items():
        if content.find(element) is None:
            _set(content, element, value)
    match kind:
        case MetadataType.PERMISSION_SET:
            _settle_permissions(content)
        case MetadataType.ECA:
            _set(content, "orgScopedExternalApp", f"{scene.org_id[:15]}:{name}")
        case MetadataType.ECA_OAUTH:
            _set(content, "oauthLink", old.value("oauthLink") if old is not None else None)
        case MetadataType.ECA_GLOBAL:
            _settle_global(content, old, scene.faults)
        case MetadataType.ECA_OAUTH_POLICY:
            _settle_oauth_policy(content, sent, old, scene)
        case MetadataType.CONNECTED_APP:
            _settle_connected(content, sent, old)
        case _:
            pass
    return content


def _set(root: Node, name: str, value: str | None) -> None:
    root.children = [child for child in root.children if child.name != name]
    if value is not None:
        root.children.append(leaf(name, value))
        root.children.sort(key=lambda child: child.name)


def _settle_permissions(content: Node) -> None:
    given = {node.value("name") or "" for node in content.all("userPermissions") if node.value("enabled") == "true"}
    missing = {needed for name in given for needed in permissions.NEEDS.get(name, ())} - given
    content.children += [branch("userPermissions", (leaf("enabled", "true"), leaf("name", name))) for name in missing]
    content.children.sort(key=lambda child: (child.name, child.value("name") or ""))


def _settle_secrets(config: Node, old: Node | None) -> None:
    """Keep the consumer key and the secret that there were; drop a certificate that is not RSA."""
    before = {name: old.value(name) if old is not None else None for name in ("consumerKey", "consumerSecret")}
    _set(config, "consumerKey", before["consumerKey"] or config.value("consumerKey") or new_key())
    _set(config, "consumerSecret", before["consumerSecret"] or secrets.token_hex(32).upper())
    certificate = read_certificate(config.value("certificate") or "")
    if certificate is not None and not isinstance(certificate.public_key(), rsa.RSAPublicKey):
        _set(config, "certificate", None)


def _settle_global(content: Node, old: Node | None, faults: Faults) -> None:
    if old is None and faults.argument("eca-consumer-key") == "replaced":
        _set(content, "consumerKey", None)
    _settle_secrets(content, old)
    if faults.on("eca-pkce-reverts"):
        _set(content, "isPkceRequired", "true")
    for command, element in (
        ("shouldRotateConsumerKey", "consumerKey"),
        ("shouldRotateConsumerSecret", "consumerSecret"),
    ):
        if content.value(command) == "true":
            _set(content, element, new_key() if element == "consumerKey" else secrets.token_hex(32).upper())
            _set(content, command, "false")


def _settle_oauth_policy(content: Node, sent: Node, old: Node | None, scene: Scene) -> None:
    """Permission sets are kept by name. A list that is not sent stays, unless a fault removes it."""
    if content.find("refreshTokenPolicyType") is None:
        for element, value in _DEFAULT_LIFETIME.items():
            _set(content, element, value)
    for element in ("commaSeparatedPermissionSet", "commaSeparatedProfile"):
        if sent.find(element) is None and old is not None and not scene.faults.on("eca-permission-set-omitted-gone"):
            _set(content, element, old.value(element))
    found = [permission_set(text, scene.components) for text in names(content.value("commaSeparatedPermissionSet"))]
    listed = ",".join(dict.fromkeys(each.name for each in found if each is not None))
    _set(content, "commaSeparatedPermissionSet", listed or None)


def _settle_connected(content: Node, sent: Node, old: Node | None) -> None:
    config = content.find("oauthConfig")
    if config is not None:
        _settle_secrets(config, old.find("oauthConfig") if old is not None else None)
    for element in ("permissionSetName", "profileName"):
        if old is not None and not sent.all(element):
            content.children += [leaf(element, node.text) for node in old.all(element)]
    if content.find("oauthPolicy") is None:
        policy = branch("oauthPolicy", (leaf("ipRelaxation", "ENFORCE"), leaf("refreshTokenPolicy", "infinite")))
        content.children.append(policy)
    content.children.sort(key=lambda child: child.name)


def missing_policies(components: Mapping[tuple[MetadataType, str], Component]) -> list[tuple[MetadataType, str, Node]]:
    """The default policies of the apps that have none: type, name and file."""
    found = []
    for (kind, name), component in components.items():
        parent = name if kind is MetadataType.ECA else (root_of(component).value(PARENT) or "").strip()
        policy = {MetadataType.ECA: MetadataType.ECA_POLICY, MetadataType.ECA_OAUTH: MetadataType.ECA_OAUTH_POLICY}.get(
            kind
        )
        if policy is not None and policy not in satellites(components, parent):
            made = f"{name}_defaultPolicy"
            enabled = leaf("isEnabled", "true") if policy is MetadataType.ECA_POLICY else None
            content = branch(policy.xml_name, (leaf(PARENT, parent), enabled, leaf("label", made)))
            found.append((policy, made, content))
    return found


def linked(component: Component, components: Mapping[tuple[MetadataType, str], Component], org_id: str) -> Node | None:
    """The OAuth settings with their link, where it is not there yet and can be made."""
    root = root_of(component)
    consumer = satellites(components, (root.value(PARENT) or "").strip()).get(MetadataType.ECA_GLOBAL)
    if root.find("oauthLink") is not None or consumer is None:
        return None
    root = root.copy()
    _set(root, "oauthLink", link_of(org_id, consumer))
    return root


def without_permission_set(component: Component, name: str) -> Node | None:
    """The app's policy or the connected app without a permission set that is deleted; None where it names it not."""
    root = root_of(component).copy()
    listed = names(root.value("commaSeparatedPermissionSet"))
    if component.type is MetadataType.ECA_OAUTH_POLICY and name in listed:
        _set(root, "commaSeparatedPermissionSet", ",".join(each for each in listed if each != name) or None)
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
    """The components of an app that say which permission sets it is bound to, with these."""
    gates = tuple(gates)
    if app.external:
        policy = satellites(components, app.name)[MetadataType.ECA_OAUTH_POLICY]
        root = root_of(policy).copy()
        _set(root, "commaSeparatedPermissionSet", ",".join(gates) or None)
        return [replace(policy, xml=text_of(root))]
    component = components[MetadataType.CONNECTED_APP, app.name]
    root = root_of(component).copy()
    root.children = [child for child in root.children if child.name != "permissionSetName"]
    root.children += [leaf("permissionSetName", gate) for gate in gates]
    root.children.sort(key=lambda child: child.name)
    return [replace(component, xml=text_of(root))]


def shown(root: Node, component: Component, faults: Faults, names_of: Mapping[str, str]) -> Node:
    """The component as a reader gets it; ``root`` is a copy. ``names_of`` says what stands for a permission set."""
    for node in root.walk():
        if node.name == "certificate" and faults.argument("eca-certificate-text") == "bare":
            node.text = "".join(line for line in node.text.splitlines() if not line.startswith("-----"))
    if component.type is MetadataType.CONNECTED_APP:
        config = root.find("oauthConfig")
        if config is not None:
            _set(config, "consumerSecret", None)
    elif component.type is MetadataType.ECA_GLOBAL:
        if not faults.on("secrets-in-metadata"):
            _set(root, "consumerSecret", None)
        if faults.on("eca-key-unreadable"):
            _set(root, "consumerKey", _HIDDEN_KEYS[faults.argument("eca-key-unreadable") or "absent"])
    elif component.type is MetadataType.ECA_OAUTH_POLICY and names_of:
        listed = names(root.value("commaSeparatedPermissionSet"))
        text = ",".join(names_of.get(name, name) for name in listed)
        _set(root, "commaSeparatedPermissionSet", text or None)
    return root
