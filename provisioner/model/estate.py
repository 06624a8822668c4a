"""The desired state of one environment's org: the merged declaration, in terms of Salesforce and JOSE.

None means "not managed": the org's value stays. Values that were ill-shaped in YAML are also None; the declaration's
diagnostics describe the mistakes, and nothing is sent to an org then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from provisioner.model.expirations import Expiration
from provisioner.model.places import Places

if TYPE_CHECKING:
    from provisioner.model.types import MetadataType

DEFAULT_ALGORITHM = "RS256"


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A file of key material: its declared path, its path for messages, and its bytes.

    ``problem`` is the reason why ``content`` is None, as (rule id, sentence, fix).
    """

    declared_path: str
    shown_path: str
    content: bytes | None
    problem: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class CertificateSource:
    """A certificate (PEM or DER) from which the JWK is derived; YAML has its kid and algorithm."""

    file: KeyFile
    kid: str | None
    algorithm: str


@dataclass(frozen=True, slots=True)
class JwkSource:
    """A JWK file as uploaded in Setup; it contains kid and algorithm."""

    file: KeyFile


@dataclass(frozen=True, slots=True)
class Key:
    """A PublicKeyCertificate. ``active`` is always sent."""

    name: str
    source: CertificateSource | JwkSource | None
    active: bool = True
    label: str | None = None
    description: str | None = None
    places: Places = field(default_factory=Places, compare=False)

    @property
    def address(self) -> str:
        return f"key.{self.name}"


@dataclass(frozen=True, slots=True)
class Issuer:
    """A keyset's issuer: the literal value that equals the tokens' ``iss``, and its name under ``issuers`` if any.

    ``value`` is None if ``issuers`` does not have the name.
    """

    value: str | None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class UploadedKeys:
    """The names of a keyset's keys, as declared."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The URL of a JWKS endpoint."""

    url: str


@dataclass(frozen=True, slots=True)
class Keyset:
    """A PublicKeyCertificateSet: uploaded keys or an endpoint, with the issuer of the tokens it verifies.

    ``source`` is None if neither or both were declared.
    """

    name: str
    issuer: Issuer | None
    source: UploadedKeys | Endpoint | None
    label: str | None = None
    description: str | None = None
    places: Places = field(default_factory=Places, compare=False)

    @property
    def address(self) -> str:
        return f"keyset.{self.name}"


@dataclass(frozen=True, slots=True)
class Configuration:
    """One user-verification configuration of a channel; ``name`` is the Configuration Name (authIdentifier)."""

    name: str
    keyset: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Creation:
    """The values of a channel that the org does not have yet: its label, and its routing target.

    ``queue`` alone routes to a queue; ``flow`` routes by a flow, and ``fallback_queue`` receives the conversations that
    the flow does not route. ``attachments`` allows customers to send files.
    """

    label: str | None = None
    queue: str | None = None
    flow: str | None = None
    fallback_queue: str | None = None
    description: str | None = None
    attachments: bool = False

    @property
    def routes_to(self) -> str | None:
        """Return the queue that finally receives the conversations."""
        return self.fallback_queue if self.flow is not None else self.queue


@dataclass(frozen=True, slots=True)
class Channel:
    """The user-verification part of a MessagingChannel.

    ``configurations`` is None if they are not managed; else it is complete. Expirations are whole minutes; a value that
    is not a whole number stays as written, for the rules to judge. ``create`` counts only while the org has no such
    channel. ``active`` is a field of the channel's record, which no deployment contains; True or not managed.
    ``record`` are fields of its MessagingChannel record to set after a deployment; only a restore has any.
    """

    name: str
    enabled: bool | None = None
    configurations: Mapping[str, Configuration] | None = None
    verified_minutes: int | None = None
    unverified_minutes: int | None = None
    create: Creation | None = None
    active: bool | None = None
    record: Mapping[str, str] = field(default_factory=dict)
    places: Places = field(default_factory=Places, compare=False)

    @property
    def address(self) -> str:
        return f"channel.{self.name}"

    @property
    def minutes(self) -> Mapping[Expiration, int | None]:
        """Return both expirations; None for one that is not managed."""
        return {Expiration.VERIFIED: self.verified_minutes, Expiration.UNVERIFIED: self.unverified_minutes}

    def verifies_after(self, before: bool) -> bool:
        """Return whether verification is on after an apply to a channel that had it on, or off, before."""
        return before if self.enabled is None else self.enabled


