"""Puts a value into a declaration's text, new or in the place of another, and keeps every other byte."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provisioner.declaration.spans import SourceSpan
from provisioner.declaration.text_edits import (
    Edit,
    NotEditable,
    after,
    appended,
    edited,
    line_end,
    lines,
    past_comments,
    read,
    scalar,
    scalar_like,
)
from provisioner.model.types import TYPES

#: A value to put: text, a number, a flag, a list of names, or a mapping of these.
Value = str | int | bool | Sequence[str] | Mapping[str, Any]
#: The sections of a declaration, in the usual order.
SECTIONS = (
    "version", "requires", "issuers", "keys", "keysets", "channels", "deployments", "org", "external", "removed",
    "ignore",
)  # fmt: skip
_STEP = 2


@dataclass(frozen=True, slots=True)
class Put:
    """A ``value`` to put at ``path``, in place of any existing value."""

    path: tuple[str, ...]
    value: Value


def put(content: bytes, path: Sequence[str], value: Value) -> bytes:
    """Return the declaration with ``value`` at ``path``, read again as proof. Raises :class:`NotEditable`."""
    return put_all(content, [Put(tuple(path), value)])


def put_all(content: bytes, puts: Sequence[Put]) -> bytes:
    """Return the declaration with all values, read again as proof; no path may be inside of another.

    Raises :class:`NotEditable`.
    """
    puts = _together(content, puts)

    def meaning(tree: dict[str, Any]) -> None:
        for each in puts:
            _place(tree, each)

    def edits(text: str, root: SourceSpan) -> Iterator[Edit]:
        # Of edits at one place, the last is made first, so that their order is kept.
        for each in reversed(puts):
            yield from _edits(text, root, each.path, each.value)

    try:
        return edited(content, meaning, edits)
    except NotEditable:
        if len(puts) == 1:
            raise
    for each in puts:  # two of them may have met in one pair of braces
        content = put_all(content, [each])
    return content


def _together(content: bytes, puts: Sequence[Put]) -> list[Put]:
    """Return the values with all entries of a missing mapping as one."""
    _, root = read(content)
    found: dict[tuple[str, ...], Put] = {}
    for each in puts:
        path, value = each.path, each.value
        while len(path) > 1 and not _is_there(root, path[:-1]):
            path, value = path[:-1], {path[-1]: value}
        known = found.get(path)
        if known is not None:
            assert isinstance(known.value, Mapping)
            assert isinstance(value, Mapping)
            value = _merged(known.value, value)
        found[path] = Put(path, value)
    return list(found.values())


def _is_there(root: SourceSpan, path: Sequence[str]) -> bool:
    node = root
    for name in path:
        field = node.field(name) if node.is_mapping else None
        if field is None:
            return False
        node = field[1]
    return not node.is_empty_text


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(one)
    for name, value in other.items():
        both = isinstance(merged.get(name), Mapping) and isinstance(value, Mapping)
        merged[name] = _merged(merged[name], value) if both else value
    return merged


def _place(tree: dict[str, Any], wanted: Put) -> None:
    node: Any = tree
    for name in wanted.path[:-1]:
        if node.get(name) is None:
            node[name] = {}
        node = node[name]
        if not isinstance(node, dict):
            raise NotEditable(f"{'.'.join(wanted.path)} cannot be inserted there", is_final=True)
    node[wanted.path[-1]] = _plain(wanted.value)


def entry_lines(path: Sequence[str], value: Value, column: int) -> list[str]:
    """``value`` under the last name of ``path``, as lines that begin at ``column``."""
    indent, name = " " * column, scalar(path[-1])
    if isinstance(value, Mapping) and value and not _is_short(path, value):
        found = [f"{indent}{name}:"]
        for field, part in value.items():
            found += entry_lines([*path, field], part, column + _STEP)
        return found
    return [f"{indent}{name}: {flow(value)}"]


def flow(value: Value) -> str:
    """``value`` on one line."""
    if isinstance(value, bool | int):
        return json.dumps(value)
    if isinstance(value, str):
        return scalar(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(name)}: {flow(part)}" for name, part in value.items()) + "}"
    return "[" + ", ".join(scalar(name) for name in value) + "]"


def _is_short(path: Sequence[str], value: Mapping[str, Any]) -> bool:
    """Tell if people write the mapping on one line: a configuration, the expirations, a literal issuer."""
    if any(isinstance(part, Mapping) for part in value.values()):
        return False
    return any(kind.on_one_line(tuple(path[2:])) for kind in TYPES if kind.section == path[0])


def _plain(value: Value) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, str):
        return value.replace("${", "$${")
    return value if isinstance(value, bool | int) else [*value]


def _edits(text: str, root: SourceSpan, path: Sequence[str], value: Value) -> Iterator[Edit]:
    above: SourceSpan | None = None
    node, depth = root, 0
    while depth < len(path) and node.is_mapping and (found := node.field(path[depth])) is not None:
        above, node, depth = found[0], found[1], depth + 1
    if depth == len(path):
        blank = " " if node.is_empty_text else ""
        before = text[node.start : node.end]
        words = scalar_like(before, value) if isinstance(value, str) else flow(value)
        yield Edit(node.start, node.end, blank + words)
        return
    for name in reversed(path[depth + 1 :]):
        value = {name: value}
    here = path[: depth + 1]
    if node.is_mapping and node.is_flow:
        yield appended(text, node, f"{scalar(here[-1])}: {flow(value)}")
    elif node.is_mapping and node.fields and depth == 0:
        yield _section(text, node, here, value)
    elif node.is_mapping and node.fields:
        column = node.fields[0][0].column
        yield lines(text, past_comments(text, after(text, node.end), column), entry_lines(here, value, column))
    elif node.is_empty_text and above is not None:
        yield lines(text, after(text, above.end), entry_lines(here, value, above.column + _STEP))
    else:
        raise NotEditable(f"{'.'.join(here)} cannot be inserted there")


def _section(text: str, root: SourceSpan, here: Sequence[str], value: Value) -> Edit:
    """Return the edit that adds a section: after its commented example, else after the section before it."""
    example = re.search(rf"^#[ \t]*{re.escape(here[-1])}:[ \t]*(?:#.*)?\r?$", text, re.M)
    if example is not None:
        at = line_end(text, example.start())
        while text[at : at + 1] == "#":
            at = line_end(text, at)
    else:
        before = SECTIONS[: SECTIONS.index(here[-1])]
        ends = [content.end for name, content in root.fields if name.text in before]
        at = after(text, max(ends, default=root.end))
    rest = text[at:].lstrip(" \t")
    blank = [""] if rest and rest[0] not in "\r\n" else []
    return lines(text, at, ["", *entry_lines(here, value, root.column), *blank])
