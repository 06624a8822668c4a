"""YAML as a tree in which every value, and every mapping's key, knows its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, assert_never

from provisioner.diagnostics import Location
from provisioner.model.places import Path, Places

ScalarValue = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Scalar:
    value: ScalarValue
    location: Location


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple[Node, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class Entry:
    """A mapping's key, the place of the key, and its value."""

    key: str
    key_location: Location
    value: Node


@dataclass(frozen=True, slots=True)
class Branch:
    """A mapping. Entries keep the file's order; keys are text, whatever they look like.

    ``is_partial``: a part of it could not be read (a merge key, a template expression), so its other content is
    unknown. A finding names that part; then a missing field is no finding.
    """

    entries: Mapping[str, Entry]
    location: Location
    is_partial: bool = False

    def get(self, key: str) -> Node | None:
        entry = self.entries.get(key)
        return entry.value if entry is not None else None

    def branch(self, key: str) -> Branch | None:
        """Return the mapping under ``key``, or None if there is none or another value."""
        value = self.get(key)
        return value if isinstance(value, Branch) else None

    def items(self, key: str) -> tuple[Node, ...] | None:
        """Return the list under ``key``, or None if there is none or another value."""
        value = self.get(key)
        return value.items if isinstance(value, Sequence) else None

    def text(self, key: str) -> str | None:
        return text(self.get(key))

    def whole(self, key: str) -> int | None:
        """Return the whole number under ``key`` (60.0 is one, too), or None."""
        value = self.get(key)
        number = value.value if isinstance(value, Scalar) else None
        if isinstance(number, bool) or not isinstance(number, int | float) or number != int(number):
            return None
        return int(number)

    def flag(self, key: str) -> bool | None:
        value = self.get(key)
        return value.value if isinstance(value, Scalar) and isinstance(value.value, bool) else None


Node = Scalar | Sequence | Branch


def text(node: Node | None) -> str | None:
    """Return the node's text, or None if it is not a text."""
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None


def branch_at(node: Node | None, *path: str) -> Branch | None:
    """Return the mapping at a path below a node, or None if there is none or another value."""
    for step in path:
        node = node.get(step) if isinstance(node, Branch) else None
    return node if isinstance(node, Branch) else None


def plain(node: Node) -> Any:
    """Return the tree as plain Python values, without places."""
    match node:
        case Scalar(value=value):
            return value
        case Sequence(items=items):
            return [plain(item) for item in items]
        case Branch(entries=entries):
            return {key: plain(entry.value) for key, entry in entries.items()}
        case _:
            assert_never(node)


def walk(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node, Location]]:
    """Yield ``node`` and every node below it: its path, itself, and its place for findings.

    For a mapping's value that place is its own where it is a scalar, and its key's where it is not.
    """
    yield path, node, node.location
    yield from _below(node, path)


def _below(node: Node, path: Path) -> Iterator[tuple[Path, Node, Location]]:
    if isinstance(node, Branch):
        for key, entry in node.entries.items():
            value = entry.value
            place = value.location if isinstance(value, Scalar) else entry.key_location
            yield (*path, key), value, place
            yield from _below(value, (*path, key))
    elif isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            yield (*path, index), item, item.location
            yield from _below(item, (*path, index))


def without_own_fields(node: Node | None) -> Node | None:
    """Return ``node`` without the fields that begin with ``x-`` and only hold anchors."""
    if not isinstance(node, Branch):
        return node
    return replace(node, entries={key: entry for key, entry in node.entries.items() if not key.startswith("x-")})


def places(node: Node, own: Location | None = None) -> Places:
    """Return the places of everything below ``node``."""
    return Places(own or node.location, {path: place for path, _, place in walk(node) if path})


def merge(base: Node, overlay: Node) -> Node | None:
    """Return ``base`` with ``overlay`` on it: mappings merge, lists and scalars replace, null removes (returns None).

    Every value keeps the place of the file it came from.
    """
    if isinstance(overlay, Scalar) and overlay.value is None:
        return None
    if not (isinstance(base, Branch) and isinstance(overlay, Branch)):
        return without_nulls(overlay)
    merged = dict(base.entries)
    for key, entry in overlay.entries.items():
        below = merged.get(key)
        value = merge(below.value, entry.value) if below is not None else merge(_NOTHING, entry.value)
        if value is None:
            merged.pop(key, None)
        elif below is not None and isinstance(below.value, Branch) and isinstance(value, Branch):
            merged[key] = Entry(key, below.key_location, value)
        else:
            merged[key] = Entry(key, entry.key_location, value)
    return Branch(merged, base.location, base.is_partial or overlay.is_partial)


def without_nulls(node: Node) -> Node:
    """Return ``node`` without mapping entries of the value null, which have no effect."""
    if not isinstance(node, Branch):
        return node
    kept = {
        key: Entry(key, entry.key_location, without_nulls(entry.value))
        for key, entry in node.entries.items()
        if not (isinstance(entry.value, Scalar) and entry.value.value is None)
    }
    return replace(node, entries=kept)


_NOTHING = Scalar("", Location("", 1, 1))
