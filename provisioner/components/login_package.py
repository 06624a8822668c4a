"""The content of a login's deployment: permission sets, and the parts of an app that change.

An external client app is made of five components in one package. Source: Metadata API Developer Guide; the names of the
settings and policies are the ones that an org gives them, because an org has one policy of each kind for an app.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping

from lxml import etree

from provisioner.components import xml
from provisioner.components.login_app import (
    CERTIFICATE,
    FIELDS,
    GATES,
    PARENT,
    ObservedApp,
    Value,
    declared_certificate,
    is_consumer_key,
)
from provisioner.components.metadata import qualified
from provisioner.components.package import Name
from provisioner.model.login_types import (
    CONNECTED_APP,
    GLOBAL,
    HEADER,
    OAUTH,
    OAUTH_POLICY,
    PARTS,
    PERMISSION_SET,
    POLICY,
)
from provisioner.model.logins import AppType, DeclaredLogin, DeclaredPermissionSet
from provisioner.model.types import MetadataType, default_label

#: An org's own keys have about 85 characters; 64 hexadecimal digits would look like a consumer secret.
KEY_LENGTH = 80
_SUFFIXES = {OAUTH: "_oauth", GLOBAL: "_glbloauth", OAUTH_POLICY: "_oauth_defaultPolicy", POLICY: "_defaultPolicy"}
#: What a new part has beside its fields: all flows off, and nothing rotated.
_CONSTANTS: Mapping[MetadataType, Mapping[str, str]] = {
    HEADER: {"distributionState": "Local", "isProtected": "false"},
    OAUTH: {},
    GLOBAL: {
        **dict.fromkeys(
            (
                "isClientCredentialsFlowEnabled", "isCodeCredFlowEnabled", "isCodeCredPostOnly",
                "isConsumerSecretOptional", "isDeviceFlowEnabled", "isIntrospectAllTokens",
                "isRefreshTokenRotationEnabled", "isSecretRequiredForTokenExchange", "isTokenExchangeEnabled",
                "shouldRotateConsumerKey", "shouldRotateConsumerSecret",
            ),
            "false",
        ),
        "isPkceRequired": "true",
        "isSecretRequiredForRefreshToken": "true",
    },
    OAUTH_POLICY: {
        **dict.fromkeys(
            ("isClientCredentialsFlowEnabled", "isGuestCodeCredFlowEnabled", "isTokenExchangeFlowEnabled"), "false"
        ),
    },
    POLICY: {"isEnabled": "true", "isOauthPluginEnabled": "true", "startPage": "None"},
}  # fmt: skip
#: Elements that are read and never sent: the org generates them, or refuses them from API version 64.0 on.
_NEVER_SENT = {OAUTH: ("oauthLink",), HEADER: ("managedType",), OAUTH_POLICY: ("isNamedUserJwtEnabled",)}
#: Commands in the form of fields: true replaces the key or the secret.
_COMMANDS = ("shouldRotateConsumerKey", "shouldRotateConsumerSecret")
GATE_DESCRIPTION = "Users who may use an app. It grants no permission."


def new_consumer_key() -> str:
    """Return a new consumer key: 80 letters and digits, with both cases and a digit."""
    letters = string.ascii_letters + string.digits
    while True:
        key = "".join(secrets.choice(letters) for _ in range(KEY_LENGTH))
        if any(each.islower() for each in key) and any(each.isupper() for each in key) and not key.isalpha():
            return key


def part_name(app: str, part: MetadataType) -> str:
    """Return the name of a part of an external client app, as an org gives it."""
    return app + _SUFFIXES.get(part, "")


def new_app(login: DeclaredLogin, consumer_key: str | None) -> dict[Name, etree._Element]:
    """Return the five parts of a new external client app; without a key the org chooses one."""
    made = {(part, part_name(login.app.name, part)): _new_part(login, part) for part in PARTS}
    if consumer_key is not None:
        xml.set_text(made[GLOBAL, part_name(login.app.name, GLOBAL)], "consumerKey", consumer_key)
    return made


def _new_part(login: DeclaredLogin, part: MetadataType, name: str | None = None) -> etree._Element:
    root = xml.new_component(part)
    for element, value in _CONSTANTS[part].items():
        xml.set_text(root, element, value)
    if part is not HEADER:
        xml.set_text(root, PARENT, login.app.name)
        xml.set_text(root, "label", name or part_name(login.app.name, part))
    for field in FIELDS:
        if field.part is part:
            declared = field.declared(login)
            wanted = field.default(login) if declared is None else declared
            if wanted is not None:
                field.external.write(root, declared_certificate(login) if field.path == CERTIFICATE else wanted)
    return root


def changed_app(
    login: DeclaredLogin, app: ObservedApp, changes: Mapping[str, Value], set_names: Mapping[str, str]
) -> dict[Name, etree._Element]:
    """Return the changed parts of an app with all that was read. ``changes`` has values by the paths of fields."""
    made: dict[Name, etree._Element] = {}
    for field in FIELDS:
        lens = field.lens(app.type)
        if field.path not in changes or lens is None:
            continue
        part = CONNECTED_APP if app.type is AppType.CONNECTED else field.part
        found = app.parts.get(part)
        name = found.full_name if found is not None else _missing_name(app, part)
        if (part, name) not in made:
            made[part, name] = _sendable(part, found.xml, set_names) if found else _new_part(login, part, name)
        value = declared_certificate(login) if field.path == CERTIFICATE else changes[field.path]
        lens.write(made[part, name], value)
    for root in made.values():
        _complete(root)
    return made


def _missing_name(app: ObservedApp, part: MetadataType) -> str:
    """Return the name that an org gives to a missing part: an OAuth policy is named after the OAuth settings."""
    settings = app.parts.get(OAUTH)
    if part is OAUTH_POLICY and settings is not None:
        return f"{settings.full_name}_defaultPolicy"
    return part_name(app.name, part)


def _sendable(part: MetadataType, read: etree._Element, set_names: Mapping[str, str]) -> etree._Element:
    """Return a part as it was read, in a form that the org takes back."""
    root = xml.copy(read)
    for element in _NEVER_SENT.get(part, ()):
        xml.remove(root, element)
    for element in _COMMANDS if part is GLOBAL else ():
        xml.set_text(root, element, False)
    holder = xml.child(root, "oauthConfig") if part is CONNECTED_APP else root
    key = xml.text_of(holder, "consumerKey")
    if holder is not None and key is not None and not is_consumer_key(key):
        xml.remove(holder, "consumerKey")
    if part is OAUTH_POLICY:
        field = next(each for each in FIELDS if each.path == GATES)
        found = field.external.read(root)
        if isinstance(found, tuple) and found:
            field.external.write(root, tuple(set_names.get(each[:15], each) for each in found))
    return in_order(root)


def _complete(root: etree._Element) -> None:
    """Add the second child of an oauthPolicy, which has both or is missing; infinite is what an org has without it."""
    policy = xml.child(root, "oauthPolicy")
    if policy is None:
        return
    for element, value in (("ipRelaxation", "ENFORCE"), ("refreshTokenPolicy", "infinite")):
        if xml.text_of(policy, element) is None:
            xml.set_text(policy, element, value)


def in_order(root: etree._Element) -> etree._Element:
    """Sort the component's elements in the order of the schema, which is alphabetical, and return it."""
    root[:] = sorted(root, key=xml.name_of)
    return root


