"""The app of a login as values, and back: five components of an external client app, or one connected app.

Each field is a row with a lens for each kind of app. An update keeps all that was read, because the effect of an
omitted element is not documented. Source: Metadata API Developer Guide, ExternalClientApplication, the ExtlClntApp
types, ConnectedApp.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from provisioner.components import xml
from provisioner.components.fields import holder_of, text_at
from provisioner.components.metadata import qualified
from provisioner.components.snapshot import Component, Snapshot, Unreadable
from provisioner.jose.certificates import der_of, fingerprint, pem_of
from provisioner.jose.login_certificate import read_login_certificate
from provisioner.model.login_types import CONNECTED_APP, GLOBAL, HEADER, OAUTH, OAUTH_POLICY, PARTS, POLICY
from provisioner.model.logins import (
    ADMIN_APPROVED,
    CALLBACK_URL,
    IP_POLICIES,
    PERMITTED_USERS,
    SCOPES,
    SELF_AUTHORIZED,
    SESSION_LEVELS,
    AppType,
    DeclaredLogin,
    scope_names,
)
from provisioner.model.types import FLAG, TEXT, WHOLE, Codec, MetadataType, default_label

PARENT = "externalClientApplication"
_CONSUMER_KEY = re.compile(r"(?=.*[0-9])[A-Za-z0-9._+/=-]{8,256}")
_STAND_INS = re.compile("placeholder|redact|hidden|mask", re.IGNORECASE)
Value = str | bool | int | tuple[str, ...] | None


def is_consumer_key(text: str | None) -> bool:
    """Return whether a text can be a consumer key. A placeholder that an org shows is never sent back, nor kept."""
    return text is not None and _CONSUMER_KEY.fullmatch(text) is not None and _STAND_INS.search(text) is None


@dataclass(frozen=True, slots=True)
class Lens:
    """Reads a value from a component, and writes it there. ``read`` gives None if the component does not say it."""

    read: Callable[[etree._Element], Value]
    write: Callable[[etree._Element, Any], None]


@dataclass(frozen=True, slots=True)
class AppField:
    """A field of an app. ``path`` is its place in the YAML of a login; ``part`` the component that has it.

    ``connected`` is the lens of a connected app, None if that has no such field. ``default`` is the value of a new app.
    """

    path: str
    part: MetadataType
    external: Lens
    connected: Lens | None
    declared: Callable[[DeclaredLogin], Value]
    default: Callable[[DeclaredLogin], Value] = lambda login: None

    def lens(self, kind: AppType) -> Lens | None:
        return self.external if kind is AppType.EXTERNAL else self.connected


@dataclass(frozen=True, slots=True)
class ObservedApp:
    """An app of the org. ``parts`` are its components by type: name and document."""

    type: AppType
    name: str
    parts: Mapping[MetadataType, Component]

    def root(self, part: MetadataType) -> etree._Element | None:
        found = self.parts.get(CONNECTED_APP if self.type is AppType.CONNECTED else part)
        return found.xml if found is not None else None

    @property
    def consumer_key(self) -> str | None:
        """Return the consumer key, if the org shows one."""
        root = self.root(GLOBAL)
        if root is not None and self.type is AppType.CONNECTED:
            root = xml.child(root, "oauthConfig")
        found = xml.text_of(root, "consumerKey")
        return found if is_consumer_key(found) else None


def observed_app(snapshot: Snapshot, kind: AppType, name: str) -> ObservedApp | Unreadable | None:
    """Return the app of that name; the reason if a part of it cannot be read; None if the org has none."""
    header = snapshot.find(CONNECTED_APP if kind is AppType.CONNECTED else HEADER, name)
    if not isinstance(header, Component):
        return header
    if kind is AppType.CONNECTED:
        return ObservedApp(kind, name, {CONNECTED_APP: header})
    parts = {HEADER: header}
    for part in PARTS[1:]:
        observed = snapshot.types[part]
        if isinstance(observed, Unreadable):
            return observed
        for found in observed.values():
            if isinstance(found, Unreadable):
                return found
            if xml.text_of(found.xml, PARENT) == name:
                parts[part] = found
    return ObservedApp(kind, name, parts)


def read_values(app: ObservedApp, set_names: Mapping[str, str]) -> dict[str, Value]:
    """Return the values of an app by the paths of its fields. ``set_names`` maps ids of permission sets to names."""
    found: dict[str, Value] = {}
    for field in FIELDS:
        lens, root = field.lens(app.type), app.root(field.part)
        if lens is not None:
            found[field.path] = lens.read(root) if root is not None else None
    gates = found.get(GATES)
    if isinstance(gates, tuple):
        found[GATES] = tuple(set_names.get(each[:15], each) for each in gates)
    return found


# Lenses


def _made_holder(root: etree._Element, path: tuple[str, ...]) -> etree._Element:
    """Return the element that holds the last one of ``path``; missing ones are made."""
    for name in path[:-1]:
        found = xml.child(root, name)
        if found is None:
            found = etree.Element(qualified(name))
            xml.insert(root, found)
        root = found
    return root


def _set(root: etree._Element, path: tuple[str, ...], value: str) -> None:
    xml.set_text(_made_holder(root, path), path[-1], value)


def _plain(codec: Codec, *path: str) -> Lens:
    """Return the lens of one element."""
    return Lens(
        lambda root: codec.decode(text_at(root, path)), lambda root, value: _set(root, path, codec.encode(value))
    )


def text(*path: str) -> Lens:
    """Return the lens of a text."""
    return _plain(TEXT, *path)


def flag(*path: str) -> Lens:
    """Return the lens of a boolean; a missing one counts as false."""
    return _plain(FLAG, *path)


def whole(*path: str) -> Lens:
    """Return the lens of a whole number; text that is not a number counts as missing."""
    return _plain(WHOLE, *path)


def named(names: Mapping[str, str], *path: str, absent: str | None = None) -> Lens:
    """Return the lens of a word by its name in YAML; ``absent`` is the metadata's word for a missing element."""
    back = {word.casefold(): name for name, word in names.items()}

    def read(root: etree._Element) -> Value:
        found = text_at(root, path) or absent
        return back.get(found.casefold(), found) if found is not None else None

    return Lens(read, lambda root, value: _set(root, path, names[value]))


