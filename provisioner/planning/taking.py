"""What an org holds, as a declaration would say it; and what a declaration cannot say, with the reason.

Pure. Nothing here fails on what an org holds. What rules have against it is found later, and left out as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.components.channel import ObservedChannel, read_channel
from provisioner.components.key import default_label, read_key
from provisioner.components.keyset import read_keyset
from provisioner.components.metadata import MetadataType
from provisioner.components.snapshot import Component, Observed, Snapshot, Unreadable
from provisioner.components.xml import text_of
from provisioner.keys.material import leaked_members
from provisioner.model.jwk import Jwk

#: What a field of a component is in YAML.
Fields = dict[str, Any]


@dataclass(slots=True)
class Taken:
    """Components by name, their fields as YAML has them. ``jwks`` are the keys' public halves.

    ``left_out`` says by address what is not taken, or not as a whole, and why; ``leaks`` names keys whose JWK in the
    org holds private members; ``quiet`` are Enhanced Chat channels that verify nobody: nobody need manage them.
    """

    keys: dict[str, Fields] = field(default_factory=dict)
    keysets: dict[str, Fields] = field(default_factory=dict)
    channels: dict[str, Fields] = field(default_factory=dict)
    jwks: dict[str, Jwk] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    leaks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    quiet: dict[str, Fields] = field(default_factory=dict)

    def leave_out(self, address: str, why: str) -> None:
        """Take it not, nor what cannot be without it."""
        kind, _, name = address.partition(".")
        self.left_out.setdefault(address, why)
        if kind == "key":
            self.keys.pop(name, None)
            self.jwks.pop(name, None)
            for keyset, fields in list(self.keysets.items()):
                if name in fields.get("keys", ()):
                    self.leave_out(f"keyset.{keyset}", f"it holds {address}, which is left out")
        elif kind == "keyset":
            self.keysets.pop(name, None)
            for channel, fields in list(self.channels.items()):
                used = {each["keyset"] for each in _configurations(fields).values()}
                if name in used:
                    self._without_configurations(channel, f"one of them uses {address}, which is left out")
        else:
            self.channels.pop(name, None)

    def _without_configurations(self, channel: str, why: str) -> None:
        """A declared channel's configurations are complete: all of them are taken, or none."""
        fields = self.channels[channel]
        del fields["user_verification"]["configurations"]
        self.left_out[f"channel.{channel}"] = f"its configurations are not managed: {why}"
        if not fields["user_verification"] and "token_expiration_minutes" not in fields:
            del self.channels[channel]


def take(snapshot: Snapshot) -> Taken:
    """Everything that a declaration can say of what was read."""
    taken = Taken()
    for kind in MetadataType:
        for name, found in sorted(_readable(snapshot, kind).items()):
            if isinstance(found, Unreadable):
                taken.left_out[kind.address(name)] = f"it could not be read: {found.reason}"
    for each in _present(snapshot, MetadataType.KEY):
        _take_key(taken, each)
    for each in _present(snapshot, MetadataType.KEYSET):
        _take_keyset(taken, each)
    for each in _present(snapshot, MetadataType.CHANNEL):
        _take_channel(taken, each)
    return taken


def _readable(snapshot: Snapshot, kind: MetadataType) -> Observed:
    observed = snapshot.types[kind]
    return {} if isinstance(observed, Unreadable) else observed


def _present(snapshot: Snapshot, kind: MetadataType) -> list[Component]:
    return [found for _, found in sorted(snapshot.present(kind).items())]


def _take_key(taken: Taken, component: Component) -> None:
    name, key = component.full_name, read_key(component.xml)
    leaked = leaked_members(text_of(component.xml, "jsonWebKey") or "")
    if leaked:
        taken.leaks[name] = leaked
        taken.left_out[component.address] = (
            f"its JWK in the org holds private members ({', '.join(leaked)}): everyone who can read it there can "
            f"sign tokens"
        )
        return
    if key.jwk is None:
        taken.left_out[component.address] = "it holds no readable RSA key"
        return
    taken.keys[name] = _said(name, key.label, key.description)
    if not key.active:
        taken.keys[name]["active"] = False
    taken.jwks[name] = key.jwk


def _take_keyset(taken: Taken, component: Component) -> None:
    name, keyset = component.full_name, read_keyset(component.xml)
    if keyset.issuer is None:
        taken.left_out[component.address] = "it has no issuer"
        return
    fields = {**_said(name, keyset.label, keyset.description), "issuer": keyset.issuer}
    if keyset.is_endpoint:
        if keyset.endpoint is None:
            taken.left_out[component.address] = "it has no endpoint"
            return
        fields["endpoint"] = keyset.endpoint
    else:
        fields["keys"] = list(dict.fromkeys(keyset.keys))
        missing = [key for key in fields["keys"] if key not in taken.keys]
        if missing:
            taken.left_out[component.address] = f"it holds key.{missing[0]}, which is left out"
            return
        if not fields["keys"]:
            taken.left_out[component.address] = "it holds no key"
            return
    taken.keysets[name] = fields


def _said(name: str, label: str | None, description: str | None) -> Fields:
    """Label and description, where they say more than what is left out would."""
    fields: Fields = {}
    if label is not None and label != default_label(name):
        fields["label"] = label
    if description:
        fields["description"] = description
    return fields


def _take_channel(taken: Taken, component: Component) -> None:
    name, channel = component.full_name, read_channel(component.xml)
    if not channel.is_enhanced_chat:
        return
    verification: Fields = {"enabled": channel.is_verified}
    fields: Fields = {"user_verification": verification}
    why = _not_ours(taken, channel)
    if why is None:
        verification["configurations"] = {
            each.name: {"keyset": each.keyset, "active": each.active} for each in channel.ours.values()
        }
    else:
        taken.left_out[component.address] = f"its configurations are not managed: {why}"
    minutes = {each.value: number for each, number in channel.minutes.items() if number is not None}
    if minutes:
        fields["token_expiration_minutes"] = minutes
    if channel.is_verified or channel.ours:
        taken.channels[name] = fields
    else:
        taken.quiet[name] = fields


def _not_ours(taken: Taken, channel: ObservedChannel) -> str | None:
    """Why a channel's configurations cannot be said, as a whole; None where they can."""
    for name, count in Counter(each.name for each in channel.configurations if each.is_ours).items():
        if count > 1:
            return f"two of them are called {name}"
    for each in channel.ours.values():
        if each.keyset not in taken.keysets:
            used = f"keyset.{each.keyset}, which is left out" if each.keyset else "no keyset"
            return f"{each.name} uses {used}"
    return None


def _configurations(fields: Mapping[str, Any]) -> dict[str, Fields]:
    found: dict[str, Fields] = fields["user_verification"].get("configurations", {})
    return found


def shared_issuers(keysets: Mapping[str, Fields]) -> dict[str, str]:
    """A name for each issuer that several keysets have: that of the first of them."""
    counts = Counter(fields["issuer"] for fields in keysets.values())
    return dict(_first_of_each(keysets, counts))


def _first_of_each(keysets: Mapping[str, Fields], counts: Counter[str]) -> Iterator[tuple[str, str]]:
    seen = set()
    for name, fields in keysets.items():
        issuer = fields["issuer"]
        if counts[issuer] > 1 and issuer not in seen:
            seen.add(issuer)
            yield issuer, name