def permission_set(declared: DeclaredPermissionSet, present: etree._Element | None) -> etree._Element:
    """Return a permission set with exactly the declared user permissions; the rest of a present one stays."""
    root = xml.copy(present) if present is not None else _new_set("Permissions of a login by JWT.")
    if declared.label is not None or present is None:
        xml.set_text(root, "label", declared.setup_label)
    xml.remove(root, "userPermissions")
    xml.insert(root, *map(_permission, declared.user_permissions))
    return in_order(root)


def gate(name: str) -> etree._Element:
    """Return a new permission set without permissions."""
    root = _new_set(GATE_DESCRIPTION)
    xml.set_text(root, "label", default_label(name))
    return root


def _new_set(description: str) -> etree._Element:
    root = xml.new_component(PERMISSION_SET)
    xml.set_text(root, "description", description)
    xml.set_text(root, "hasActivationRequired", False)
    return root


def _permission(name: str) -> etree._Element:
    made = etree.Element(qualified("userPermissions"))
    xml.set_text(made, "enabled", True)
    xml.set_text(made, "name", name)
    return made


def user_permissions(root: etree._Element) -> tuple[str, ...]:
    """Return the user permissions that a permission set grants, in alphabetical order."""
    granted = (each for each in xml.children(root, "userPermissions") if xml.flag_of(each, "enabled"))
    return tuple(sorted(name for each in granted if (name := xml.text_of(each, "name")) is not None))


def renamed(components: Mapping[Name, etree._Element], part: MetadataType, name: str) -> dict[Name, etree._Element]:
    """Return the components with the one of that part under another name."""
    return {(kind, name if kind is part else each): root for (kind, each), root in components.items()}


def without_key(components: Mapping[Name, etree._Element]) -> dict[Name, etree._Element]:
    """Return the components without a consumer key, for an org that chooses it."""
    made = {name: xml.copy(root) for name, root in components.items()}
    for (kind, _), root in made.items():
        if kind is GLOBAL:
            xml.remove(root, "consumerKey")
    return made
