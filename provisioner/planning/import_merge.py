"""What an org holds, merged into a declaration: what is added to it, and which of its values the org has otherwise.

Pure. Nothing that is declared is ever taken away: what the org lacks stays declared, and the plan shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.components.key import default_label
from provisioner.model.estate import Channel, Endpoint, Estate, Key, Keyset, UploadedKeys
from provisioner.model.expirations import in_force
from provisioner.planning.import_org import Fields, ImportedConfig


@dataclass(frozen=True, slots=True)
class Update:
    """A value of a declared component that the org has otherwise. ``path`` is where it stands in the declaration.

    ``declared`` is None where nothing is declared there yet.
    """

    address: str
    path: tuple[str, ...]
    declared: Any
    org: Any


def additions(taken: ImportedConfig, estate: Estate) -> ImportedConfig:
    """What of it the declaration does not name, neither as declared nor as removed."""
    return ImportedConfig(
        keys={name: each for name, each in taken.keys.items() if name not in {*estate.keys, *estate.removed.keys}},
        keysets={
            name: each for name, each in taken.keysets.items() if name not in {*estate.keysets, *estate.removed.keysets}
        },
        channels={name: each for name, each in taken.channels.items() if name not in estate.channels},
        jwks=taken.jwks,
    )


def updates(taken: ImportedConfig, estate: Estate) -> Iterator[Update]:
    """Every value of a declared component that the org has otherwise, as far as a declaration can say it."""
    for name, key in estate.keys.items():
        if name in taken.keys:
            yield from _key(key, taken.keys[name])
    for name, keyset in estate.keysets.items():
        if name in taken.keysets:
            yield from _keyset(keyset, taken.keysets[name])
    for name, channel in estate.channels.items():
        found = taken.channels.get(name) or taken.quiet.get(name)
        if found is not None:
            yield from _channel(channel, found)


def _key(key: Key, org: Fields) -> Iterator[Update]:
    yield from _said("keys", "key", key, org)
    active = org.get("active", True)
    if key.active != active:
        yield Update(f"key.{key.name}", ("keys", key.name, "active"), key.active, active)


def _said(section: str, word: str, declared: Key | Keyset, org: Fields) -> Iterator[Update]:
    """Label and description, where they are managed."""
    name = declared.name
    theirs = {"label": org.get("label", default_label(name)), "description": org.get("description", "")}
    for field, ours in (("label", declared.label), ("description", declared.description)):
        if ours is not None and ours != theirs[field]:
            yield Update(f"{word}.{name}", (section, name, field), ours, theirs[field])


def _keyset(keyset: Keyset, org: Fields) -> Iterator[Update]:
    address, path = f"keyset.{keyset.name}", ("keysets", keyset.name)
    yield from _said("keysets", "keyset", keyset, org)
    if keyset.issuer is not None and keyset.issuer.value not in (None, org["issuer"]):
        yield Update(address, (*path, "issuer"), keyset.issuer.value, org["issuer"])
    if isinstance(keyset.source, Endpoint) and keyset.source.url != org.get("endpoint", keyset.source.url):
        yield Update(address, (*path, "endpoint"), keyset.source.url, org["endpoint"])
    if isinstance(keyset.source, UploadedKeys):
        names = dict.fromkeys(keyset.source.names)
        missing = [name for name in org.get("keys", ()) if name not in names]
        if missing:
            yield Update(address, (*path, "keys"), list(names), [*names, *missing])


def _channel(channel: Channel, org: Fields) -> Iterator[Update]:
    address, path = f"channel.{channel.name}", ("channels", channel.name)
    verification: Mapping[str, Any] = org["user_verification"]
    if channel.enabled is not None and channel.enabled != verification["enabled"]:
        yield Update(address, (*path, "user_verification", "enabled"), channel.enabled, verification["enabled"])
    if channel.configurations is not None:
        below = (*path, "user_verification", "configurations")
        for name, fields in verification.get("configurations", {}).items():
            declared = channel.configurations.get(name)
            if declared is None:
                yield Update(address, (*below, name), None, fields)
                continue
            for field, ours in (("keyset", declared.keyset), ("active", declared.active)):
                if ours != fields[field]:
                    yield Update(address, (*below, name, field), ours, fields[field])
    # The expiration of the mode that is off is no difference, whatever the org holds.
    expiration = in_force(verification["enabled"])
    minutes = org.get("token_expiration_minutes", {}).get(expiration.value)
    if channel.minutes[expiration] is not None and minutes not in (None, channel.minutes[expiration]):
        yield Update(address, (*path, *expiration.path), channel.minutes[expiration], minutes)
