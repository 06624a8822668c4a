"""A key retired in a declaration's text: made inactive, or buried; every other byte left as it is.

As in :mod:`provisioner.declaration.edit`, the text is edited in place and read again: unless it then says exactly what
it said before, and the one thing more, nothing is returned. Comments stay, but those on the lines that go.
"""

from __future__ import annotations

import codecs
import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from provisioner.declaration.edit import NotEditable
from provisioner.declaration.spans import Span, spans
from provisioner.declaration.tree import Branch, plain
from provisioner.declaration.yaml_text import parse

_LINE_END = re.compile(r"\r\n|\n|\r")
_GAP = r"(?:[ \t\r\n]|(?<=[\s,])#[^\r\n]*)*"


@dataclass(frozen=True, slots=True)
class _Edit:
    """``words`` in the place of what stands from ``start`` to ``end``."""

    start: int
    end: int
    words: str = ""


def set_active(content: bytes, key: str, active: bool) -> bytes:
    """The declaration with the key's ``active`` as given. Raises :class:`NotEditable`."""

    def meaning(tree: dict[str, Any]) -> None:
        _declared(tree, key)["active"] = active

    return _edited(content, meaning, lambda text, root: _activity(text, root, key, active))


def bury_key(content: bytes, key: str) -> bytes:
    """The declaration without the key, in no keyset's list, and with its tombstone. Raises :class:`NotEditable`."""

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

    return _edited(content, meaning, lambda text, root: _burial(text, root, key))


def _declared(tree: dict[str, Any], key: str) -> dict[str, Any]:
    keys = tree.get("keys")
    found = keys.get(key) if isinstance(keys, dict) else None
    if not isinstance(found, dict):
        raise NotEditable(f"`keys` has no {key}")
    return found


def _edited(
    content: bytes, meaning: Callable[[dict[str, Any]], None], edits: Callable[[str, Span], Iterator[_Edit]]
) -> bytes:
    """What ``edits`` make of the text, if that is what ``meaning`` makes of its values."""
    tree, findings = parse(content, "")
    if not isinstance(tree, Branch) or findings:
        raise NotEditable("it is not right as it is")
    expected = copy.deepcopy(plain(tree))
    meaning(expected)
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    text = content[len(mark) :].decode("utf-8")
    for each in sorted(edits(text, spans(text)), key=lambda edit: edit.start, reverse=True):
        text = text[: each.start] + each.words + text[each.end :]
    edited = mark + text.encode("utf-8")
    read, problems = parse(edited, "")
    if read is None or problems or _settled(plain(read)) != _settled(expected):
        raise NotEditable("it is written in a way in which it cannot be changed safely")
    return edited


def _settled(tree: Any) -> Any:
    """An empty section says the same however it is written."""
    return {**tree, "keys": tree.get("keys") or None} if isinstance(tree, dict) else tree


def _activity(text: str, root: Span, key: str, active: bool) -> Iterator[_Edit]:
    word = "true" if active else "false"
    value = _mapping(root, "keys", key)
    field = value.field("active")
    if field is not None:
        if field[1].is_empty_text:
            yield _Edit(field[1].start, field[1].start, f" {word}")
        else:
            yield _Edit(field[1].start, field[1].end, word)
    elif value.is_flow:
        yield _appended(text, value, f"active: {word}")
    else:
        first = value.fields[0][0]
        yield _lines(text, _after(text, value.fields[-1][1].end), [f"{' ' * first.column}active: {word}"])


def _burial(text: str, root: Span, key: str) -> Iterator[_Edit]:
    keys = root.field("keys")
    if keys is None or keys[1].field(key) is None:
        raise NotEditable(f"{key} is not written out under `keys`")
    yield _without(text, keys[1], [each.text for each, _ in keys[1].fields].index(key))
    keysets = root.field("keysets")
    for _, keyset in keysets[1].fields if keysets is not None else ():
        listed = keyset.field("keys")
        names = [item.text for item in listed[1].items] if listed is not None else []
        if listed is not None and key in names:
            yield _without(text, listed[1], names.index(key))
    yield from _tombstone(text, root, key)


