"""Adds a key to a declaration's text, and keeps every other byte: comments, order, quotes, line ends.

The text is edited in place and read again: only a result with exactly the earlier content and the new key is returned.
A YAML library that writes the whole file would change its layout.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.declaration.spans import SourceSpan
from provisioner.declaration.text_edits import (
    Edit,
    NotEditable,
    after,
    appended,
    edited,
    escaped,
    line_end,
    lines,
    past_comments,
    read,
    scalar,
)

__all__ = ["NewKey", "NotEditable", "add_key", "add_member"]

#: A missing section is added after the last of these.
_BEFORE_KEYS = ("version", "requires", "issuers")
_INDENT = 2


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to declare. ``fields`` are in the order of writing; ``keyset`` is the one that lists the key."""

    name: str
    fields: Mapping[str, str]
    keyset: str | None = None

    def as_lines(self) -> str:
        """Return the lines to write by hand."""
        return "keys:\n" + "\n".join(_block(self, _INDENT, _INDENT)) + "\n"


def add_key(content: bytes, key: NewKey) -> bytes:
    """Return the declaration with the key, read again as proof. Raises :class:`NotEditable`."""
    text, root = read(content)
    for insertions in _attempts(text, root, key):
        try:
            return edited(content, lambda tree: _declare(tree, key), lambda _text, _root: iter(insertions))  # noqa: B023
        except NotEditable as error:
            if error.is_final:
                raise
    raise NotEditable("its layout does not allow a safe insertion")


def add_member(content: bytes, keyset: str, name: str) -> bytes:
    """Return the declaration with a declared key in a keyset, read again as proof. Raises :class:`NotEditable`."""
    return edited(
        content,
        lambda tree: _list(tree, keyset, name),
        lambda text, root: iter([_member(text, root, keyset, name)]),
    )


def _declare(after: Any, key: NewKey) -> None:
    keys = after.setdefault("keys", {}) or {}
    if not isinstance(keys, dict) or key.name in keys:
        why = f"`keys` already has {key.name}" if isinstance(keys, dict) else "`keys` is not a mapping"
        raise NotEditable(why, is_final=True)
    after["keys"] = {**keys, key.name: {name: escaped(value) for name, value in key.fields.items()}}
    if key.keyset is not None:
        _list(after, key.keyset, key.name)


def _list(after: Any, name: str, key: str) -> None:
    """Return the edit that adds the key's name to the list of a keyset."""
    keysets = after.get("keysets")
    keyset = keysets.get(name) if isinstance(keysets, dict) else None
    if not isinstance(keyset, dict) or not isinstance(keyset.get("keys", []), list):
        raise NotEditable(f"the keyset {name} has no list of keys", is_final=True)
    keyset["keys"] = [*keyset.get("keys", []), key]


def _attempts(text: str, root: SourceSpan, key: NewKey) -> Iterator[list[Edit]]:
    """Ways to insert it, the best first."""
    member = [] if key.keyset is None else [_member(text, root, key.keyset, key.name)]
    section = root.field("keys")
    if section is not None:
        yield [_entry(text, *section, key), *member]
        return
    if root.is_flow:
        yield [appended(text, root, f"keys: {{{_flow(key)}}}"), *member]
        return
    for at in _places_for_a_section(text, root):
        yield [_section(text, at, root.column, key), *member]


def _entry(text: str, section: SourceSpan, value: SourceSpan, key: NewKey) -> Edit:
    """The key's entry under ``keys``."""
    if value.is_flow and value.is_mapping:
        return appended(text, value, _flow(key))
    if value.is_empty_text:
        column = section.column + _INDENT
        return lines(text, after(text, section.end), _block(key, column, _INDENT))
    if not value.is_mapping or not value.fields:
        raise NotEditable("`keys` is not written as a mapping")
    column = value.fields[0][0].column
    inner = next((each.fields[0][0].column for _, each in value.fields if each.is_mapping and not each.is_flow), None)
    step = inner - column if inner is not None else _INDENT
    at = past_comments(text, after(text, value.end), column)
    return lines(text, at, _block(key, column, step))


def _member(text: str, root: SourceSpan, keyset: str, name: str) -> Edit:
    """The key's name in the list of its keyset."""
    keysets = root.field("keysets")
    found = keysets[1].field(keyset) if keysets is not None else None
    if found is None or not found[1].is_mapping:
        raise NotEditable(f"the keyset {keyset} is not written as a mapping under `keysets`")
    value = found[1]
    listed = value.field("keys")
    if listed is None:
        if value.is_flow or not value.fields:
            return appended(text, value, f"keys: [{name}]")
        column = value.fields[0][0].column
        at = past_comments(text, after(text, value.end), column)
        return lines(text, at, [f"{' ' * column}keys: [{name}]"])
    items = listed[1]
    if not items.is_sequence:
        raise NotEditable(f"the keys of the keyset {keyset} are not written as a list")
    if items.is_flow:
        return appended(text, items, name)
    at = past_comments(text, after(text, items.end), items.column + 1)
    return lines(text, at, [f"{' ' * items.column}- {name}"])


def _places_for_a_section(text: str, root: SourceSpan) -> Iterator[int]:
    """Yield the places for ``keys``: after its commented example, if there is one; else after the first sections."""
    example = re.search(r"^#[ \t]*keys:[ \t]*(?:#.*)?\r?$", text, re.M)
    if example is not None:
        at = line_end(text, example.start())
        while text[at : at + 1] == "#":
            at = line_end(text, at)
        yield at
    ends = [value.end for key, value in root.fields if key.text in _BEFORE_KEYS]
    if ends:
        yield after(text, max(ends))
    if root.fields:
        yield after(text, root.end)


def _section(text: str, at: int, column: int, key: NewKey) -> Edit:
    words = ["", " " * column + "keys:", *_block(key, column + _INDENT, _INDENT)]
    rest = text[at:].lstrip(" \t")
    if rest and rest[0] not in "\r\n":
        words.append("")
    return lines(text, at, words)


def _block(key: NewKey, column: int, step: int) -> list[str]:
    fields = [f"{' ' * (column + step)}{name}: {scalar(value)}" for name, value in key.fields.items()]
    return [f"{' ' * column}{scalar(key.name)}:", *fields]


def _flow(key: NewKey) -> str:
    fields = ", ".join(f"{name}: {scalar(value)}" for name, value in key.fields.items())
    return f"{scalar(key.name)}: {{{fields}}}"
