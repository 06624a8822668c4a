"""What components were, as an estate: so that going back is planned, guarded and applied as everything else is.

Of a channel only our user-verification part goes back. What an estate cannot say is listed, never passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from lxml import etree

from provisioner.components.channel import read_channel
from provisioner.components.key import read_key
from provisioner.components.keyset import read_keyset
from provisioner.components.metadata import MetadataType
from provisioner.components.package import Name
from provisioner.keys.material import Derivation, certificate_of
from provisioner.model.estate import (
    Channel,
    Configuration,
    Endpoint,
    Estate,
    Issuer,
    JwkSource,
    Key,
    KeyFile,
    Keyset,
    Removed,
    UploadedKeys,
)
from provisioner.model.expirations import in_force


@dataclass(slots=True)
class Restored:
    """``left_out`` says by address what does not go back, and why."""

    keys: dict[str, Key] = field(default_factory=dict)
    keysets: dict[str, Keyset] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    removed_keys: list[str] = field(default_factory=list)
    removed_keysets: list[str] = field(default_factory=list)
    derivations: dict[str, Derivation] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def estate(self) -> Estate:
        return Estate(
            keys=self.keys,
            keysets=self.keysets,
            channels=self.channels,
            removed=Removed(tuple(self.removed_keys), tuple(self.removed_keysets)),
        )


def restored(before: Mapping[Name, etree._Element | None]) -> Restored:
    """The estate in which each component is what it was: its root element, or None where it was not there."""
    found = Restored()
    for (kind, name), element in before.items():
        match kind:
            case MetadataType.KEY:
                _key(found, name, element)
            case MetadataType.KEYSET:
                _keyset(found, name, element)
            case MetadataType.CHANNEL:
                _channel(found, name, element)
            case _:
                assert_never(kind)
    return found


def _key(found: Restored, name: str, element: etree._Element | None) -> None:
    if element is None:
        found.removed_keys.append(name)
        return
    was = read_key(element)
    if was.jwk is None:
        found.left_out[MetadataType.KEY.address(name)] = "its JWK was not a readable RSA key"
        return
    source = JwkSource(KeyFile("", "the journal", None))
    found.keys[name] = Key(name, source, was.active, was.label, was.description or "")
    found.derivations[name] = Derivation(was.jwk, certificate_of(was.jwk), ())


def _keyset(found: Restored, name: str, element: etree._Element | None) -> None:
    if element is None:
        found.removed_keysets.append(name)
        return
    was = read_keyset(element)
    if was.is_endpoint and was.endpoint is None:
        found.left_out[MetadataType.KEYSET.address(name)] = "it had no endpoint"
        return
    if was.issuer is None:
        found.left_out[MetadataType.KEYSET.address(name)] = "it had no issuer"
        return
    source = Endpoint(was.endpoint) if was.is_endpoint and was.endpoint is not None else UploadedKeys(was.keys)
    found.keysets[name] = Keyset(name, Issuer(was.issuer), source, was.label, was.description or "")


def _channel(found: Restored, name: str, element: etree._Element | None) -> None:
    address = MetadataType.CHANNEL.address(name)
    if element is None:
        found.left_out[address] = "it did not exist, and channels are not deleted"
        return
    was = read_channel(element)
    found.channels[name] = Channel(
        name,
        was.is_verified,
        {each.name: Configuration(each.name, each.keyset, each.active) for each in was.ours.values()},
        was.verified_minutes,
        was.unverified_minutes,
    )
    expiration = in_force(was.is_verified)
    if was.minutes[expiration] is None:
        found.left_out[address] = (
            f"its token expiration ({expiration}) was not set, and stays as it is now; the rest goes back"
        )
