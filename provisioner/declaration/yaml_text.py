"""YAML text to a marked tree: the YAML 1.2 core schema, strict where YAML is treacherous.

Only ``true`` and ``false`` are booleans and only decimal digits are integers (so ``no`` and ``012:30`` stay text).
Duplicate keys, several documents, tags, tabs, merge keys and alias bombs are findings. Source: YAML 1.2.2 §10.3.
"""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from yaml.events import (  # the stubs know no attributes of events: they are Any below
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from provisioner.declaration.tree import Branch, Entry, Node, Scalar, ScalarValue, Sequence
from provisioner.declaration.yaml_syntax import explained
from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.files import git_damage, read_start

LARGEST_FILE = 8 * 1024 * 1024
#: How many values a file may hold, and how many of them may come from aliases. What one deployment carries, declared
#: with every field, holds 130,000.
LARGEST_TREE, MOST_FROM_ALIASES = 200_000, 100_000
DEEPEST_TREE = 100
#: Longer runs of digits stay text: they are no number that anybody means.
LONGEST_NUMBER = 100

_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_TAG = "tag:yaml.org,2002:"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CORE_TAGS = {_TAG + name for name in ("str", "int", "float", "bool", "null", "map", "seq")} | {"!"}
_LOADER: type = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def parse(
    content: bytes, shown_path: str, *, begin: str = "Write at least `version: 1`."
) -> tuple[Node | None, list[Diagnostic]]:
    """Return the tree of a file's only document, None if it cannot be read, and the findings about the text.

    ``begin`` is the fix for an empty file.
    """
    reader = _Reader(shown_path, begin)
    node = reader.read(content)
    return node, reader.findings


def read_file(path: Path, directory: Path) -> bytes:
    """Return the content of a regular file inside the config directory, at most as much as :func:`parse` takes.

    Raises :class:`provisioner.files.UnreadableError`.
    """
    return read_start(path, LARGEST_FILE + 1, within=directory)


class _Reader:
    def __init__(self, file: str, begin: str) -> None:
        self._file = file
        self._begin = begin
        self._values = 0
        self._from_aliases = 0
        self._anchors: dict[str, tuple[Node, int] | None] = {}
        self._events: Iterator[Any] = iter(())
        self.findings: list[Diagnostic] = []

    def _report(self, rule: str, message: str, fix: str, location: Location | None = None) -> None:
        self.findings.append(Diagnostic(rule, Severity.ERROR, message, fix, location or Location(self._file, 1, 1)))

    def read(self, content: bytes) -> Node | None:
        if len(content) > LARGEST_FILE:
            self._report(
                "yaml-too-large",
                "The file is larger than 8 MiB.",
                "Move content that is not configuration to another file.",
            )
            return None
        if content.startswith(_UTF_16) or content[:2].count(0) == 1:
            self._report(
                "yaml-not-utf8",
                "The file is UTF-16, not UTF-8.",
                "Save the file as UTF-8. In Windows PowerShell, > writes UTF-16, and `Out-File -Encoding utf8` UTF-8.",
            )
            return None
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = content[: error.start].decode("utf-8", "replace")
            line = before.count("\n") + 1
            column = len(before) - (before.rfind("\n") + 1) + 1
            self._report(
                "yaml-not-utf8",
                f"The file is not UTF-8: byte 0x{content[error.start]:02x} cannot be read.",
                "Save the file as UTF-8.",
                Location(self._file, line, column),
            )
            return None
        if (damage := git_damage(content)) is not None:
            self._report(
                "yaml-syntax", f"The file {damage.problem}.", damage.remedy, Location(self._file, damage.line, 1)
            )
            return None
        try:
            return self._compose(text)
        except yaml.reader.ReaderError as error:
            self._report_character(text, error)
        except yaml.MarkedYAMLError as error:
            self._report_syntax(text, error)
        return None

    def _compose(self, text: str) -> Node | None:
        # Built from events, not with PyYAML's composer: that one recurses in C, and deep nesting kills the process.
        self._events = yaml.parse(text, Loader=_LOADER)
        next(self._events)  # start of the stream
        if isinstance(next(self._events), StreamEndEvent):
            self._report("yaml-wrong-type", "The file is empty.", self._begin)
            return None
        try:
            root = self._node(next(self._events), 0)
        except _TooMuchError:
            return None
        next(self._events)  # end of the document
        if not isinstance(after := next(self._events), StreamEndEvent):
            self._report(
                "yaml-multiple-documents",
                "The file holds more than one YAML document.",
                "Keep one document: remove the `---` line and the other documents.",
                self._location(after),
            )
        return root

    def _location(self, event: Any) -> Location:
        start, end = event.start_mark, event.end_mark
        line = start.line + 1
        # One number where both are the same: a large file has very many places.
        return Location(
            self._file, line, start.column + 1, line if end.line == start.line else end.line + 1, end.column + 1
        )

    def _node(self, event: Any, depth: int) -> Node:
        location = self._location(event)
        if isinstance(event, AliasEvent):
            return self._alias(event, location)
        if depth > DEEPEST_TREE:
            self._report_depth(location)
            raise _TooMuchError
        if event.tag is not None and event.tag not in _CORE_TAGS:
            shown = event.tag.replace(_TAG, "!!")
            self._report(
                "yaml-unknown-tag",
                f"The tag {shown} is unknown.",
                "Remove the tag; write the plain value.",
                location,
            )
        before = self._values
        self._count(1, location)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        node: Node
        if isinstance(event, ScalarEvent):
            node = Scalar(_scalar(event), location)
        elif isinstance(event, SequenceStartEvent):
            node = Sequence(tuple(self._items(depth)), location)
        else:
            entries, is_partial = self._entries(depth)
            node = Branch(entries, location, is_partial)
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, self._values - before)
        return node

    def _alias(self, event: Any, location: Location) -> Node:
        if event.anchor not in self._anchors:
            self._report(
                "yaml-syntax",
                f"The alias *{event.anchor} names an anchor that is not defined before it.",
                f"Write &{event.anchor} at its value, above this line.",
                location,
            )
            raise _TooMuchError
        known = self._anchors[event.anchor]
        if known is None:
            self._report(
                "yaml-alias-bomb", f"The anchor &{event.anchor} contains itself.", "Write the value out.", location
            )
            raise _TooMuchError
        node, size = known
        self._from_aliases += size
        self._count(size, location)
        return node

    def _count(self, values: int, location: Location) -> None:
        self._values += values
        if self._values > LARGEST_TREE or self._from_aliases > MOST_FROM_ALIASES:
            many = f"{MOST_FROM_ALIASES:,} values by its aliases"
            if self._values > LARGEST_TREE:
                many = f"{LARGEST_TREE:,} values"
            self._report(
                "yaml-alias-bomb",
                f"The file expands to more than {many}.",
                "Write the values out instead of nesting aliases.",
                location,
            )
            raise _TooMuchError

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self._events), SequenceEndEvent):
            yield self._node(event, depth + 1)

    def _entries(self, depth: int) -> tuple[dict[str, Entry], bool]:
        """Return the entries of a mapping, and whether a part of it could not be read."""
        entries: dict[str, Entry] = {}
        is_partial = False
        while not isinstance(event := next(self._events), MappingEndEvent):
            location = self._location(event)
            if not isinstance(event, ScalarEvent):
                self._report_key(event, self._node(event, depth + 1), location)
                self._node(next(self._events), depth + 1)
                is_partial = True
                continue
            key = event.value
            value = self._node(next(self._events), depth + 1)
            if key == "<<" and event.implicit[0]:
                self._report(
                    "yaml-merge-key",
                    "Merge keys (`<<`) are not part of YAML 1.2 and are not supported.",
                    "Write the fields out. An alias of a whole value works: `token_expiration_minutes: *minutes`, with "
                    "the anchor in another entry or in a field at the top whose name begins with `x-`.",
                    location,
                )
                is_partial = True
            elif key in entries:
                first = entries[key].key_location
                self._report(
                    "yaml-duplicate-key",
                    f"`{key}` occurs twice in one mapping; first at line {first.line}.",
                    "Keep one of the two.",
                    location,
                )
            else:
                entries[key] = Entry(key, location, value)
        return entries, is_partial

    def _report_key(self, event: Any, key: Node, location: Location) -> None:
        message, fix = "A mapping's key is not text.", "Write a plain name before the colon."
        if isinstance(event, MappingStartEvent) and event.flow_style and isinstance(key, Branch):
            name = next(iter(key.entries), "NAME")
            message = f"`{{{{ {name} }}}}` is an expression of a template language, which provisioner does not have."
            fix = f"Write `${{var:{name}}}`, and define {name} under variables in the environment file."
        self._report("yaml-wrong-type", message, fix, location)

    def _report_depth(self, location: Location | None) -> None:
        self._report(
            "yaml-alias-bomb", f"The file is nested deeper than {DEEPEST_TREE} levels.", "Flatten the file.", location
        )

    def _report_character(self, text: str, error: yaml.reader.ReaderError) -> None:
        position = error.position if isinstance(error.position, int) else 0
        before = text[:position]
        location = Location(self._file, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        self._report(
            "text-control-character",
            "The file holds a control character that YAML does not allow.",
            "Remove it.",
            location,
        )

    def _report_syntax(self, text: str, error: yaml.MarkedYAMLError) -> None:
        found = explained(text, error)
        self._report(found.rule, found.message, found.fix, Location(self._file, found.line, found.column))


class _TooMuchError(Exception):
    """The finding is reported; stop reading."""


def _scalar(event: ScalarEvent) -> ScalarValue:
    value: str = event.value
    if not event.implicit[0] and event.tag in (None, "!", f"{_TAG}str"):  # quoted, a block, or tagged as text
        return value
    if value in ("", "~", "null", "Null", "NULL"):
        return None
    if value in ("true", "True", "TRUE"):
        return True
    if value in ("false", "False", "FALSE"):
        return False
    if _INTEGER.fullmatch(value):
        return int(value) if len(value) < LONGEST_NUMBER else value
    if _FLOAT.fullmatch(value) and math.isfinite(number := float(value)):
        return number
    return value
