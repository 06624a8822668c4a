"""The editor of YAML files: puts, adds and removes values in a text, keeps every other byte, and writes new texts.

Comments, order, quotes and line ends stay. The text is edited in place and read again: only a result with exactly the
earlier values and the changes is returned. A YAML library that writes the whole file would change its layout.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

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
    scalar_like,
    without_part,
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
SCHEMA_FILE = "provisioner.schema.json"


@dataclass(frozen=True, slots=True)
class Put:
    """A ``value`` to put at ``path``, in place of any existing value; missing mappings above it are made."""

    path: tuple[str, ...]
    value: Value


@dataclass(frozen=True, slots=True)
class Add:
    """A text to add at the end of the list at ``path``; a missing list is made."""

    path: tuple[str, ...]
    item: str


@dataclass(frozen=True, slots=True)
class Remove:
    """A field to remove from its mapping; with ``item``, that text of the list at ``path`` instead."""

    path: tuple[str, ...]
    item: str | None = None


Change = Put | Add | Remove


def edit(content: bytes, changes: Sequence[Change], check: Callable[[dict[str, Any]], None] | None = None) -> bytes:
    """Return the text with all changes, read again as proof; no path of a value may be inside of another.

    ``check`` gets the values before the changes, and may raise. Raises :class:`NotEditable`.
    """
    changes = _together(content, changes)

    def meaning(tree: dict[str, Any]) -> None:
        if check is not None:
            check(tree)
        for each in changes:
            _apply(tree, each)

    def edits(text: str, root: SourceSpan, *, by_example: bool) -> Iterator[Edit]:
        # Of edits at one place, the last is made first, so that their order is kept.
        for each in reversed(changes):
            yield from _edits(text, root, each, by_example=by_example)

    try:
        return edited(content, meaning, lambda text, root: edits(text, root, by_example=True))
    except NotEditable as error:
        if error.is_final:
            raise
    try:  # a commented example may be inside of another section
        return edited(content, meaning, lambda text, root: edits(text, root, by_example=False))
    except NotEditable:
        if len(changes) == 1:
            raise
    for each in changes:  # two of them may have met in one pair of braces
        content = edit(content, [each], check)
        check = None
    return content


# What the changes mean


def _together(content: bytes, changes: Sequence[Change]) -> list[Change]:
    """Return the changes with all entries of a missing mapping as one."""
    _, root = read(content)
    found: dict[tuple[str, ...], Put] = {}
    others: list[Change] = []
    for each in changes:
        if not isinstance(each, Put):
            others.append(each)
            continue
        path, value = each.path, each.value
        while len(path) > 1 and ((above := _node(root, path[:-1])) is None or above.is_empty_text):
            path, value = path[:-1], {path[-1]: value}
        known = found.get(path)
        if known is not None:
            assert isinstance(known.value, Mapping)
            assert isinstance(value, Mapping)
            value = _merged(known.value, value)
        found[path] = Put(path, value)
    return [*found.values(), *others]


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(one)
    for name, value in other.items():
        both = isinstance(merged.get(name), Mapping) and isinstance(value, Mapping)
        merged[name] = _merged(merged[name], value) if both else value
    return merged


def _apply(tree: dict[str, Any], change: Change) -> None:
    """Make the change in plain values."""
    node: Any = tree
    for name in change.path[:-1]:
        if node.get(name) is None:
            node[name] = {}
        node = node[name]
        if not isinstance(node, dict):
            raise NotEditable(f"{'.'.join(change.path)} cannot be inserted there", is_final=True)
    name = change.path[-1]
    match change:
        case Put(value=value):
            node[name] = _plain(value)
        case Add(item=item):
            node[name] = [*(node.get(name) or []), item]
        case Remove(item=None):
            node.pop(name, None)
        case Remove(item=item):
            node[name] = [each for each in node.get(name) or [] if each != item]
        case _:
            assert_never(change)


def _plain(value: Value) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, str):
        return escaped(value)
    return value if isinstance(value, bool | int) else [*value]


# The text of values


def entry_lines(path: Sequence[str], value: Value, column: int, step: int = _STEP) -> list[str]:
    """Return ``value`` under the last name of ``path``, as lines that begin at ``column``."""
    indent, name = " " * column, scalar(path[-1])
    if isinstance(value, Mapping) and value and not _is_short(path, value):
        found = [f"{indent}{name}:"]
        for field, part in value.items():
            found += entry_lines([*path, field], part, column + step, step)
        return found
    return [f"{indent}{name}: {scalar(value) if isinstance(value, str) else flow(value)}"]


def flow(value: Value) -> str:
    """Return ``value`` on one line, as inside of braces."""
    if isinstance(value, bool | int):
        return json.dumps(value)
    if isinstance(value, str):
        return scalar(value, in_flow=True)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(name)}: {flow(part)}" for name, part in value.items()) + "}"
    return "[" + ", ".join(scalar(name) for name in value) + "]"


def _is_short(path: Sequence[str], value: Mapping[str, Any]) -> bool:
    """Return whether people write the mapping on one line: a configuration, the expirations, a literal issuer."""
    if any(isinstance(part, Mapping) for part in value.values()):
        return False
    return any(kind.on_one_line(tuple(path[2:])) for kind in TYPES if kind.section == path[0])


# The edits of the text


def _edits(text: str, root: SourceSpan, change: Change, *, by_example: bool) -> Iterator[Edit]:
    match change:
        case Put(path=path, value=value):
            yield _put(text, root, path, value, by_example=by_example)
        case Add(path=path, item=item):
            listed = _node(root, path)
            if listed is None or listed.is_empty_text:
                yield _put(text, root, path, [item], by_example=by_example)
            elif not listed.is_sequence:
                raise NotEditable(f"{'.'.join(path)} is not written as a list")
            elif listed.is_flow:
                yield appended(text, listed, scalar(item))
            else:
                at = past_comments(text, after(text, listed.end), listed.column + 1)
                yield lines(text, at, [f"{' ' * listed.column}- {scalar(item)}"])
        case Remove(path=path, item=item):
            yield from _removals(text, root, path, item)
        case _:
            assert_never(change)


def _removals(text: str, root: SourceSpan, path: Sequence[str], item: str | None) -> Iterator[Edit]:
    """Yield the edits that remove a field or the items of a list; none if there is no such part."""
    whole = _node(root, path[:-1] if item is None else path)
    parts = [] if whole is None else [key.text for key, _ in whole.fields] or [each.text for each in whole.items]
    for index, name in enumerate(parts):
        if whole is not None and name == (path[-1] if item is None else item):
            yield without_part(text, whole, index)


def _node(root: SourceSpan, path: Sequence[str]) -> SourceSpan | None:
    """Return the part of the text at a path; None if there is none."""
    node: SourceSpan | None = root
    for name in path:
        found = node.field(name) if node is not None else None
        node = found[1] if found is not None else None
    return node


def _put(text: str, root: SourceSpan, path: Sequence[str], value: Value, *, by_example: bool) -> Edit:
    above: SourceSpan | None = None
    node, depth, in_flow = root, 0, False
    while depth < len(path) and node.is_mapping and (found := node.field(path[depth])) is not None:
        in_flow = in_flow or node.is_flow
        above, node, depth = found[0], found[1], depth + 1
    if depth == len(path) and node.is_empty_text and above is not None and isinstance(value, Mapping) and not in_flow:
        parts = (entry_lines([*path, name], part, above.column + _STEP) for name, part in value.items())
        return lines(text, after(text, above.end), [line for part in parts for line in part])
    if depth == len(path):
        blank = " " if node.is_empty_text else ""
        before = text[node.start : node.end]
        words = scalar_like(before, value, in_flow=in_flow) if isinstance(value, str) else flow(value)
        return Edit(node.start, node.end, blank + words)
    for name in reversed(path[depth + 1 :]):
        value = {name: value}
    here = path[: depth + 1]
    if node.is_mapping and node.is_flow:
        return appended(text, node, f"{scalar(here[-1])}: {flow(value)}")
    if node.is_mapping and node.fields and depth == 0 and here[-1] in SECTIONS:
        return _section(text, node, here, value, by_example=by_example)
    if node.is_mapping and node.fields:
        column = node.fields[0][0].column
        at = past_comments(text, after(text, node.end), column)
        return lines(text, at, entry_lines(here, value, column, _step(node)))
    if node.is_empty_text and above is not None:
        return lines(text, after(text, above.end), entry_lines(here, value, above.column + _STEP))
    raise NotEditable(f"{'.'.join(here)} cannot be inserted there")


def _step(node: SourceSpan) -> int:
    """Return the indentation of the fields below those of a mapping, as the text has it."""
    blocks = (each for _, each in node.fields if each.is_mapping and not each.is_flow)
    inner = next((each.fields[0][0].column for each in blocks), None)
    return inner - node.fields[0][0].column if inner is not None else _STEP


def _section(text: str, root: SourceSpan, here: Sequence[str], value: Value, *, by_example: bool) -> Edit:
    """Return the edit that adds a section: after its commented example, else after the section before it."""
    example = re.search(rf"^#[ \t]*{re.escape(here[-1])}:[ \t]*(?:#.*)?\r?$", text, re.M) if by_example else None
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


# New texts


def schema_line(path: str) -> str:
    """Return the comment by which editors find the JSON Schema at a path."""
    return f"# yaml-language-server: $schema={path}"


def declaration_text(
    head: Sequence[str], sections: Mapping[str, Mapping[str, Any]], schema: str = f"../{SCHEMA_FILE}"
) -> bytes:
    """Return a new declaration: ``sections`` in their order, under ``head`` as comments; empty ones are left out."""
    lines = [schema_line(schema), *(f"# {line}".rstrip() for line in head), "version: 1"]
    for name in SECTIONS:
        if sections.get(name):
            lines += ["", *entry_lines([name], sections[name], 0)]
    return ("\n".join(lines) + "\n").encode()


def issuer_value(issuer: str, names: Mapping[str, str]) -> str | dict[str, str]:
    """Return a keyset's ``issuer``: a name under ``issuers`` if ``names`` (by issuer) has one, else the value."""
    if issuer in names:
        return names[issuer]
    return issuer if ":" in issuer or "." in issuer else {"literal": issuer}
