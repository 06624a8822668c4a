"""What the planner looks at: the declaration, the derived JWKs and the org, brought to the same values.

``Before`` is the org as observed; :meth:`World.after` what it would be once the declaration is applied. Both answer the
same questions, so that guards and impact can compare them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from provisioner.components.channel import ObservedChannel, read_channel
from provisioner.components.key import ObservedKey, read_key
from provisioner.components.keyset import ObservedKeyset, read_keyset
from provisioner.components.metadata import MetadataType
from provisioner.components.snapshot import Snapshot, Unreadable
from provisioner.keys.material import certificate_of
from provisioner.model.estate import Endpoint, Estate, UploadedKeys
from provisioner.model.jwk import Jwk


@dataclass(frozen=True, slots=True)
class KeyState:
    """A key, as far as verification goes. ``jwk`` is None where it cannot be read."""

    active: bool
    jwk: Jwk | None

    def verifies(self, now: datetime) -> bool:
        """Active, with a certificate that is valid now."""
        certificate = certificate_of(self.jwk) if self.jwk is not None else None
        if not self.active or certificate is None:
            return False
        return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc


@dataclass(frozen=True, slots=True)
class KeysetState:
    issuer: str | None
    keys: tuple[str, ...]
    endpoint: str | None


@dataclass(frozen=True, slots=True)
class ConfigurationState:
    name: str
    keyset: str | None
    active: bool


@dataclass(frozen=True, slots=True)
class ChannelState:
    verified: bool
    configurations: tuple[ConfigurationState, ...]


@dataclass(frozen=True)
class State:
    """Keys, keysets and channels by name, at one moment."""

    keys: Mapping[str, KeyState]
    keysets: Mapping[str, KeysetState]
    channels: Mapping[str, ChannelState]

    def is_usable(self, configuration: ConfigurationState, now: datetime) -> bool:
        """Enabled; its keyset exists and is an endpoint or has an active key whose certificate is valid now."""
        keyset = self.keysets.get(configuration.keyset or "")
        if not configuration.active or keyset is None:
            return False
        if keyset.endpoint is not None:
            return True
        return any(self.keys[name].verifies(now) for name in keyset.keys if name in self.keys)

    def has_usable_configuration(self, channel: ChannelState, now: datetime) -> bool:
        return any(self.is_usable(configuration, now) for configuration in channel.configurations)

    def accepts(self, name: str | None) -> tuple[str | None, frozenset[str] | str] | None:
        """What verifies by a keyset: its issuer, and its active keys, or its endpoint; None where there is none."""
        keyset = self.keysets.get(name or "")
        if keyset is None:
            return None
        if keyset.endpoint is not None:
            return keyset.issuer, keyset.endpoint
        keys = (self.keys[each] for each in keyset.keys if each in self.keys)
        return keyset.issuer, frozenset(
            f"{key.jwk.kid} {key.jwk.alg} {key.jwk.n} {key.jwk.e}" for key in keys if key.active and key.jwk is not None
        )

    def covers(self, name: str | None, other: State, replaced: str | None) -> bool:
        """Whether whatever verifies by ``replaced`` in another state verifies by this state's keyset ``name``."""
        ours, theirs = self.accepts(name), other.accepts(replaced)
        if ours is None or theirs is None or ours[0] != theirs[0]:
            return False
        if isinstance(ours[1], str) or isinstance(theirs[1], str):
            return ours[1] == theirs[1]
        return theirs[1] <= ours[1]

    @cached_property
    def _users(self) -> Mapping[str | None, list[str]]:
        """The channels that name each keyset, by keyset, each once."""
        users: dict[str | None, dict[str, None]] = {}
        for name, channel in self.channels.items():
            for configuration in channel.configurations:
                users.setdefault(configuration.keyset, {})[name] = None
        return {keyset: list(names) for keyset, names in users.items()}

    def channels_of_keyset(self, keyset: str) -> list[str]:
        """The channels of which any configuration, active or not, names the keyset."""
        return self._users.get(keyset, [])

    def verifying_by(self, keysets: Collection[str]) -> list[str]:
        """The channels that verify customers by any of the keysets: those in Auth that have it active."""
        named = dict.fromkeys(channel for keyset in keysets for channel in self.channels_of_keyset(keyset))
        return [
            name
            for name in named
            if self.channels[name].verified
            and any(each.active and each.keyset in keysets for each in self.channels[name].configurations)
        ]

    @cached_property
    def _holders(self) -> Mapping[str, list[str]]:
        """The keysets that hold each key, by key."""
        holders: dict[str, list[str]] = {}
        for name, keyset in self.keysets.items():
            for key in keyset.keys:
                holders.setdefault(key, []).append(name)
        return holders

    def keysets_of_key(self, key: str) -> list[str]:
        """The keysets that hold the key."""
        return self._holders.get(key, [])

    def channels_of_key(self, key: str) -> list[str]:
        """The channels that use the key through any of its keysets."""
        found: dict[str, None] = {}
        for keyset in self.keysets_of_key(key):
            found.update(dict.fromkeys(self.channels_of_keyset(keyset)))
        return list(found)


