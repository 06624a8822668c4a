"""The managed metadata types with their fields: a field is one row.

The schema of the declaration and its reading, the reading and editing of XML, comparison, import, rollback, the YAML
place of a refusal and the layout of new YAML follow from the rows. Impact sentences, guards, key material and the
source of a keyset have code of their own.

Source: Metadata API Developer Guide, PublicKeyCertificate and PublicKeyCertificateSet (API 62.0 and later),
MessagingChannel: embeddedConfig (API 62.0 and later) with authMode (Auth, UnAuth), messagingAuthorizations[]
(authIdentifier, authorizationType, enabled, publicKeyCertificateSetName), verifiedUserJwtExpirationTime and
anonymousUserJwtExpirationTime (minutes). authProviderName is never set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import InitVar, dataclass, field
from enum import StrEnum
from functools import cached_property
from operator import attrgetter
from types import MappingProxyType
from typing import Any, ClassVar

from provisioner.model.estate import Issuer
from provisioner.model.expirations import Expiration, in_force

YamlPath = tuple[str, ...]


class Risk(StrEnum):
    """The possible harm of a change; ``permanent`` needs --allow-permanent, ``destructive`` --allow-destroy."""

    NONE = "none"
    DISRUPTIVE = "disruptive"
    PERMANENT = "permanent"
    DESTRUCTIVE = "destructive"

    @property
    def weight(self) -> int:
        return list(Risk).index(self)


#: The risk of a change from a value to another. The flag is true if customers depend on the value: the key or the
#: keyset is in use, the configuration is active, or the channel's mode stays.
RiskRule = Callable[[Any, Any, bool], Risk]


def _no_risk(before: Any, after: Any, in_use: bool) -> Risk:
    return Risk.NONE


def _when_switched_off(before: Any, after: Any, in_use: bool) -> Risk:
    return Risk.DISRUPTIVE if before and not after else Risk.NONE


def _when_shorter(before: Any, after: Any, in_use: bool) -> Risk:
    return Risk.DISRUPTIVE if in_use and before is not None and after < before else Risk.NONE


def _disruptive_in_use(before: Any, after: Any, in_use: bool) -> Risk:
    return Risk.DISRUPTIVE if in_use else Risk.NONE


def _destructive_in_use(before: Any, after: Any, in_use: bool) -> Risk:
    return Risk.DESTRUCTIVE if in_use else Risk.NONE


def _switch_of_verification(before: Any, after: Any, in_use: bool) -> Risk:
    return Risk.DISRUPTIVE if after else Risk.DESTRUCTIVE


@dataclass(frozen=True, slots=True)
class Codec:
    """Converts between the text of an element (None if it is missing or empty) and a value of a JSON type."""

    json_type: str
    decode: Callable[[str | None], Any]
    encode: Callable[[Any], str] = str


def _whole(text: str | None) -> int | None:
    try:
        return int(text) if text is not None else None
    except ValueError:
        return None


TEXT = Codec("string", lambda text: text)
#: An xsd:boolean; a missing one counts as false, the default of orgs.
FLAG = Codec("boolean", lambda text: (text or "").lower() in ("true", "1"), lambda value: "true" if value else "false")
#: An xsd:int; text that is not a number counts as missing.
WHOLE = Codec("integer", _whole)
AUTH, UNAUTH = "Auth", "UnAuth"
#: User verification, on or off; a missing authMode counts as UnAuth.
AUTH_MODE = Codec("boolean", lambda text: text == AUTH, lambda value: AUTH if value else UNAUTH)


def default_label(name: str) -> str:
    """Return the default label of a component: its API name with spaces."""
    return name.replace("_", " ")


def label_or_default(label: str | None, name: str) -> str:
    """Return the label of a component: the declared one if there is one, else the default."""
    return label or default_label(name)


@dataclass(frozen=True, slots=True)
class Field:
    """A scalar field. ``yaml`` is its path below the component, ``xml`` that of its element; ``help`` is for editors.

    ``attribute`` is its name in the declared value and in the observed one; by default the last part of the path.
    ``default`` returns the value of an omitted field in a new component, by the component's name; None: no value.
    ``empty`` is the value in YAML of an element that is missing; None: YAML cannot express that it is missing.
    ``in_force`` returns whether the field takes effect while user verification is on, or off. ``unwrap`` and ``wrap``
    convert the declared value to the plain one, and back. ``rule`` reports a value of the wrong type.
    """

    yaml: str
    xml_path: InitVar[str]
    help: str
    codec: Codec = TEXT
    risk: RiskRule = _no_risk
    attribute: str = ""
    default: Callable[[str], Any] = lambda name: None
    empty: Any = None
    in_force: Callable[[bool], bool] = lambda verification_on: True
    unwrap: Callable[[Any], Any] = lambda declared: declared
    wrap: Callable[[Any], Any] = lambda value: value
    rule: str = ""
    path: YamlPath = field(init=False)
    xml: tuple[str, ...] = field(init=False)

    def __post_init__(self, xml_path: str) -> None:
        object.__setattr__(self, "path", tuple(self.yaml.split(".")))
        object.__setattr__(self, "xml", tuple(xml_path.split("/")))
        object.__setattr__(self, "attribute", self.attribute or self.path[-1])

    def declared_in(self, declared: Any) -> Any:
        """Return a declared component's value; None if the field is not managed."""
        value = getattr(declared, self.attribute)
        return self.unwrap(value) if value is not None else None

    @property
    def elements(self) -> tuple[str, ...]:
        return self.xml[-1:]


