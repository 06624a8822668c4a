"""An org's components merged into a declaration: additions, and updates of declared values that differ.

Pure. Nothing that is declared is removed: a component that the org lacks stays declared, and the plan shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.model.estate import Channel, Deployment, Endpoint, Estate, Key, Keyset, UploadedKeys
from provisioner.model.types import CONFIGURATIONS, TYPES, Entries, Field, MetadataType, YamlPath
from provisioner.planning.import_org import Fields, ImportedConfig, value_at


@dataclass(frozen=True, slots=True)
class Update:
    """A declared value that differs in the org. ``path`` is its place in the declaration.

    ``declared`` is None if nothing is declared there yet.
    """

    address: str
    path: tuple[str, ...]
    declared: Any
    org: Any


def additions(imported: ImportedConfig, estate: Estate) -> ImportedConfig:
    """Return the components that the declaration does not name, neither as declared nor as removed.

    Deployments come along with the channels that are new: a declaration that has the channel may leave them to others.
    """

    def new(kind: MetadataType, found: Mapping[str, Fields]) -> dict[str, Fields]:
        named = {*estate.components(kind), *estate.removed.names(kind)}
        return {name: fields for name, fields in found.items() if name not in named}

    channels = new(MetadataType.CHANNEL, imported.channels)
    deployments = new(MetadataType.DEPLOYMENT, imported.deployments)
    return ImportedConfig(
        keys=new(MetadataType.KEY, imported.keys),
        keysets=new(MetadataType.KEYSET, imported.keysets),
        channels=channels,
        deployments={name: each for name, each in deployments.items() if each["channel"] in channels},
        jwks=imported.jwks,
    )


def updates(imported: ImportedConfig, estate: Estate) -> Iterator[Update]:
    """Yield each declared value that differs in the org and that a declaration can express."""
    found = {
        MetadataType.KEY: imported.keys,
        MetadataType.KEYSET: imported.keysets,
        MetadataType.CHANNEL: {**imported.quiet, **imported.channels},
    }
    for kind in TYPES:
        for name, declared in estate.components(kind).items():
            if name in found[kind] and not isinstance(declared, Deployment):
                yield from _component(kind, declared, found[kind][name])


def _component(kind: MetadataType, declared: Key | Keyset | Channel, org: Fields) -> Iterator[Update]:
    address, path = kind.address(declared.name), (kind.section, declared.name)
    # The expiration of the inactive mode never counts as a difference.
    verification_on = bool(value_at(org, ("user_verification", "enabled")))
    for row in kind.rows:
        if isinstance(row, Field) and row.in_force(verification_on):
            yield from _field(address, path, row, declared, org)
        elif row is CONFIGURATIONS and isinstance(declared, Channel) and declared.configurations is not None:
            theirs = value_at(org, row.path) or {}
            yield from _entries(address, (*path, *row.path), row, declared.configurations, theirs)
    if isinstance(declared, Keyset):
        yield from _source(address, path, declared, org)


def _field(address: str, path: YamlPath, row: Field, declared: Key | Keyset | Channel, org: Fields) -> Iterator[Update]:
    ours, theirs = row.declared_in(declared), value_at(org, row.path)
    if theirs is None:
        default = row.default(declared.name)
        theirs = row.empty if default is None else default
    if ours is not None and theirs not in (None, ours):
        yield Update(address, (*path, *row.path), ours, theirs)


def _entries(
    address: str, path: YamlPath, row: Entries, declared: Mapping[str, Any], org: Mapping[str, Fields]
) -> Iterator[Update]:
    for name, fields in org.items():
        if name not in declared:
            yield Update(address, (*path, name), None, fields)
            continue
        for each in row.fields:
            ours, theirs = each.declared_in(declared[name]), value_at(fields, each.path)
            if ours != theirs:
                yield Update(address, (*path, name, *each.path), ours, theirs)


def _source(address: str, path: YamlPath, keyset: Keyset, org: Fields) -> Iterator[Update]:
    if isinstance(keyset.source, Endpoint) and keyset.source.url != org.get("endpoint", keyset.source.url):
        yield Update(address, (*path, "endpoint"), keyset.source.url, org["endpoint"])
    if isinstance(keyset.source, UploadedKeys):
        names = dict.fromkeys(keyset.source.names)
        missing = [name for name in org.get("keys", ()) if name not in names]
        if missing:
            yield Update(address, (*path, "keys"), list(names), [*names, *missing])