def certificate(*path: str) -> Lens:
    """Return the lens of a certificate: read as the SHA-256 of its DER, written from DER."""

    def read(root: etree._Element) -> Value:
        found = text_at(root, path)
        der = der_of(found) if found is not None else None
        return fingerprint(der) if der is not None else found

    return Lens(read, lambda root, der: _set(root, path, pem_of(der)))


def _listed(root: etree._Element, element: str) -> tuple[str, ...]:
    written = xml.text_of(root, element) or ""
    return tuple(dict.fromkeys(part.strip() for part in written.split(",") if part.strip()))


def _repeated(root: etree._Element, path: tuple[str, ...], values: tuple[str, ...]) -> None:
    holder = _made_holder(root, path)
    xml.remove(holder, path[-1])
    made = [etree.Element(qualified(path[-1])) for _ in values]
    for element, value in zip(made, values, strict=True):
        element.text = value
    xml.insert(holder, *made)


def _texts(root: etree._Element, path: tuple[str, ...]) -> tuple[str, ...]:
    holder = holder_of(root, path)
    found = xml.children(holder, path[-1]) if holder is not None else []
    return tuple((each.text or "").strip() for each in found if (each.text or "").strip())


_SCOPES_PATH, _SETS_PATH = ("oauthConfig", "scopes"), ("permissionSetName",)
_SCOPES_EXTERNAL = Lens(
    lambda root: scope_names(xml.text_of(root, "commaSeparatedOauthScopes") or ""),
    lambda root, names: xml.set_text(
        root, "commaSeparatedOauthScopes", ", ".join(_scope(name, AppType.EXTERNAL) for name in names)
    ),
)
_SCOPES_CONNECTED = Lens(
    lambda root: scope_names(", ".join(_texts(root, _SCOPES_PATH))),
    lambda root, names: _repeated(root, _SCOPES_PATH, tuple(_scope(name, AppType.CONNECTED) for name in names)),
)
_GATES_EXTERNAL = Lens(
    lambda root: _listed(root, "commaSeparatedPermissionSet"),
    lambda root, names: xml.set_text(root, "commaSeparatedPermissionSet", ",".join(names)),
)
_GATES_CONNECTED = Lens(
    lambda root: _texts(root, _SETS_PATH), lambda root, names: _repeated(root, _SETS_PATH, tuple(names))
)


def _scope(name: str, kind: AppType) -> str:
    return SCOPES[name][kind is AppType.CONNECTED] if name in SCOPES else name


def _write_enabled(root: etree._Element, value: bool) -> None:
    xml.set_text(root, "isEnabled", value)
    if value:
        xml.set_text(root, "isOauthPluginEnabled", True)


_ENABLED = Lens(
    lambda root: xml.flag_of(root, "isEnabled") and (xml.text_of(root, "isOauthPluginEnabled") or "true") == "true",
    _write_enabled,
)
_APPROVED = Lens(
    lambda root: ADMIN_APPROVED if text_at(root, ("oauthConfig", "isAdminApproved")) == "true" else SELF_AUTHORIZED,
    lambda root, value: _set(root, ("oauthConfig", "isAdminApproved"), "true" if value == ADMIN_APPROVED else "false"),
)


def _hours(root: etree._Element) -> Value:
    """Return the hours that a refresh token lives; 0 if none is issued, None if it has no fixed end."""
    match xml.text_of(root, "refreshTokenPolicyType"):
        case "Zero":
            return 0
        case "SpecificLifetime":
            period = xml.number_of(root, "refreshTokenValidityPeriod")
            factor = {"Hours": 1, "Days": 24}.get(xml.text_of(root, "refreshTokenValidityUnit") or "")
            return period * factor if period is not None and factor is not None else None
        case _:
            return None


