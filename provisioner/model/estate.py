"""What one environment of an org shall hold: the declaration after merging, in the field's own words.

A value of None means "not managed": the org's value stays. Values that were ill-shaped in YAML are None too;
what is wrong with them stands among the declaration's diagnostics, and nothing goes on from there to an org.
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
    """A file of key material: its path as declared and for messages, and its bytes.

    ``problem`` says why ``content`` is None, as (rule id, sentence, fix).
    """

    declared_path: str
    shown_path: str
    content: bytes | None
    problem: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class CertificateSource:
    """A certificate (PEM or DER) that the JWK is derived from; kid and algorithm stand beside it in YAML."""

    file: KeyFile
    kid: str | None
    algorithm: str


@dataclass(frozen=True, slots=True)
class JwkSource:
    """A JWK file as uploaded in Setup; kid and algorithm stand in it."""

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


@dataclass(frozen=True, slots=True)
class Issuer:
    """A keyset's issuer: the literal value that equals the tokens' ``iss``, and its name under ``issuers`` if any.

    ``value`` is None where a name was given that ``issuers`` does not have.
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

    ``source`` is None where neither or both were declared.
    """

    name: str
    issuer: Issuer | None
    source: UploadedKeys | Endpoint | None
    label: str | None = None
    description: str | None = None
    places: Places = field(default_factory=Places, compare=False)


@dataclass(frozen=True, slots=True)
class Configuration:
    """One user-verification configuration of a channel; ``name`` is the Configuration Name (authIdentifier)."""

    name: str
    keyset: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Creation:
    """How a channel is made if the org has none: its label, and to whom it routes conversations.

    ``queue`` alone routes to a queue; ``flow`` routes by a flow, with ``fallback_queue`` for what the flow does not
    route. ``attachments`` lets customers send files.
    """

    label: str | None = None
    queue: str | None = None
    flow: str | None = None
    fallback_queue: str | None = None
    description: str | None = None
    attachments: bool = False

    @property
    def routes_to(self) -> str | None:
        """Return the queue that receives conversations at the end."""
        return self.fallback_queue if self.flow is not None else self.queue


@dataclass(frozen=True, slots=True)
class Channel:
    """The user-verification part of a MessagingChannel.

    ``configurations`` is None where they are not managed; what it holds is complete.
    Expirations are whole minutes; a value that is no whole number stays as it was written, for the rules to judge.
    ``create`` counts only while the org has no such channel. ``active`` is a field of the channel's record, which no
    deployment carries; True or not managed.
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
    def minutes(self) -> Mapping[Expiration, int | None]:
        """Return both expirations; None for one that is not managed."""
        return {Expiration.VERIFIED: self.verified_minutes, Expiration.UNVERIFIED: self.unverified_minutes}

    def verifies_after(self, before: bool) -> bool:
        """Return whether verification is on once this is applied to a channel that has it on, or off, before."""
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
    """How a deployment is made if the org has none. ``domain`` is the host of the pages that show a web deployment."""

    label: str | None = None
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class Deployment:
    """An Embedded Service deployment of a channel. ``publish``: after a change that it needs.

    ``create`` counts only while the org has no such deployment. ``origins`` are those of the pages that use it.
    """

    name: str
    channel: str = ""
    publish: bool = True
    type: DeploymentType | None = None
    create: DeploymentCreation | None = None
    origins: tuple[str, ...] = ()
    places: Places = field(default_factory=Places, compare=False)


class _Names:
    """Lists of names, by the section of their type."""

    __slots__ = ()

    def names(self, kind: MetadataType) -> tuple[str, ...]:
        """Return the names of a type; none if there is no list for it."""
        names: tuple[str, ...] = getattr(self, kind.section, ())
        return names


@dataclass(frozen=True, slots=True)
class Removed(_Names):
    """Tombstones: names of keys and keysets that shall be deleted where they still exist."""

    keys: tuple[str, ...] = ()
    keysets: tuple[str, ...] = ()
    places: Places = field(default_factory=Places, compare=False)


@dataclass(frozen=True, slots=True)
class External(_Names):
    """Names of components that the org has and somebody else owns: read and checked, never written."""

    keys: tuple[str, ...] = ()
    keysets: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
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
    ignore: tuple[Ignore, ...] = ()
    issuer_places: Places = field(default_factory=Places, compare=False)

    def components(self, kind: MetadataType) -> Mapping[str, Key | Keyset | Channel | Deployment]:
        """Return the declared components of a type, by name; none of a type that has no section."""
        declared: Mapping[str, Key | Keyset | Channel | Deployment] = getattr(self, kind.section, {})
        return declared
