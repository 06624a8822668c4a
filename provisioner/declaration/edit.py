"""A key added to a declaration's text, every other byte left as it is: comments, order, quotes, line ends.

The text is edited at the places where the new words belong and read again: unless it then says exactly what it said
before, and the new key, nothing is returned. A YAML library that writes the file anew would reflow what it does not
know to be dear to somebody.
"""

from __future__ import annotations

import codecs
import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.declaration.spans import Span, spans
from provisioner.declaration.tree import Branch, plain
from provisioner.declaration.yaml_text import parse

#: A section that is missing is put behind the last of these.
_BEFORE_KEYS = ("version", "issuers")
_INDENT = 2
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")
#: Words that one YAML or the other reads as something else than text.
_NOT_TEXT = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


class NotEditable(Exception):
    """The text cannot be edited in place; the message is the end of a sentence that says why."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to be declared. ``fields`` in the order in which they are written; ``keyset`` names where it is listed."""

    name: str
    fields: Mapping[str, str]
    keyset: str | None = None

    def as_lines(self) -> str:
        """What somebody would write by hand."""
        return "keys:\n" + "\n".join(_block(self, _INDENT, _INDENT)) + "\n"


@dataclass(frozen=True, slots=True)
class _Insertion:
    at: int
    words: str


def add_key(content: bytes, key: NewKey) -> bytes:
    """The declaration with the key in it. Raises :class:`NotEditable`; what is returned was read again and is right."""
    tree, findings = parse(content, "")
    if not isinstance(tree, Branch) or findings:
        raise NotEditable("it is not right as it is")
    expected = _expected(plain(tree), key)
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    text = content[len(mark) :].decode("utf-8")
    root = spans(text)
    for insertions in _attempts(text, root, key):
        edited = mark + _applied(text, insertions).encode("utf-8")
        read, problems = parse(edited, "")
        if read is not None and not problems and plain(read) == expected:
            return edited
    raise NotEditable("it is written in a way in which nothing can be inserted safely")


def _expected(before: Any, key: NewKey) -> Any:
    after = copy.deepcopy(before)
    keys = after.setdefault("keys", {}) or {}
    if not isinstance(keys, dict) or key.name in keys:
        raise NotEditable(f"`keys` has {key.name} already" if isinstance(keys, dict) else "`keys` is not a mapping")
    after["keys"] = {**keys, key.name: {name: _escaped(value) for name, value in key.fields.items()}}
    if key.keyset is not None:
        keysets = after.get("keysets")
        keyset = keysets.get(key.keyset) if isinstance(keysets, dict) else None
        if not isinstance(keyset, dict) or not isinstance(keyset.get("keys", []), list):
            raise NotEditable(f"the keyset {key.keyset} has no list of keys")
        keyset["keys"] = [*keyset.get("keys", []), key.name]
    return after


def _attempts(text: str, root: Span, key: NewKey) -> Iterator[list[_Insertion]]:
    """Ways to insert it, the best first."""
    member = [] if key.keyset is None else [_member(text, root, key.keyset, key.name)]
    section = root.field("keys")
    if section is not None:
        yield [_entry(text, *section, key), *member]
        return
    if root.is_flow:
        yield [_in_flow(text, root, f"keys: {{{_flow(key)}}}"), *member]
        return
    for at in _places_for_a_section(text, root):
        yield [_section(text, at, root.column, key), *member]


def _entry(text: str, section: Span, value: Span, key: NewKey) -> _Insertion:
    """The key's entry under ``keys``."""
    if value.is_flow and value.is_mapping:
        return _in_flow(text, value, _flow(key))
    if value.is_empty_text:
        column = section.column + _INDENT
        return _lines(text, _after(text, section.end), _block(key, column, _INDENT))
    if not value.is_mapping or not value.fields:
        raise NotEditable("`keys` is not written as a mapping")
    column = value.fields[0][0].column
    inner = next((each.fields[0][0].column for _, each in value.fields if each.is_mapping and not each.is_flow), None)
    step = inner - column if inner is not None else _INDENT
    at = _past_comments(text, _after(text, value.end), column)
    return _lines(text, at, _block(key, column, step))


