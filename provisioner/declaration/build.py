"""Builds an :class:`Estate` from a merged, substituted tree.

Lenient on purpose: parts of the wrong shape are left out, because the shape check has reported them, and all other
findings must appear in the same run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from provisioner.declaration.key_files import KeyFiles
from provisioner.declaration.tree import Branch, Entry, Node, branch_at, places, text
from provisioner.model.estate import (
    DEFAULT_ALGORITHM,
    CertificateSource,
    Channel,
    Configuration,
    Creation,
    Deployment,
    DeploymentCreation,
    DeploymentType,
    Endpoint,
    Estate,
    External,
    Ignore,
    Issuer,
    JwkSource,
    Key,
    Keyset,
    Org,
    Removed,
    UploadedKeys,
)
from provisioner.model.places import Places
from provisioner.model.types import CONFIGURATIONS, Field, MetadataType
from provisioner.secrets import mask_credentials

T = TypeVar("T")
_READERS: Mapping[str, Callable[[Branch, str], Any]] = {
    "string": Branch.text,
    "boolean": Branch.flag,
    "integer": Branch.whole,
}


def build_estate(tree: Node, files: KeyFiles) -> Estate:
    """Return the estate that ``tree`` declares; key files are read through ``files``."""
    if not isinstance(tree, Branch):
        return Estate()
    files.read_ahead(_key_paths(tree))
    issuers_at = tree.branch("issuers")
    issuers = dict(_texts(issuers_at))
    return Estate(
        issuers=issuers,
        keys=_each(tree, "keys", lambda name, branch, at: _key(name, branch, at, files)),
        keysets=_each(tree, "keysets", lambda name, branch, at: _keyset(name, branch, at, issuers)),
        channels=_each(tree, "channels", _channel),
        deployments=_each(tree, "deployments", _deployment),
        external=External(**_names(tree.branch("external"), "keys", "keysets", "channels")),
        org=_org(tree.branch("org")),
        removed=Removed(**_names(tree.branch("removed"), "keys", "keysets")),
        ignore=tuple(_ignores(tree.items("ignore") or ())),
        issuer_places=places(issuers_at) if issuers_at else Places(),
    )


def _each(tree: Branch, section: str, build: Callable[[str, Branch, Places], T]) -> dict[str, T]:
    branch = tree.branch(section)
    if branch is None:
        return {}
    return {
        name: build(name, entry.value, _places(entry))
        for name, entry in branch.entries.items()
        if isinstance(entry.value, Branch)
    }


def _places(entry: Entry) -> Places:
    return places(entry.value, entry.key_location)


def _texts(branch: Branch | None) -> Iterator[tuple[str, str]]:
    for name, entry in branch.entries.items() if branch else ():
        value = text(entry.value)
        if value is not None:
            yield name, value


def _key_paths(tree: Branch) -> Iterator[str]:
    """Yield the declared paths of the key files that :func:`_key` reads."""
    keys = tree.branch("keys")
    for entry in keys.entries.values() if keys else ():
        if isinstance(entry.value, Branch):
            yield from [path for path in _material(entry.value) if path is not None]


def _material(branch: Branch) -> tuple[str | None, str | None]:
    """Return the declared path of a key's certificate, or of its JWK: never both, and of an invalid key neither."""
    certificate, jwk = branch.text("certificate"), branch.text("jwk")
    return (certificate, jwk) if certificate is None or jwk is None else (None, None)


def _key(name: str, branch: Branch, at: Places, files: KeyFiles) -> Key:
    certificate, jwk = _material(branch)
    source: CertificateSource | JwkSource | None = None
    if certificate is not None:
        algorithm = branch.text("algorithm") or DEFAULT_ALGORITHM
        source = CertificateSource(files.read(certificate), branch.text("kid"), algorithm)
    elif jwk is not None:
        source = JwkSource(files.read(jwk))
    return Key(name=name, source=source, places=at, **_scalars(MetadataType.KEY.fields, branch))


def _scalars(fields: Iterable[Field], branch: Branch) -> dict[str, Any]:
    """Return the values of the fields that the component has, by attribute."""
    found: dict[str, Any] = {}
    for row in fields:
        below = branch_at(branch, *row.path[:-1])
        value = _READERS[row.codec.json_type](below, row.path[-1]) if below is not None else None
        if value is not None:
            found[row.attribute] = value
    return found


def _keyset(name: str, branch: Branch, at: Places, issuers: dict[str, str]) -> Keyset:
    keys, endpoint = branch.items("keys"), mask_credentials(branch.text("endpoint"))
    source: UploadedKeys | Endpoint | None = None
    if keys is not None and branch.get("endpoint") is None:
        source = UploadedKeys(tuple(key for key in map(text, keys) if key is not None))
    elif endpoint is not None and branch.get("keys") is None:
        source = Endpoint(endpoint)
    fields = _scalars(MetadataType.KEYSET.fields, branch)
    return Keyset(name=name, source=source, places=at, **{**fields, "issuer": _issuer(branch.get("issuer"), issuers)})


def _issuer(node: Node | None, issuers: dict[str, str]) -> Issuer | None:
    if isinstance(node, Branch):
        literal = node.text("literal")
        return Issuer(literal) if literal is not None else None
    value = text(node)
    if value is None:
        return None
    if ":" in value or "." in value:
        return Issuer(value)
    return Issuer(issuers.get(value), value)


def _channel(name: str, branch: Branch, at: Places) -> Channel:
    declared = branch_at(branch, *CONFIGURATIONS.path)
    configurations = None
    if declared is not None:
        configurations = {
            each: Configuration(each, **_scalars(CONFIGURATIONS.fields, entry.value))
            for each, entry in declared.entries.items()
            if isinstance(entry.value, Branch)
        }
    fields = _scalars(MetadataType.CHANNEL.fields, branch)
    return Channel(
        name=name, configurations=configurations, create=_creation(branch.branch("create")),
        active=branch.flag("active"), places=at, **fields,
    )  # fmt: skip


def _creation(branch: Branch | None) -> Creation | None:
    if branch is None:
        return None
    routing = branch.branch("routing")
    queue, flow, fallback = (
        routing.text(name) if routing is not None else None for name in ("queue", "flow", "fallback_queue")
    )
    attachments = branch.flag("attachments") or False
    return Creation(branch.text("label"), queue, flow, fallback, branch.text("description"), attachments)


def _deployment(name: str, branch: Branch, at: Places) -> Deployment:
    kind, create = branch.text("type"), branch.branch("create")
    return Deployment(
        name, branch.text("channel") or "", branch.text("publish") != "never",
        DeploymentType(kind) if kind in list(DeploymentType) else None,
        DeploymentCreation(create.text("label"), create.text("domain")) if create is not None else None,
        tuple(each for each in map(text, branch.items("origins") or ()) if each is not None), at,
    )  # fmt: skip


def _org(branch: Branch | None) -> Org:
    return Org(branch.flag("messaging"), places(branch)) if branch is not None else Org()


def _names(branch: Branch | None, *sections: str) -> dict[str, Any]:
    """Return the lists of names by section, and their places."""
    if branch is None:
        return {}
    lists = {each: tuple(name for name in map(text, branch.items(each) or ()) if name is not None) for each in sections}
    return {**lists, "places": places(branch)}


def _ignores(items: tuple[Node, ...]) -> Iterator[Ignore]:
    for item in items:
        if isinstance(item, Branch) and (rule := item.text("rule")) is not None:
            yield Ignore(rule, item.text("address"), item.text("reason") or "", places(item))