@dataclass(frozen=True, slots=True)
class Entries:
    """Repeated elements, complete as declared.

    ``name`` is the element with an entry's name; ``only`` are the elements, with their texts, that mark our entries.
    """

    path: YamlPath
    xml: tuple[str, ...]
    name: str
    only: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    fields: tuple[Field, ...] = ()

    @property
    def elements(self) -> tuple[str, ...]:
        return (self.xml[-1], self.name, *self.only, *(each.xml[-1] for each in self.fields))


@dataclass(frozen=True, slots=True)
class Explicit:
    """A part that code handles separately; a refusal that names one of its elements leads to ``path``."""

    elements: tuple[str, ...]
    path: YamlPath


@dataclass(frozen=True, eq=False)
class MetadataType:
    """A metadata type: its names in the Metadata API, in addresses and in YAML, and its fields.

    A user needs ``permission`` to read it. A type that is not ``creatable`` must exist in the org, and stays there.
    ``root`` is the name of the root element, if it is not that of the type. ``by_retrieve``: only a retrieve returns
    it, because the Metadata API reads it under another name than it lists. ``deployed_first``: everything else may
    need it, so it is deployed before, in a package of its own.
    """

    KEY: ClassVar[MetadataType]
    KEYSET: ClassVar[MetadataType]
    CHANNEL: ClassVar[MetadataType]
    DEPLOYMENT: ClassVar[MetadataType]
    CORS_ORIGIN: ClassVar[MetadataType]
    SETTINGS: ClassVar[MetadataType]

    xml_name: str
    directory: str
    suffix: str
    word: str
    section: str
    permission: str
    creatable: bool
    rows: tuple[Field | Entries | Explicit, ...]
    root: str = ""
    by_retrieve: bool = False
    deployed_first: bool = False

    @property
    def root_name(self) -> str:
        """Return the name of the root element: that of the type, unless it is another one."""
        return self.root or self.xml_name

    def address(self, full_name: str) -> str:
        """Return ``key.NAME``, ``keyset.NAME`` or ``channel.NAME``."""
        return f"{self.word}.{full_name}"

    def path(self, full_name: str) -> str:
        """Return the component's file in a package, relative to the package's root."""
        return f"{self.directory}/{full_name}.{self.suffix}"

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Return the scalar fields."""
        return tuple(row for row in self.rows if isinstance(row, Field))

    @cached_property
    def yaml_paths(self) -> Mapping[str, YamlPath]:
        """Return the YAML path, below the component, of each XML element."""
        return {name: row.path for row in self.rows for name in row.elements}

    @cached_property
    def containers(self) -> frozenset[str]:
        """Return the XML elements that only contain others."""
        held = (row.xml[:-1] for row in self.rows if not isinstance(row, Explicit))
        return frozenset({self.xml_name}.union(*held))

    @cached_property
    def entries(self) -> tuple[Entries, ...]:
        """Return the repeated elements."""
        return tuple(row for row in self.rows if isinstance(row, Entries))

    def on_one_line(self, path: YamlPath) -> bool:
        """Return whether people write the mapping at ``path``, below a component, on one line."""
        entries, scalars = {row.path for row in self.entries}, {row.path for row in self.fields}
        blocks = {each[:-1] for each in scalars} - {each[:-1] for each in entries}
        return bool(path) and (path in scalars | blocks or path[:-1] in entries)


_METADATA = "API Enabled and Modify Metadata Through Metadata API Functions"
_SETUP = f"{_METADATA} (Customize Application for the Setup pages)"
_MESSAGING = f"{_METADATA}, Configure Messaging and View Setup and Configuration"
_KEY, _KEYSET, _CHANNEL = "PublicKeyCertificate", "PublicKeyCertificateSet", "MessagingChannel"
_LABEL = Field(
    "label", "masterLabel", "The label in Setup; by default the API name with spaces.", default=default_label
)
_DESCRIPTION = Field("description", "description", "The description in Setup.", empty="")

MetadataType.KEY = MetadataType(_KEY, _KEY, _KEY, "key", "keys", _SETUP, True, (
    _LABEL,
    _DESCRIPTION,
    Field("active", "isActive", "Whether tokens signed with this key verify. True by default, and always sent.",
          FLAG, _when_switched_off, default=lambda name: True),
    Explicit(("jsonWebKey",), ()),
))  # fmt: skip

#: The uploaded keys of a keyset.
MEMBERS = Entries(("keys",), ("publicKeyCertificateSetKeys",), "publicKeyCertificate")

MetadataType.KEYSET = MetadataType(_KEYSET, _KEYSET, _KEYSET, "keyset", "keysets", _SETUP, True, (
    _LABEL,
    _DESCRIPTION,
    Field("issuer", "jwtIssuer",
          "The issuer of the tokens: a name under issuers, a literal value, or {literal: VALUE}.",
          risk=_destructive_in_use, unwrap=attrgetter("value"), wrap=Issuer),
    Explicit(("jwksEndPoint",), ("endpoint",)),
    MEMBERS,
    Explicit(("type",), ()),
))  # fmt: skip

#: The user-verification configurations of a channel that use a keyset.
CONFIGURATIONS = Entries(
    ("user_verification", "configurations"), ("embeddedConfig", "messagingAuthorizations"), "authIdentifier",
    MappingProxyType({"authorizationType": _KEYSET}), (
        Field("keyset", "publicKeyCertificateSetName", "A name under keysets.", risk=_disruptive_in_use),
        Field("active", "enabled", "Whether the configuration is used. True by default, and always sent.",
              FLAG, _when_switched_off),
    ),
)  # fmt: skip


def _expiration(which: Expiration, element: str, help: str) -> Field:
    def is_in_force(verification_on: bool) -> bool:
        return in_force(verification_on) is which

    return Field(
        ".".join(which.path), f"embeddedConfig/{element}", help, WHOLE, _when_shorter, f"{which}_minutes",
        in_force=is_in_force, rule="expiration-invalid",
    )  # fmt: skip


MetadataType.CHANNEL = MetadataType(
    _CHANNEL, "messagingChannels", "messagingChannel", "channel", "channels", _MESSAGING, False, (
        Field("user_verification.enabled", "embeddedConfig/authMode",
              "User verification on (authMode Auth) or off (UnAuth).", AUTH_MODE, _switch_of_verification),
        CONFIGURATIONS,
        _expiration(Expiration.VERIFIED, "verifiedUserJwtExpirationTime",
                    "For verified users. Takes effect while verification is on."),
        _expiration(Expiration.UNVERIFIED, "anonymousUserJwtExpirationTime",
                    "For unverified users. Takes effect while verification is off."),
    ),
)  # fmt: skip

#: The YAML path, below a channel, of each element that only a new channel gets.
CHANNEL_CREATION: Mapping[str, YamlPath] = MappingProxyType({
    "masterLabel": ("create", "label"),
    "description": ("create", "description"),
    "sessionHandlerQueue": ("create", "routing"),
    "sessionHandlerFlow": ("create", "routing", "flow"),
    "sessionHandlerType": ("create", "routing"),
    "isAttachmentUploadEnabled": ("create", "attachments"),
})  # fmt: skip

#: The managed types, in the order of dependency: keys before keysets before channels.
TYPES = (MetadataType.KEY, MetadataType.KEYSET, MetadataType.CHANNEL)
#: The name of the settings that switch Messaging on.
MESSAGING_SETTINGS = "LiveMessage"
#: Types that are read only if the declaration has deployments, or says that Messaging is on.
MetadataType.DEPLOYMENT = MetadataType(
    "EmbeddedServiceConfig", "EmbeddedServiceConfig", "EmbeddedServiceConfig", "deployment", "deployments", _SETUP,
    False, (),
)  # fmt: skip
MetadataType.CORS_ORIGIN = MetadataType(
    "CorsWhitelistOrigin", "corsWhitelistOrigins", "corsWhitelistOrigin", "origin", "origins", _SETUP, False, ()
)
MetadataType.SETTINGS = MetadataType(
    "Settings", "settings", "settings", "org", "org", _SETUP, False, (), root=f"{MESSAGING_SETTINGS}Settings",
    by_retrieve=True, deployed_first=True,
)  # fmt: skip
OTHER_TYPES = (MetadataType.SETTINGS, MetadataType.DEPLOYMENT, MetadataType.CORS_ORIGIN)
_BY_XML_NAME = {kind.xml_name: kind for kind in (*TYPES, *OTHER_TYPES)}


def type_of_xml_name(xml_name: str) -> MetadataType:
    """Return the managed type of an XML name. Raises :class:`KeyError` for any other name."""
    return _BY_XML_NAME[xml_name]