def _tombstone(text: str, root: Span, key: str) -> Iterator[_Edit]:
    section = root.field("removed")
    if section is None:
        if root.is_flow:
            yield _appended(text, root, f"removed: {{keys: [{key}]}}")
            return
        indent = " " * root.column
        yield _lines(text, len(text), ["", f"{indent}removed:", f"{indent}  keys: [{key}]"])
        return
    name, value = section
    listed = value.field("keys")
    if value.is_empty_text:
        yield _lines(text, _after(text, name.end), [f"{' ' * (name.column + 2)}keys: [{key}]"])
    elif listed is None and value.is_flow:
        yield _appended(text, value, f"keys: [{key}]")
    elif listed is None:
        column = value.fields[0][0].column
        yield _lines(text, _after(text, value.fields[-1][1].end), [f"{' ' * column}keys: [{key}]"])
    elif key in [item.text for item in listed[1].items]:
        return
    elif listed[1].is_flow:
        yield _appended(text, listed[1], key)
    elif listed[1].items:
        yield _lines(text, _after(text, listed[1].items[-1].end), [f"{' ' * listed[1].column}- {key}"])
    else:
        yield _Edit(listed[1].start, listed[1].end, f" [{key}]")


def _mapping(root: Span, section: str, name: str) -> Span:
    found = root.field(section)
    entry = found[1].field(name) if found is not None else None
    if entry is None or not entry[1].is_mapping or not entry[1].fields:
        raise NotEditable(f"{name} is not written out under `{section}`")
    return entry[1]


def _without(text: str, value: Span, number: int) -> _Edit:
    """What takes a collection's part away; of a block, its lines."""
    bounds = [(key.start, part.end) for key, part in value.fields] or [(item.start, item.end) for item in value.items]
    start, end = bounds[number]
    if not value.is_flow:
        return _Edit(_line_start(text, start), _after(text, end))
    comma = re.compile(_GAP + ",").match(text, end)
    if comma is not None and comma.end() <= value.end:
        end = comma.end()
    elif number:
        start = text.rindex(",", bounds[number - 1][1], start)
        if "#" in text[start : bounds[number][0]]:
            raise NotEditable(f"a comment stands before {text[bounds[number][0] : end]}")
        return _Edit(start, end)
    line, after = _line_start(text, start), _after(text, end)
    if not text[line:start].strip() and text[end:after].strip()[:1] in ("", "#"):
        return _Edit(line, after)
    return _Edit(start, end + len(text[end:]) - len(text[end:].lstrip(" \t")))


def _appended(text: str, value: Span, words: str) -> _Edit:
    """``words`` as the last part of a collection in brackets or braces."""
    ends = [part.end for _, part in value.fields] or [item.end for item in value.items]
    if ends:
        return _Edit(ends[-1], ends[-1], f", {words}")
    if text[value.start : value.start + 1] not in ("{", "["):
        raise NotEditable("an anchor or a tag stands where it would be inserted")
    return _Edit(value.start + 1, value.start + 1, words)


def _lines(text: str, at: int, lines: list[str]) -> _Edit:
    """Whole lines, with the line ends that the text has."""
    newline = "\r\n" if "\r\n" in text else "\n"
    joined = newline.join(lines)
    if at and text[at - 1] not in "\r\n":  # the last line has no end
        return _Edit(at, at, newline + joined)
    return _Edit(at, at, joined + newline)


def _line_start(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def _after(text: str, at: int) -> int:
    """The beginning of the line after what ends at ``at``; a block of text ends where the next line begins."""
    if at and text[at - 1] in "\r\n":
        return at
    found = _LINE_END.search(text, at)
    return found.end() if found is not None else len(text)