class DeploymentType(StrEnum):
    """The kinds of deployments, as a declaration names them. ``metadata`` is the name that an org has for one."""

    WEB = "web"
    MOBILE = "mobile"
    CUSTOM_CLIENT = "custom_client"

    @property
    def metadata(self) -> str:
        return {"web": "Web", "mobile": "Mobile", "custom_client": "API"}[self.value]


@dataclass(frozen=True, slots=True)
class DeploymentCreation:
    """The values of a deployment that the org does not have yet. ``domain`` is the host of the pages that show it."""

    label: str | None = None
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class Deployment:
    """An Embedded Service deployment of a channel. ``publish``: publish it after changes that need it.

    ``create`` counts only while the org has no such deployment. ``origins`` are those of the pages that use it.
    """

    name: str
    channel: str = ""
    publish: bool = True
    type: DeploymentType | None = None
    create: DeploymentCreation | None = None
    origins: tuple[str, ...] = ()
    places: Places = field(default_factory=Places, compare=False)

    @property
    def address(self) -> str:
        return f"deployment.{self.name}"


class _Names:
    """Lists of names, by the section of their type."""

    __slots__ = ()

    def names(self, kind: MetadataType) -> tuple[str, ...]:
        """Return the names of a type; none if there is no list for it."""
        names: tuple[str, ...] = getattr(self, kind.section, ())
        return names


@dataclass(frozen=True, slots=True)
class Removed(_Names):
    """Tombstones: names of keys and keysets to delete if they still exist."""

    keys: tuple[str, ...] = ()
    keysets: tuple[str, ...] = ()
    places: Places = field(default_factory=Places, compare=False)


@dataclass(frozen=True, slots=True)
class External(_Names):
    """Names of components that the org has and others own: read and checked, never written."""

    keys: tuple[str, ...] = ()
    keysets: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    places: Places = field(default_factory=Places, compare=False)


@dataclass(frozen=True, slots=True)
class Org:
    """Settings of the whole org. ``messaging``: Messaging is on; only ever switched on, and None: not managed."""

    messaging: bool | None = None
    places: Places = field(default_factory=Places, compare=False)


@dataclass(frozen=True, slots=True)
class Ignore:
    """An accepted warning and its reason."""

    rule: str
    address: str | None
    reason: str
    places: Places = field(default_factory=Places, compare=False)


@dataclass(frozen=True, slots=True)
class Estate:
    """The whole declaration of one environment. Mappings keep the order of the file."""

    issuers: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, Key] = field(default_factory=dict)
    keysets: Mapping[str, Keyset] = field(default_factory=dict)
    channels: Mapping[str, Channel] = field(default_factory=dict)
    deployments: Mapping[str, Deployment] = field(default_factory=dict)
    external: External = field(default_factory=External)
    removed: Removed = field(default_factory=Removed)
    org: Org = field(default_factory=Org)
    ignore: tuple[Ignore, ...] = ()
    issuer_places: Places = field(default_factory=Places, compare=False)

    def components(self, kind: MetadataType) -> Mapping[str, Key | Keyset | Channel | Deployment]:
        """Return the declared components of a type, by name; none of a type that has no section."""
        if kind.section not in ("keys", "keysets", "channels", "deployments"):
            return {}
        declared: Mapping[str, Key | Keyset | Channel | Deployment] = getattr(self, kind.section)
        return declared
