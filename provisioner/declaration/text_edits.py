"""The parts of an edit of a YAML text: places, lines, quoted texts, and the proof of the result.

After an edit the text is read again: only a result with exactly the earlier values and the change is returned.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from provisioner.declaration.spans import SourceSpan, spans
from provisioner.declaration.tree import Branch, plain
from provisioner.declaration.yaml_text import parse

_LINE_END = re.compile(r"\r\n|\n|\r")
_PLAIN = re.compile(r"(?:https://)?[A-Za-z](?:[A-Za-z0-9_./ -]*[A-Za-z0-9_./-])?")
#: A reference that a block of YAML reads as text without quotes.
_PLAIN_REFERENCE = re.compile(r"\$\{(?:env|file):[A-Za-z0-9_.~/-]+\}")
#: Blanks and comments between the parts of a collection in brackets or braces.
_GAP = r"(?:[ \t\r\n]|(?<=[\s,])#[^\r\n]*)*"
#: Characters that YAML does not take or that are invisible: everything that is neither printable nor a blank.
_HIDDEN = re.compile(
    r"[^\x20-\x7e\xa1-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[\u2000-\u200f\u2028-\u202f\u2060-\u206f]"
)
#: Words that one YAML or the other reads as something else than text.
_NOT_TEXT = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


class NotEditable(Exception):
    """The text cannot be edited in place; the message is the reason, as the end of a sentence.

    ``is_final``: the reason is in the values, so no other place in the text helps.
    """

    def __init__(self, why: str, *, is_final: bool = False) -> None:
        super().__init__(why)
        self.is_final = is_final


class Verbatim(str):
    """A text that may be a reference, as in an environment file: it is not escaped."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """A replacement of the text from ``start`` to ``end`` by ``words``."""

    start: int
    end: int
    words: str = ""


def read(content: bytes) -> tuple[str, SourceSpan]:
    """Return the text and its spans. Raises :class:`NotEditable` if it is not valid."""
    tree, findings = parse(content, "")
    if not isinstance(tree, Branch) or findings:
        raise NotEditable("it is not valid", is_final=True)
    text = content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    return text, spans(text)


def values(content: bytes) -> dict[str, Any]:
    """Return the values of a file. Raises :class:`NotEditable` if it is not valid, or a section is of another kind."""
    tree, findings = parse(content, "")
    if not isinstance(tree, Branch) or findings:
        raise NotEditable("it is not valid", is_final=True)
    found: dict[str, Any] = plain(tree)
    _check_sections(found)
    return found


def edited(
    content: bytes, meaning: Callable[[dict[str, Any]], None], edits: Callable[[str, SourceSpan], Iterator[Edit]]
) -> bytes:
    """Return the edited text if it has the values that ``meaning`` makes of the old ones, else raise NotEditable."""
    text, root = read(content)
    expected = values(content)
    meaning(expected)
    for each in sorted(edits(text, root), key=lambda edit: edit.start, reverse=True):
        text = text[: each.start] + each.words + text[each.end :]
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    result = mark + text.encode("utf-8")
    found, problems = parse(result, "")
    if found is None or problems or _settled(plain(found)) != _settled(expected):
        raise NotEditable("its layout does not allow a safe change")
    return result


def _check_sections(tree: Any) -> None:
    """Raise :class:`NotEditable` if a section is not of the expected kind."""
    for section in ("issuers", "keys", "keysets", "channels", "removed"):
        if tree.get(section) is not None and not isinstance(tree[section], dict):
            raise NotEditable(f"`{section}` is not a mapping", is_final=True)
    lists = [each.get("keys") for each in (tree.get("keysets") or {}).values() if isinstance(each, dict)]
    removed = tree.get("removed") or {}
    for names in (*lists, removed.get("keys"), removed.get("keysets")):
        if names is not None and not isinstance(names, list):
            raise NotEditable("the keys of a keyset, or of `removed`, are not a list", is_final=True)


def _settled(tree: Any) -> Any:
    """Return the values with every form of an empty ``keys`` made equal."""
    return {**tree, "keys": tree.get("keys") or None} if isinstance(tree, dict) else tree


def appended(text: str, value: SourceSpan, words: str) -> Edit:
    """Return the edit that puts ``words`` at the end of a collection in brackets or braces."""
    ends = [part.end for _, part in value.fields] or [item.end for item in value.items]
    if ends:
        return Edit(ends[-1], ends[-1], f", {words}")
    if text[value.start : value.start + 1] not in ("{", "["):
        raise NotEditable("there is an anchor or a tag at the place of the insertion")
    return Edit(value.start + 1, value.start + 1, words)


def lines(text: str, at: int, wanted: list[str]) -> Edit:
    """Return the edit that inserts whole lines, with the line ends that the text has."""
    newline = "\r\n" if "\r\n" in text else "\n"
    joined = newline.join(wanted)
    if at and text[at - 1] not in "\r\n":  # the last line has no line end
        return Edit(at, at, newline + joined)
    return Edit(at, at, joined + newline)


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


def line_start(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def after(text: str, at: int) -> int:
    """Return the beginning of the line after a part that ends at ``at``; a text block ends at the next line."""
    if at and text[at - 1] in "\r\n":
        return at
    found = _LINE_END.search(text, at)
    return found.end() if found is not None else len(text)


def line_end(text: str, at: int) -> int:
    """Return the beginning of the line after ``at``; the end of the text if there is none."""
    found = _LINE_END.search(text, at)
    return found.end() if found is not None else len(text)


def past_comments(text: str, at: int, column: int) -> int:
    """Return ``at``, or the end of the comments after it that are indented to ``column`` and so belong above."""
    found = at
    while at < len(text):
        line = text[at : line_end(text, at)]
        words = line.lstrip(" ")
        if words.startswith("#") and len(line) - len(words) >= column:
            found = at + len(line)
        elif words.strip():
            break
        at += len(line)
    return found


def scalar(value: str, *, in_flow: bool = False) -> str:
    """Return a text as YAML, in quotes if it needs them; ``in_flow``: inside of brackets or braces."""
    value = escaped(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _NOT_TEXT:
        return value
    return value if not in_flow and _PLAIN_REFERENCE.fullmatch(value) else _quoted(value)


def scalar_like(before: str, value: str, *, in_flow: bool = False) -> str:
    """Return ``value`` with the quotes that the text ``before`` has, as far as they can hold it."""
    if before.startswith("'") and not _HIDDEN.search(value):
        return "'" + escaped(value).replace("'", "''") + "'"
    return _quoted(escaped(value)) if before.startswith('"') else scalar(value, in_flow=in_flow)


def _quoted(value: str) -> str:
    return _HIDDEN.sub(_hexadecimal, json.dumps(value, ensure_ascii=False))


def _hexadecimal(found: re.Match[str]) -> str:
    """Return a character as YAML 1.2 §5.7 writes it in double quotes."""
    return f"\\U{ord(found[0]):08x}"


def escaped(value: str) -> str:
    """Return the value escaped, so that it is not a reference; a :class:`Verbatim` text as it is."""
    return str(value) if isinstance(value, Verbatim) else value.replace("${", "$${")
