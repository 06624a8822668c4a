"""The verification state: keys, keysets and channels of an org or a declaration, with the keys that can verify.

Rules, the plan and its guards, ``token explain``, rotation, revocation and ``diagnose chat`` use this one value. None
means "not known", never "no".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import assert_never

from provisioner.model.estate import Channel, Endpoint, Estate, Keyset, UploadedKeys
from provisioner.model.jwk import Jwk

#: Returns the begin and the end of the validity of a JWK's certificate; None if it has no readable one.
Validity = Callable[[Jwk], tuple[datetime, datetime] | None]


@dataclass(frozen=True, slots=True)
class KnownKey:
    """An uploaded key. ``jwk`` is None if it cannot be read."""

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
    """A user-verification configuration of a channel that uses a keyset."""

    name: str
    keyset: str | None
    active: bool


@dataclass(frozen=True, slots=True)
class KnownChannel:
    """A channel.

    ``enabled``: user verification is on. ``active``: the channel itself is active. Expirations are in minutes.
    """

    name: str
    enabled: bool | None
    configurations: tuple[KnownConfiguration, ...] | None
    verified_minutes: int | None = None
    active: bool | None = None


@dataclass(frozen=True)
class Verification:
    """Keys, keysets and channels by name. ``validity`` is called only if the dates of a key matter."""

    keys: Mapping[str, KnownKey]
    keysets: Mapping[str, KnownKeyset]
    channels: Mapping[str, KnownChannel]
    validity: Validity = field(compare=False, repr=False)

    @classmethod
    def of_estate(cls, estate: Estate, jwks: Mapping[str, Jwk], validity: Validity) -> Verification:
        """Return the state that a declaration describes; ``jwks`` are its keys' derived JWKs by name."""
        return cls(
            {name: KnownKey(name, key.active, jwks.get(name)) for name, key in estate.keys.items()},
            {name: _declared_keyset(keyset) for name, keyset in estate.keysets.items()},
            {name: _declared_channel(channel) for name, channel in estate.channels.items()},
            validity,
        )

    def after(self, estate: Estate, jwks: Mapping[str, Jwk]) -> Verification:
        """Return the state after a declaration is applied to this one."""
        declared = Verification.of_estate(estate, jwks, self.validity)
        keys, keysets = {**self.keys, **declared.keys}, {**self.keysets, **declared.keysets}
        channels = dict(self.channels)
        for name, channel in declared.channels.items():
            if name in channels:
                channels[name] = replace(
                    channels[name],
                    enabled=estate.channels[name].verifies_after(bool(channels[name].enabled)),
                    configurations=channels[name].configurations
                    if channel.configurations is None
                    else channel.configurations,
                )
            elif estate.channels[name].create is not None:
                channels[name] = replace(channel, enabled=bool(channel.enabled), active=False)
        gone = estate.removed
        return Verification(
            {name: key for name, key in keys.items() if name not in gone.keys},
            {name: keyset for name, keyset in keysets.items() if name not in gone.keysets},
            channels,
            self.validity,
        )

    # Usable configurations

    def verifies(self, key: str, now: datetime, *, unknown: bool = False) -> bool:
        """Return whether a key is active and its certificate is valid now.

        The result is ``unknown`` if the key or its JWK is not known.
        """
        found = self.keys.get(key)
        if found is None:
            return unknown
        if not found.active or found.jwk is None:
            return found.active and unknown
        dates = self.validity(found.jwk)
        return dates[0] <= now <= dates[1] if dates is not None else unknown

    def is_usable(self, configuration: KnownConfiguration, now: datetime, *, unknown: bool = False) -> bool:
        """Return whether tokens can verify by a configuration.

        It is active, its keyset exists, and the keyset has an endpoint or an active key with a valid certificate.
        ``unknown`` is the result for components that the state does not have: False for an org, whose state is
        complete.
        """
        if not configuration.active:
            return False
        keyset = self.keysets.get(configuration.keyset or "")
        if keyset is None:
            return unknown
        return keyset.endpoint is not None or any(self.verifies(key, now, unknown=unknown) for key in keyset.keys)

    def has_usable_configuration(self, channel: KnownChannel, now: datetime) -> bool:
        """Return whether tokens can verify on a channel by any of its configurations."""
        return any(self.is_usable(configuration, now) for configuration in channel.configurations or ())

    def active_keysets(self, channel: KnownChannel) -> list[KnownKeyset]:
        """Return the existing keysets that an active configuration of the channel names."""
        names = (each.keyset or "" for each in channel.configurations or () if each.active)
        return [self.keysets[name] for name in names if name in self.keysets]

    def verifiers(self, channel: KnownChannel, now: datetime) -> Iterator[str]:
        """Yield the names of the keys, and the URLs of the endpoints, that verify tokens on a channel."""
        for keyset in self.active_keysets(channel):
            if keyset.endpoint is not None:
                yield keyset.endpoint
            yield from (key for key in keyset.keys if self.verifies(key, now))

    # Tokens

    def accepts(self, name: str | None) -> tuple[str | None, frozenset[str] | str] | None:
        """Return a keyset's issuer, and its active keys or its endpoint; None if it is missing."""
        keyset = self.keysets.get(name or "")
        if keyset is None:
            return None
        if keyset.endpoint is not None:
            return keyset.issuer, keyset.endpoint
        keys = (self.keys[each] for each in keyset.keys if each in self.keys)
        return keyset.issuer, frozenset(
            f"{key.jwk.kid} {key.jwk.alg} {key.jwk.n} {key.jwk.e}" for key in keys if key.active and key.jwk is not None
        )

    def covers(self, name: str | None, other: Verification, replaced: str | None) -> bool:
        """Return whether every token that verifies by ``replaced`` in ``other`` also verifies here by ``name``."""
        ours, theirs = self.accepts(name), other.accepts(replaced)
        if ours is None or theirs is None or ours[0] != theirs[0]:
            return False
        if isinstance(ours[1], str) or isinstance(theirs[1], str):
            return ours[1] == theirs[1]
        return theirs[1] <= ours[1]

    # Use

    @cached_property
    def _users(self) -> Mapping[str | None, list[str]]:
        """Return the channels that name each keyset, by keyset."""
        users: dict[str | None, dict[str, None]] = {}
        for name, channel in self.channels.items():
            for configuration in channel.configurations or ():
                users.setdefault(configuration.keyset, {})[name] = None
        return {keyset: list(names) for keyset, names in users.items()}

    def channels_of_keyset(self, keyset: str) -> list[str]:
        """Return the channels with a configuration, active or not, that names the keyset."""
        return self._users.get(keyset, [])

    def verifying_by(self, keysets: Collection[str]) -> list[str]:
        """Return the channels that now verify customers by any of the keysets."""
        named = dict.fromkeys(channel for keyset in keysets for channel in self.channels_of_keyset(keyset))
        return [
            name
            for name in named
            if self.channels[name].enabled
            and any(each.active and each.keyset in keysets for each in self.channels[name].configurations or ())
        ]

    @cached_property
    def _by_configuration(self) -> Mapping[str, list[str]]:
        """Return the channels that have each configuration, by its name."""
        found: dict[str, dict[str, None]] = {}
        for name, channel in self.channels.items():
            for configuration in channel.configurations or ():
                found.setdefault(configuration.name, {})[name] = None
        return {configuration: list(names) for configuration, names in found.items()}

    def channels_of_configuration(self, configuration: str) -> list[str]:
        """Return the channels with a configuration of that name, active or not."""
        return self._by_configuration.get(configuration, [])

    @cached_property
    def _holders(self) -> Mapping[str, list[str]]:
        """Return the keysets that hold each key, by key."""
        holders: dict[str, list[str]] = {}
        for name, keyset in self.keysets.items():
            for key in keyset.keys:
                holders.setdefault(key, []).append(name)
        return holders

    def keysets_of_key(self, key: str) -> list[str]:
        """Return the keysets that hold the key."""
        return self._holders.get(key, [])

    def channels_of_key(self, key: str) -> list[str]:
        """Return the channels that use the key through any of its keysets."""
        found: dict[str, None] = {}
        for keyset in self.keysets_of_key(key):
            found.update(dict.fromkeys(self.channels_of_keyset(keyset)))
        return list(found)


def _declared_keyset(keyset: Keyset) -> KnownKeyset:
    issuer = keyset.issuer.value if keyset.issuer is not None else None
    match keyset.source:
        case UploadedKeys(names=names):
            return KnownKeyset(keyset.name, issuer, names)
        case Endpoint(url=url):
            return KnownKeyset(keyset.name, issuer, (), url)
        case None:
            return KnownKeyset(keyset.name, issuer)
        case _:
            assert_never(keyset.source)


def _declared_channel(channel: Channel) -> KnownChannel:
    configurations = None
    if channel.configurations is not None:
        configurations = tuple(
            KnownConfiguration(each.name, each.keyset, each.active) for each in channel.configurations.values()
        )
    return KnownChannel(channel.name, channel.enabled, configurations, channel.verified_minutes)
