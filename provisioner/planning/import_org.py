"""The components of an org as a declaration, and the parts that a declaration cannot express, with the reason.

Pure. No content of an org raises an error here. Components that the rules reject are left out later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from provisioner.components.channel import ObservedChannel, read_channel
from provisioner.components.deployments import read_deployment
from provisioner.components.key import read_key
from provisioner.components.keyset import read_keyset
from provisioner.components.snapshot import Component, Observed, Snapshot, Unreadable
from provisioner.components.xml import text_of
from provisioner.jose.uploaded_jwk import leaked_members
from provisioner.model.estate import DeploymentType
from provisioner.model.jwk import Jwk
from provisioner.model.types import CONFIGURATIONS, TYPES, MetadataType, YamlPath
from provisioner.planning.external import Owned

NOBODY_ELSE: Owned = MappingProxyType(dict.fromkeys(TYPES, ()))
#: The fields of a component as in YAML.
Fields = dict[str, Any]


@dataclass(slots=True)
class ImportedConfig:
    """Components by name, their fields as YAML has them. ``jwks`` are the keys' public halves.

    ``left_out`` maps the address of a component that is not imported, or only in part, to the reason. ``leaks`` are the
    keys whose JWK in the org holds private members. ``quiet`` are Enhanced Chat channels without user verification,
    which need not be managed. ``external`` are components of other owners: imported ones may refer to them.
    """

    keys: dict[str, Fields] = field(default_factory=dict)
    keysets: dict[str, Fields] = field(default_factory=dict)
    channels: dict[str, Fields] = field(default_factory=dict)
    deployments: dict[str, Fields] = field(default_factory=dict)
    jwks: dict[str, Jwk] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    leaks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    quiet: dict[str, Fields] = field(default_factory=dict)
    external: Owned = field(default_factory=lambda: NOBODY_ELSE)

    def leave_out(self, address: str, why: str) -> None:
        """Leave a component out, and everything that refers to it."""
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
        elif kind == "deployment":
            self.deployments.pop(name, None)
        else:
            self.channels.pop(name, None)
            self._keep_deployments_of_channels()

    def _without_configurations(self, channel: str, why: str) -> None:
        """Remove the configurations of a channel: a declaration has all of a channel's configurations, or none."""
        fields = self.channels[channel]
        del fields["user_verification"]["configurations"]
        self.left_out[f"channel.{channel}"] = f"its configurations are not managed: {why}"
        if not fields["user_verification"] and "token_expiration_minutes" not in fields:
            del self.channels[channel]
            self._keep_deployments_of_channels()

    def _keep_deployments_of_channels(self) -> None:
        """Only the deployments of imported channels are imported."""
        self.deployments = {
            name: fields for name, fields in self.deployments.items() if fields["channel"] in self.channels
        }


def from_snapshot(snapshot: Snapshot, external: Owned = NOBODY_ELSE) -> ImportedConfig:
    """Return the components of a snapshot that a declaration can express, without the ``external`` ones."""
    imported = ImportedConfig(external=external)
    for kind in TYPES:
        for name, found in sorted(_readable(snapshot, kind).items()):
            if isinstance(found, Unreadable) and name not in external[kind]:
                imported.left_out[kind.address(name)] = f"it could not be read: {found.reason}"
    importers = {
        MetadataType.KEY: _import_key, MetadataType.KEYSET: _import_keyset, MetadataType.CHANNEL: _import_channel,
    }  # fmt: skip
    for kind, import_component in importers.items():
        for name, component in sorted(snapshot.present(kind).items()):
            if name not in external[kind]:
                import_component(imported, component)
    _import_deployments(imported, snapshot)
    return imported


def _import_deployments(imported: ImportedConfig, snapshot: Snapshot) -> None:
    """Import the deployments of imported channels, so that applies publish them; no others."""
    kind, types = MetadataType.DEPLOYMENT, {each.metadata: each for each in DeploymentType}
    found = snapshot.others.get(kind)
    if isinstance(found, Unreadable):
        imported.left_out["deployments"] = f"they could not be read: {found.reason}"
    for name, component in sorted(snapshot.present(kind).items()):
        seen = read_deployment(component.xml)
        if seen.channel in imported.channels and seen.type in types:
            imported.deployments[name] = {"type": str(types[seen.type]), "channel": seen.channel}


def _readable(snapshot: Snapshot, kind: MetadataType) -> Observed:
    observed = snapshot.types[kind]
    return {} if isinstance(observed, Unreadable) else observed


