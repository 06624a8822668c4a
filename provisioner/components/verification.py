"""The verification state of an org, made from a snapshot."""

from __future__ import annotations

from collections.abc import Mapping

from provisioner.components.channel import ObservedChannel, read_channel
from provisioner.components.key import ObservedKey, read_key
from provisioner.components.keyset import ObservedKeyset, read_keyset
from provisioner.components.snapshot import Snapshot
from provisioner.model.types import MetadataType
from provisioner.model.verification import KnownChannel, KnownConfiguration, KnownKey, KnownKeyset, Verification


def observed_verification(
    keys: Mapping[str, ObservedKey],
    keysets: Mapping[str, ObservedKeyset],
    channels: Mapping[str, ObservedChannel],
    active_channels: Mapping[str, bool] | object = None,
) -> Verification:
    """Return the state of components that were read. ``active_channels``: by name, if the org told."""
    from provisioner.jose.material import validity_of  # cryptography: only where components are read

    active = active_channels if isinstance(active_channels, Mapping) else {}
    return Verification(
        {name: KnownKey(name, key.active, key.jwk) for name, key in keys.items()},
        {
            name: KnownKeyset(name, keyset.issuer, keyset.keys, keyset.endpoint if keyset.is_endpoint else None)
            for name, keyset in keysets.items()
        },
        {name: _channel(name, channel, active.get(name)) for name, channel in channels.items()},
        validity_of,
    )


def snapshot_verification(snapshot: Snapshot) -> Verification:
    """Return the state of an org: its keys and keysets, and its Enhanced Chat channels."""
    present = snapshot.present
    channels = {name: read_channel(found.xml) for name, found in present(MetadataType.CHANNEL).items()}
    return observed_verification(
        {name: read_key(found.xml) for name, found in present(MetadataType.KEY).items()},
        {name: read_keyset(found.xml) for name, found in present(MetadataType.KEYSET).items()},
        {name: channel for name, channel in channels.items() if channel.is_enhanced_chat},
        snapshot.active_channels,
    )


def _channel(name: str, channel: ObservedChannel, active: bool | None) -> KnownChannel:
    configurations = tuple(
        KnownConfiguration(each.name, each.keyset, each.active) for each in channel.configurations if each.is_ours
    )
    return KnownChannel(name, channel.enabled, configurations, channel.verified_minutes, active)
