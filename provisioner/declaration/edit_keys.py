"""The edits of a declaration's keys: a key is added, joins a keyset, is switched on or off, or is retired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.declaration.editor import Add, Change, Put, Remove, edit, entry_lines
from provisioner.declaration.text_edits import NotEditable, values


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to declare. ``fields`` are in the order of writing; ``keyset`` is the one that lists the key."""

    name: str
    fields: Mapping[str, str]
    keyset: str | None = None

    def as_lines(self) -> str:
        """Return the lines to write by hand."""
        return "\n".join(entry_lines(["keys"], {self.name: self.fields}, 0)) + "\n"


def add_key(content: bytes, key: NewKey) -> bytes:
    """Return the declaration with the key, read again as proof. Raises :class:`NotEditable`."""
    changes: list[Change] = [Put(("keys", key.name), key.fields)]
    if key.keyset is not None:
        changes.append(Add(("keysets", key.keyset, "keys"), key.name))

    def check(tree: dict[str, Any]) -> None:
        if key.name in (tree.get("keys") or {}):
            raise NotEditable(f"`keys` already has {key.name}", is_final=True)
        if key.keyset is not None:
            _require_list(tree, key.keyset)

    return edit(content, changes, check)


def add_member(content: bytes, keyset: str, name: str) -> bytes:
    """Return the declaration with a declared key in a keyset, read again as proof. Raises :class:`NotEditable`."""
    return edit(content, [Add(("keysets", keyset, "keys"), name)], lambda tree: _require_list(tree, keyset))


def set_active(content: bytes, key: str, active: bool) -> bytes:
    """Return the declaration with the key's ``active`` as given. Raises :class:`NotEditable`."""
    return edit(content, [Put(("keys", key, "active"), active)], lambda tree: _require_key(tree, key))


def add_to_removed(content: bytes, key: str) -> bytes:
    """Return the declaration with the key listed under ``removed`` only. Raises :class:`NotEditable`."""
    tree = values(content)
    _require_key(tree, key)
    holders = [name for name, keyset in (tree.get("keysets") or {}).items() if key in _members(keyset)]
    changes: list[Change] = [
        Remove(("keys", key)),
        *(Remove(("keysets", name, "keys"), key) for name in holders),
    ]
    if key not in ((tree.get("removed") or {}).get("keys") or ()):
        changes.append(Add(("removed", "keys"), key))
    return edit(content, changes)


def _members(keyset: object) -> list[Any]:
    listed = keyset.get("keys") if isinstance(keyset, dict) else None
    return listed if isinstance(listed, list) else []


def _require_key(tree: dict[str, Any], key: str) -> None:
    keys = tree.get("keys")
    if not isinstance(keys, dict) or not isinstance(keys.get(key), dict):
        raise NotEditable(f"`keys` has no {key}", is_final=True)


def _require_list(tree: dict[str, Any], name: str) -> None:
    keyset = (tree.get("keysets") or {}).get(name)
    if not isinstance(keyset, dict) or not isinstance(keyset.get("keys", []), list):
        raise NotEditable(f"the keyset {name} has no list of keys", is_final=True)