def _import_key(imported: ImportedConfig, component: Component) -> None:
    name, key = component.full_name, read_key(component.xml)
    leaked = leaked_members(text_of(component.xml, "jsonWebKey") or "")
    if leaked:
        imported.leaks[name] = leaked
        imported.left_out[component.address] = (
            f"its JWK in the org holds private members ({', '.join(leaked)}): everyone who can read it there can "
            f"sign tokens"
        )
        return
    if key.jwk is None:
        imported.left_out[component.address] = "it holds no readable RSA key"
        return
    imported.keys[name] = yaml_fields(MetadataType.KEY, key, name)
    imported.jwks[name] = key.jwk


def _import_keyset(imported: ImportedConfig, component: Component) -> None:
    name, keyset = component.full_name, read_keyset(component.xml)
    if keyset.issuer is None:
        imported.left_out[component.address] = "it has no issuer"
        return
    fields = yaml_fields(MetadataType.KEYSET, keyset, name)
    if keyset.is_endpoint:
        if keyset.endpoint is None:
            imported.left_out[component.address] = "it has no endpoint"
            return
        fields["endpoint"] = keyset.endpoint
    else:
        fields["keys"] = list(dict.fromkeys(keyset.keys))
        missing = [
            key for key in fields["keys"] if key not in imported.keys and key not in imported.external[MetadataType.KEY]
        ]
        if missing:
            imported.left_out[component.address] = f"it holds key.{missing[0]}, which is left out"
            return
        if not fields["keys"]:
            imported.left_out[component.address] = "it holds no key"
            return
    imported.keysets[name] = fields


def yaml_fields(kind: MetadataType, observed: object, name: str) -> Fields:
    """Return the fields of a component as YAML has them, without those that mean the same if they are left out."""
    found: Fields = {}
    for row in kind.fields:
        value = getattr(observed, row.attribute)
        if value is not None and value != row.default(name):
            below = found
            for part in row.path[:-1]:
                below = below.setdefault(part, {})
            below[row.path[-1]] = value
    return found


def value_at(fields: Mapping[str, Any], path: YamlPath) -> Any:
    """Return the value at a path of a component's fields; None if it is missing."""
    found: Any = fields
    for part in path:
        found = found.get(part) if found is not None else None
    return found


def _import_channel(imported: ImportedConfig, component: Component) -> None:
    name, channel = component.full_name, read_channel(component.xml)
    if not channel.is_enhanced_chat:
        return
    fields = yaml_fields(MetadataType.CHANNEL, channel, name)
    why = _not_ours(imported, channel)
    if why is None:
        fields["user_verification"]["configurations"] = {
            each.name: {row.path[-1]: getattr(each, row.attribute) for row in CONFIGURATIONS.fields}
            for each in channel.ours.values()
        }
    else:
        imported.left_out[component.address] = f"its configurations are not managed: {why}"
    if channel.enabled or channel.ours:
        imported.channels[name] = fields
    else:
        imported.quiet[name] = fields


def _not_ours(imported: ImportedConfig, channel: ObservedChannel) -> str | None:
    """Return the reason why a declaration cannot express a channel's configurations; None if it can."""
    for name, count in Counter(each.name for each in channel.configurations if each.is_ours).items():
        if count > 1:
            return f"two of them are called {name}"
    for each in channel.ours.values():
        if each.keyset not in imported.keysets and each.keyset not in imported.external[MetadataType.KEYSET]:
            used = f"keyset.{each.keyset}, which is left out" if each.keyset else "no keyset"
            return f"{each.name} uses {used}"
    return None


def _configurations(fields: Mapping[str, Any]) -> dict[str, Fields]:
    found: dict[str, Fields] = fields["user_verification"].get("configurations", {})
    return found


def shared_issuers(keysets: Mapping[str, Fields]) -> dict[str, str]:
    """Return a name for each issuer of several keysets: the name of the first keyset."""
    counts = Counter(fields["issuer"] for fields in keysets.values())
    return dict(_first_of_each(keysets, counts))


def _first_of_each(keysets: Mapping[str, Fields], counts: Counter[str]) -> Iterator[tuple[str, str]]:
    seen = set()
    for name, fields in keysets.items():
        issuer = fields["issuer"]
        if counts[issuer] > 1 and issuer not in seen:
            seen.add(issuer)
            yield issuer, name