def _member(text: str, root: Span, keyset: str, name: str) -> _Insertion:
    """The key's name in the list of its keyset."""
    keysets = root.field("keysets")
    found = keysets[1].field(keyset) if keysets is not None else None
    if found is None or not found[1].is_mapping:
        raise NotEditable(f"the keyset {keyset} is not written out under `keysets`")
    value = found[1]
    listed = value.field("keys")
    if listed is None:
        if value.is_flow or not value.fields:
            return _in_flow(text, value, f"keys: [{name}]")
        column = value.fields[0][0].column
        at = _past_comments(text, _after(text, value.end), column)
        return _lines(text, at, [f"{' ' * column}keys: [{name}]"])
    items = listed[1]
    if not items.is_sequence:
        raise NotEditable(f"the keys of the keyset {keyset} are not written as a list")
    if items.is_flow:
        return _in_flow(text, items, name)
    at = _past_comments(text, _after(text, items.end), items.column + 1)
    return _lines(text, at, [f"{' ' * items.column}- {name}"])


def _in_flow(text: str, value: Span, words: str) -> _Insertion:
    """``words`` as the last part of a collection in brackets or braces."""
    parts = [part for _, part in value.fields] or list(value.items)
    if parts:
        return _Insertion(parts[-1].end, f", {words}")
    if text[value.start : value.start + 1] not in ("{", "["):
        raise NotEditable("an anchor or a tag stands where it would be inserted")
    return _Insertion(value.start + 1, words)


def _places_for_a_section(text: str, root: Span) -> Iterator[int]:
    """Where ``keys`` may begin: behind its commented example, if there is one; else behind what comes first."""
    example = re.search(r"^#[ \t]*keys:[ \t]*(?:#.*)?\r?$", text, re.M)
    if example is not None:
        at = _line_end(text, example.start())
        while text[at : at + 1] == "#":
            at = _line_end(text, at)
        yield at
    ends = [value.end for key, value in root.fields if key.text in _BEFORE_KEYS]
    if ends:
        yield _after(text, max(ends))
    if root.fields:
        yield _after(text, root.end)


def _section(text: str, at: int, column: int, key: NewKey) -> _Insertion:
    lines = ["", " " * column + "keys:", *_block(key, column + _INDENT, _INDENT)]
    rest = text[at:].lstrip(" \t")
    if rest and rest[0] not in "\r\n":
        lines.append("")
    return _lines(text, at, lines)


def _lines(text: str, at: int, lines: list[str]) -> _Insertion:
    """Whole lines, with the line ends that the text has."""
    newline = "\r\n" if "\r\n" in text else "\n"
    joined = newline.join(lines)
    if at and text[at - 1] not in "\r\n":  # the last line has no end
        return _Insertion(at, newline + joined)
    return _Insertion(at, joined + newline)


def _block(key: NewKey, column: int, step: int) -> list[str]:
    fields = [f"{' ' * (column + step)}{name}: {_scalar(value)}" for name, value in key.fields.items()]
    return [f"{' ' * column}{_scalar(key.name)}:", *fields]


def _flow(key: NewKey) -> str:
    fields = ", ".join(f"{name}: {_scalar(value)}" for name, value in key.fields.items())
    return f"{_scalar(key.name)}: {{{fields}}}"


def _scalar(value: str) -> str:
    value = _escaped(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _NOT_TEXT:
        return value
    return json.dumps(value, ensure_ascii=False)


def _escaped(value: str) -> str:
    """The value such that it is no reference."""
    return value.replace("${", "$${")


def _line_end(text: str, at: int) -> int:
    """The beginning of the line after the one that ``at`` is in; the end of the text where there is none."""
    found = re.compile(r"\r\n|\n|\r").search(text, at)
    return found.end() if found is not None else len(text)


def _after(text: str, end: int) -> int:
    """The beginning of the line after the one that a part ends on; a block of text ends where the next line begins."""
    return end if text[end - 1 : end] in ("\n", "\r") else _line_end(text, end)


def _past_comments(text: str, at: int, column: int) -> int:
    """``at``, or the end of the last comment behind it that is indented as far as ``column``: it belongs above."""
    found = at
    while at < len(text):
        line = text[at : _line_end(text, at)]
        words = line.lstrip(" ")
        if words.startswith("#") and len(line) - len(words) >= column:
            found = at + len(line)
        elif words.strip():
            break
        at += len(line)
    return found


def _applied(text: str, insertions: list[_Insertion]) -> str:
    for each in sorted(insertions, key=lambda insertion: insertion.at, reverse=True):
        text = text[: each.at] + each.words + text[each.at :]
    return text
