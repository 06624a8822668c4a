"""Retires a key in a declaration's text: makes it inactive, or moves it to ``removed``; keeps every other byte.

As in :mod:`provisioner.declaration.edit`, the text is edited in place and read again: only a result with exactly the
earlier content and the one change is returned. Comments stay, except those on removed lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from provisioner.declaration.spans import SourceSpan
from provisioner.declaration.text_edits import Edit, NotEditable, after, appended, edited, line_start, lines

_GAP = r"(?:[ \t\r\n]|(?<=[\s,])#[^\r\n]*)*"


def set_active(content: bytes, key: str, active: bool) -> bytes:
    """Return the declaration with the key's ``active`` as given. Raises :class:`NotEditable`."""

    def meaning(tree: dict[str, Any]) -> None:
        _declared(tree, key)["active"] = active

    return edited(content, meaning, lambda text, root: _activity(text, root, key, active))


def add_to_removed(content: bytes, key: str) -> bytes:
    """Return the declaration with the key listed under ``removed`` only. Raises :class:`NotEditable`."""

    def meaning(tree: dict[str, Any]) -> None:
        _declared(tree, key)
        del tree["keys"][key]
        tree["keys"] = tree["keys"] or None
        for keyset in (tree.get("keysets") or {}).values():
            if isinstance(keyset, dict) and key in (keyset.get("keys") or ()):
                keyset["keys"] = [name for name in keyset["keys"] if name != key]
        removed = tree.get("removed") or {}
        names = removed.get("keys") or []
        tree["removed"] = {**removed, "keys": [*names, *([] if key in names else [key])]}

    return edited(content, meaning, lambda text, root: _burial(text, root, key))


def _declared(tree: dict[str, Any], key: str) -> dict[str, Any]:
    keys = tree.get("keys")
    found = keys.get(key) if isinstance(keys, dict) else None
    if not isinstance(found, dict):
        raise NotEditable(f"`keys` has no {key}")
    return found


def _activity(text: str, root: SourceSpan, key: str, active: bool) -> Iterator[Edit]:
    word = "true" if active else "false"
    value = _mapping(root, "keys", key)
    field = value.field("active")
    if field is not None:
        if field[1].is_empty_text:
            yield Edit(field[1].start, field[1].start, f" {word}")
        else:
            yield Edit(field[1].start, field[1].end, word)
    elif value.is_flow:
        yield appended(text, value, f"active: {word}")
    else:
        first = value.fields[0][0]
        yield lines(text, after(text, value.fields[-1][1].end), [f"{' ' * first.column}active: {word}"])


def _burial(text: str, root: SourceSpan, key: str) -> Iterator[Edit]:
    keys = root.field("keys")
    if keys is None or keys[1].field(key) is None:
        raise NotEditable(f"{key} is not written as a mapping under `keys`")
    yield without_part(text, keys[1], [each.text for each, _ in keys[1].fields].index(key))
    keysets = root.field("keysets")
    for _, keyset in keysets[1].fields if keysets is not None else ():
        listed = keyset.field("keys")
        names = [item.text for item in listed[1].items] if listed is not None else []
        if listed is not None and key in names:
            yield without_part(text, listed[1], names.index(key))
    yield from _tombstone(text, root, key)


def _tombstone(text: str, root: SourceSpan, key: str) -> Iterator[Edit]:
    section = root.field("removed")
    if section is None:
        if root.is_flow:
            yield appended(text, root, f"removed: {{keys: [{key}]}}")
            return
        indent = " " * root.column
        yield lines(text, len(text), ["", f"{indent}removed:", f"{indent}  keys: [{key}]"])
        return
    name, value = section
    listed = value.field("keys")
    if value.is_empty_text:
        yield lines(text, after(text, name.end), [f"{' ' * (name.column + 2)}keys: [{key}]"])
    elif listed is None and value.is_flow:
        yield appended(text, value, f"keys: [{key}]")
    elif listed is None:
        column = value.fields[0][0].column
        yield lines(text, after(text, value.fields[-1][1].end), [f"{' ' * column}keys: [{key}]"])
    elif key in [item.text for item in listed[1].items]:
        return
    elif listed[1].is_flow:
        yield appended(text, listed[1], key)
    elif listed[1].items:
        yield lines(text, after(text, listed[1].items[-1].end), [f"{' ' * listed[1].column}- {key}"])
    else:
        yield Edit(listed[1].start, listed[1].end, f" [{key}]")


def _mapping(root: SourceSpan, section: str, name: str) -> SourceSpan:
    found = root.field(section)
    entry = found[1].field(name) if found is not None else None
    if entry is None or not entry[1].is_mapping or not entry[1].fields:
        raise NotEditable(f"{name} is not written as a mapping under `{section}`")
    return entry[1]


def without_part(text: str, value: SourceSpan, number: int) -> Edit:
    """Return the edit that removes a part of a collection; of a block, its lines."""
    bounds = [(key.start, part.end) for key, part in value.fields] or [(item.start, item.end) for item in value.items]
    start, end = bounds[number]
    if not value.is_flow:
        return Edit(line_start(text, start), after(text, end))
    comma = re.compile(_GAP + ",").match(text, end)
    if comma is not None and comma.end() <= value.end:
        end = comma.end()
    elif number:
        start = text.rindex(",", bounds[number - 1][1], start)
        if "#" in text[start : bounds[number][0]]:
            raise NotEditable(f"there is a comment before {text[bounds[number][0] : end]}")
        return Edit(start, end)
    line, behind = line_start(text, start), after(text, end)
    if not text[line:start].strip() and text[end:behind].strip()[:1] in ("", "#"):
        return Edit(line, behind)
    return Edit(start, end + len(text[end:]) - len(text[end:].lstrip(" \t")))
