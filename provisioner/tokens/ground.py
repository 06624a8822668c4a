"""What a token is judged against: keys, keysets and channels, as declared or as an org has them.

None always means "not known from here", never "no".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from provisioner.components.channel import read_channel
from provisioner.components.key import read_key
from provisioner.components.keyset import read_keyset
from provisioner.components.metadata import MetadataType
from provisioner.components.snapshot import Snapshot, Unreadable
from provisioner.model.estate import Channel, Endpoint, Estate, UploadedKeys
from provisioner.model.jwk import Jwk


@dataclass(frozen=True, slots=True)
class KnownKey:
    """An uploaded key. ``jwk`` is None where it cannot be read."""

    name: str
    active: bool
    jwk: Jwk | None


@dataclass(frozen=True, slots=True)
class KnownKeyset:
    """A keyset: ``keys`` names uploaded keys, or ``endpoint`` is the URL of its JWKS."""

    name: str
    issuer: str | None
    keys: tuple[str, ...] = ()
    endpoint: str | None = None


@dataclass(frozen=True, slots=True)
class KnownConfiguration:
    name: str
    keyset: str | None
    active: bool


@dataclass(frozen=True, slots=True)
class KnownChannel:
    """``enabled`` says whether user verification is on; ``active`` whether the channel itself is."""

    name: str
    enabled: bool | None
    configurations: tuple[KnownConfiguration, ...] | None
    verified_minutes: int | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class ServedKeys:
    """What an endpoint answered. ``problem``: why there are no keys; ``certain``: that Salesforce would fail, too.

    ``unusable`` says by kid what is wrong with keys that cannot be used.
    """

    keys: tuple[Jwk, ...] = ()
    problem: str | None = None
    fix: str | None = None
    certain: bool = True
    unusable: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ground:
    """``source`` follows "in": ``the declaration under local``, ``the org``. ``unreadable`` says what an org hides.

    ``complete`` says that there are no others: an org read whole; a declaration names only what it manages.
    """

    source: str
    keys: Mapping[str, KnownKey]
    keysets: Mapping[str, KnownKeyset]
    channels: Mapping[str, KnownChannel]
    served: Mapping[str, ServedKeys] = field(default_factory=dict)
    unreadable: Mapping[MetadataType, Unreadable] = field(default_factory=dict)
    complete: bool = False

    def endpoints(self) -> tuple[str, ...]:
        """The URLs of all keysets that have one, each once."""
        return tuple(dict.fromkeys(keyset.endpoint for keyset in self.keysets.values() if keyset.endpoint is not None))

    def all_keys(self) -> tuple[tuple[str, Jwk], ...]:
        """Every public key that is known, each with what to call it."""
        uploaded = [(f"key.{key.name}", key.jwk) for key in self.keys.values() if key.jwk is not None]
        served = [(f"a key of {url}", jwk) for url, answer in self.served.items() for jwk in answer.keys]
        return (*uploaded, *served)


def declared(estate: Estate, jwks: Mapping[str, Jwk], environment: str) -> Ground:
    """What the declaration says; ``jwks`` are the keys' derived JWKs by name."""
    keysets = {}
    for name, keyset in estate.keysets.items():
        issuer = keyset.issuer.value if keyset.issuer is not None else None
        match keyset.source:
            case UploadedKeys(names=names):
                keysets[name] = KnownKeyset(name, issuer, names)
            case Endpoint(url=url):
                keysets[name] = KnownKeyset(name, issuer, (), url)
            case None:
                keysets[name] = KnownKeyset(name, issuer)
    return Ground(
        source=f"the declaration under {environment}",
        keys={name: KnownKey(name, key.active, jwks.get(name)) for name, key in estate.keys.items()},
        keysets=keysets,
        channels={name: _declared_channel(channel) for name, channel in estate.channels.items()},
    )


def _declared_channel(channel: Channel) -> KnownChannel:
    configurations = None
    if channel.configurations is not None:
        configurations = tuple(
            KnownConfiguration(each.name, each.keyset, each.active) for each in channel.configurations.values()
        )
    return KnownChannel(channel.name, channel.enabled, configurations, channel.verified_minutes)


def observed(snapshot: Snapshot) -> Ground:
    """What an org has."""
    keys, keysets, channels = {}, {}, {}
    for name, found in snapshot.present(MetadataType.KEY).items():
        key = read_key(found.xml)
        keys[name] = KnownKey(name, key.active, key.jwk)
    for name, found in snapshot.present(MetadataType.KEYSET).items():
        keyset = read_keyset(found.xml)
        keysets[name] = KnownKeyset(name, keyset.issuer, keyset.keys, keyset.endpoint if keyset.is_endpoint else None)
    active = snapshot.active_channels if isinstance(snapshot.active_channels, Mapping) else {}
    for name, found in snapshot.present(MetadataType.CHANNEL).items():
        channel = read_channel(found.xml)
        if not channel.is_enhanced_chat:
            continue
        configurations = tuple(
            KnownConfiguration(each.name, each.keyset, each.active) for each in channel.configurations if each.is_ours
        )
        channels[name] = KnownChannel(
            name, channel.is_verified, configurations, channel.verified_minutes, active.get(name)
        )
    return Ground("the org", keys, keysets, channels, unreadable=_unreadable(snapshot), complete=True)


def _unreadable(snapshot: Snapshot) -> dict[MetadataType, Unreadable]:
    """The types of which anything is hidden: of them nothing can be said to be missing."""
    hidden: dict[MetadataType, Unreadable] = {}
    for kind, found in snapshot.types.items():
        parts = [found] if isinstance(found, Unreadable) else found.values()
        first = next((part for part in parts if isinstance(part, Unreadable)), None)
        if first is not None:
            hidden[kind] = first
    return hidden