def _write_hours(root: etree._Element, hours: int) -> None:
    xml.remove(root, "refreshTokenValidityPeriod")
    xml.remove(root, "refreshTokenValidityUnit")
    xml.set_text(root, "refreshTokenPolicyType", "SpecificLifetime" if hours else "Zero")
    if hours:
        xml.set_text(root, "refreshTokenValidityPeriod", hours)
        xml.set_text(root, "refreshTokenValidityUnit", "Hours")


_CONNECTED_HOURS = ("oauthPolicy", "refreshTokenPolicy")


def _connected_hours(root: etree._Element) -> Value:
    parts = (text_at(root, _CONNECTED_HOURS) or "infinite").split(":")
    if parts == ["zero"]:
        return 0
    factor = {"HOURS": 1, "DAYS": 24}.get(parts[2]) if len(parts) == 3 and parts[0] == "specific_lifetime" else None
    return int(parts[1]) * factor if factor is not None and parts[1].isdecimal() else None


_HOURS = Lens(_hours, _write_hours)
_HOURS_CONNECTED = Lens(
    _connected_hours,
    lambda root, hours: _set(root, _CONNECTED_HOURS, f"specific_lifetime:{hours}:HOURS" if hours else "zero"),
)


def declared_certificate(login: DeclaredLogin) -> bytes | None:
    """Return the DER of the declared certificate; None if there is none that can be used."""
    if login.app.certificate is None:
        return None
    found = read_login_certificate(login.app.certificate)
    return found.certificate.der if found.is_usable and found.certificate is not None else None


def _declared_fingerprint(login: DeclaredLogin) -> Value:
    der = declared_certificate(login)
    return fingerprint(der) if der is not None else None


_IP_EXTERNAL = {name: words[0] for name, words in IP_POLICIES.items()}
_IP_CONNECTED = {name: words[1] for name, words in IP_POLICIES.items()}
CERTIFICATE, GATES, SCOPES_PATH, ENABLED = "app.certificate", "access.gate", "app.scopes", "app.enabled"
PERMITTED, CONTACT, HOURS = "policy.permitted_users", "app.contact_email", "policy.refresh_token_hours"
TIMEOUT, LEVEL, JWT_TOKENS = "policy.session_timeout_minutes", "policy.session_level", "app.jwt_access_tokens"

FIELDS: tuple[AppField, ...] = (
    AppField("app.label", HEADER, text("label"), text("label"), lambda login: login.app.label,
             lambda login: default_label(login.app.name)),
    AppField(CONTACT, HEADER, text("contactEmail"), text("contactEmail"), lambda login: login.app.contact_email),
    AppField("app.description", HEADER, text("description"), text("description"),
             lambda login: login.app.description),
    AppField(CERTIFICATE, GLOBAL, certificate("certificate"), certificate("oauthConfig", "certificate"),
             _declared_fingerprint),
    AppField("app.callback_url", GLOBAL, text("callbackUrl"), text("oauthConfig", "callbackUrl"),
             lambda login: login.app.callback_url, lambda login: CALLBACK_URL),
    AppField(JWT_TOKENS, GLOBAL, flag("isNamedUserJwtEnabled"), flag("oauthConfig", "isNamedUserJwtEnabled"),
             lambda login: login.app.jwt_access_tokens, lambda login: False),
    AppField(SCOPES_PATH, OAUTH, _SCOPES_EXTERNAL, _SCOPES_CONNECTED, lambda login: login.app.scopes,
             lambda login: ("api", "refresh_token")),
    AppField(ENABLED, POLICY, _ENABLED, None, lambda login: login.app.enabled, lambda login: True),
    AppField(PERMITTED, OAUTH_POLICY, named(PERMITTED_USERS, "permittedUsersPolicyType", absent="AllSelfAuthorized"),
             _APPROVED, lambda login: login.policy.permitted_users, lambda login: ADMIN_APPROVED),
    AppField("policy.ip", OAUTH_POLICY, named(_IP_EXTERNAL, "ipRelaxationPolicyType", absent="Enforce"),
             named(_IP_CONNECTED, "oauthPolicy", "ipRelaxation", absent="ENFORCE"), lambda login: login.policy.ip,
             lambda login: "enforce"),
    AppField(TIMEOUT, OAUTH_POLICY, whole("sessionTimeoutInMinutes"), whole("sessionPolicy", "sessionTimeout"),
             lambda login: login.policy.session_timeout_minutes),
    AppField(HOURS, OAUTH_POLICY, _HOURS, _HOURS_CONNECTED, lambda login: login.policy.refresh_token_hours,
             lambda login: 0),
    AppField(LEVEL, OAUTH_POLICY, named(SESSION_LEVELS, "requiredSessionLevel", absent="STANDARD"),
             named(SESSION_LEVELS, "sessionPolicy", "sessionLevel", absent="STANDARD"),
             lambda login: login.policy.session_level, lambda login: "standard"),
    AppField(GATES, OAUTH_POLICY, _GATES_EXTERNAL, _GATES_CONNECTED,
             lambda login: (login.gate,) if login.gate is not None else None),
)  # fmt: skip
FIELD = {field.path: field for field in FIELDS}
