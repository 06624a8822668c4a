"""Earlier components as an estate, so that a rollback is planned, guarded and applied like any change.

Of a channel only the user-verification part and the routing in its record go back. A part that an estate cannot
express is listed in ``left_out``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lxml import etree

from provisioner.components.channel import read_channel
from provisioner.components.key import read_key
from provisioner.components.keyset import read_keyset
from provisioner.components.package import Name
from provisioner.components.snapshot import Routing
from provisioner.jose.material import Derivation
from provisioner.jose.uploaded_jwk import certificate_of
from provisioner.model.estate import (
    Channel,
    Configuration,
    Endpoint,
    Estate,
    JwkSource,
    Key,
    KeyFile,
    Keyset,
    Removed,
    UploadedKeys,
)
from provisioner.model.expirations import in_force
from provisioner.model.types import CONFIGURATIONS, OTHER_TYPES, Field, MetadataType


@dataclass(slots=True)
class Restored:
    """An estate to go back to. ``left_out`` maps the address of a part that is not restored to the reason."""

    keys: dict[str, Key] = field(default_factory=dict)
    keysets: dict[str, Keyset] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    removed: dict[MetadataType, list[str]] = field(default_factory=lambda: defaultdict(list))
    derivations: dict[str, Derivation] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def estate(self) -> Estate:
        return Estate(
            keys=self.keys,
            keysets=self.keysets,
            channels=self.channels,
            removed=Removed(tuple(self.removed[MetadataType.KEY]), tuple(self.removed[MetadataType.KEYSET])),
        )

    def restore_records(self, was: Mapping[str, Routing], now: Mapping[str, Routing]) -> None:
        """Add the earlier routing of channel records, for the fields that the org still has."""
        for name, routing in was.items():
            if name not in self.channels:
                continue
            offered = now.get(name, {})
            bound = {field: value for field, value in routing.items() if value is not None}
            known = {field: value for field, value in bound.items() if field in offered}
            self.channels[name] = replace(self.channels[name], record=known)
            if known != bound:
                why = "not all of its record's routing can be read in the org now; the rest goes back"
                self.left_out.setdefault(MetadataType.CHANNEL.address(name), why)


def restored(before: Mapping[Name, etree._Element | None]) -> Restored:
    """Return the estate in which each component is what it was: its root element, or None if it was missing."""
    found = Restored()
    for (kind, name), element in before.items():
        if kind in OTHER_TYPES:
            added = "it did not exist, and" if element is None else "what an apply published or added of it stays:"
            found.left_out[kind.address(name)] = (
                "Messaging is never switched off"
                if kind is MetadataType.SETTINGS
                else f"{added} deployments and origins are not removed"
            )
        elif element is not None:
            _RESTORERS[kind](found, name, element)
        elif kind.creatable:
            found.removed[kind].append(name)
        else:
            found.left_out[kind.address(name)] = "it did not exist, and channels are not deleted"
    return found


def _values(fields: Iterable[Field], observed: object) -> dict[str, Any]:
    """Return the scalar fields, by attribute, with the values that the org had."""
    found = ((row, getattr(observed, row.attribute)) for row in fields)
    return {row.attribute: row.empty if value is None else row.wrap(value) for row, value in found}


def _key(found: Restored, name: str, element: etree._Element) -> None:
    was = read_key(element)
    if was.jwk is None:
        found.left_out[MetadataType.KEY.address(name)] = "its JWK was not a readable RSA key"
        return
    source = JwkSource(KeyFile("", "the journal", None))
    found.keys[name] = Key(name=name, source=source, **_values(MetadataType.KEY.fields, was))
    found.derivations[name] = Derivation(was.jwk, certificate_of(was.jwk), ())


def _keyset(found: Restored, name: str, element: etree._Element) -> None:
    was = read_keyset(element)
    if was.is_endpoint and was.endpoint is None:
        found.left_out[MetadataType.KEYSET.address(name)] = "it had no endpoint"
        return
    if was.issuer is None:
        found.left_out[MetadataType.KEYSET.address(name)] = "it had no issuer"
        return
    source = Endpoint(was.endpoint) if was.is_endpoint and was.endpoint is not None else UploadedKeys(was.keys)
    found.keysets[name] = Keyset(name=name, source=source, **_values(MetadataType.KEYSET.fields, was))


def _channel(found: Restored, name: str, element: etree._Element) -> None:
    was = read_channel(element)
    configurations = {
        each.name: Configuration(each.name, **_values(CONFIGURATIONS.fields, each)) for each in was.ours.values()
    }
    found.channels[name] = Channel(
        name=name, configurations=configurations, **_values(MetadataType.CHANNEL.fields, was)
    )
    expiration = in_force(was.enabled)
    if was.minutes[expiration] is None:
        found.left_out[MetadataType.CHANNEL.address(name)] = (
            f"its token expiration ({expiration}) was not set, and stays as it is now; the rest goes back"
        )


_RESTORERS: Mapping[MetadataType, Callable[[Restored, str, etree._Element], None]] = {
    MetadataType.KEY: _key,
    MetadataType.KEYSET: _keyset,
    MetadataType.CHANNEL: _channel,
}