@dataclass(frozen=True)
class World:
    """Everything a plan is made from. ``jwks`` maps declared key names to the JWK that would be sent."""

    estate: Estate
    jwks: Mapping[str, Jwk]
    snapshot: Snapshot
    now: datetime

    @cached_property
    def keys(self) -> dict[str, ObservedKey]:
        return {name: read_key(found.xml) for name, found in self.snapshot.present(MetadataType.KEY).items()}

    @cached_property
    def keysets(self) -> dict[str, ObservedKeyset]:
        return {name: read_keyset(found.xml) for name, found in self.snapshot.present(MetadataType.KEYSET).items()}

    @cached_property
    def channels(self) -> dict[str, ObservedChannel]:
        return {name: read_channel(found.xml) for name, found in self.snapshot.present(MetadataType.CHANNEL).items()}

    @cached_property
    def usage_is_known(self) -> bool:
        """Whether all keysets and channels could be read: else anything may be in use by what was not."""
        return not any(
            isinstance(observed, Unreadable) or any(isinstance(found, Unreadable) for found in observed.values())
            for kind, observed in self.snapshot.types.items()
            if kind is not MetadataType.KEY
        )

    @cached_property
    def before(self) -> State:
        """The org as it is."""
        return State(
            {name: KeyState(key.active, key.jwk) for name, key in self.keys.items()},
            {
                name: KeysetState(keyset.issuer, keyset.keys, keyset.endpoint if keyset.is_endpoint else None)
                for name, keyset in self.keysets.items()
            },
            {
                name: ChannelState(channel.is_verified, _configurations(channel))
                for name, channel in self.channels.items()
            },
        )

    @cached_property
    def after(self) -> State:
        """The org as it would be with the declaration applied."""
        keys, keysets, channels = dict(self.before.keys), dict(self.before.keysets), dict(self.before.channels)
        for name, key in self.estate.keys.items():
            keys[name] = KeyState(key.active, self.jwks.get(name))
        for name, keyset in self.estate.keysets.items():
            issuer = keyset.issuer.value if keyset.issuer is not None else None
            match keyset.source:
                case UploadedKeys(names=members):
                    keysets[name] = KeysetState(issuer, members, None)
                case Endpoint(url=url):
                    keysets[name] = KeysetState(issuer, (), url)
        channels.update(self._channels_after())
        for name in self.estate.removed.keys:
            keys.pop(name, None)
        for name in self.estate.removed.keysets:
            keysets.pop(name, None)
        return State(keys, keysets, channels)

    def _channels_after(self) -> Iterator[tuple[str, ChannelState]]:
        for name, channel in self.estate.channels.items():
            present = self.before.channels.get(name)
            if present is None:
                continue
            configurations = present.configurations
            if channel.configurations is not None:
                configurations = tuple(
                    ConfigurationState(each.name, each.keyset, each.active) for each in channel.configurations.values()
                )
            yield name, ChannelState(channel.verifies_after(present.verified), configurations)


def _configurations(channel: ObservedChannel) -> tuple[ConfigurationState, ...]:
    return tuple(
        ConfigurationState(each.name, each.keyset, each.active) for each in channel.configurations if each.is_ours
    )
