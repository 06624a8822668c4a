"""The source line of a finding, with its place marked and with all secrets masked.

An environment file may contain a literal secret; the finding about it must not show it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from provisioner.diagnostics import Location
from provisioner.report.visible import cells, visible
from provisioner.secrets import MASK, meant_reference

#: A field that may hold only a reference, and the text after its colon.
_SECRET_FIELD = re.compile(r"""(private_key(?:_passphrase)?|key_file|consumer_key)["']?\s*:\s*(?P<value>.*)""")
#: A plain reference, or a block's header: nothing secret on this line.
_HARMLESS = re.compile(r"""["']?\$\{(env|file|command):[^}]*\}["']?[\s,}\]]*(#.*)?|[|>][-+0-9]*\s*(#.*)?|(#.*)?""")
#: Base64 and the like, and not a decimal number: in YAML, no word of a person is this long without punctuation.
_BLOB = re.compile(r"[A-Za-z0-9+/=]{48,}")
_ELLIPSIS = "…"


@dataclass(frozen=True)
class SourceLines:
    """The lines of a file with findings; its lines with secrets are found once for all findings."""

    lines: Sequence[str]

    @cached_property
    def inside_secrets(self) -> frozenset[int]:
        """Return the indexes of lines in the value (of several lines) of a field that holds a secret."""
        found = []
        above: list[tuple[int, bool]] = []  # the enclosing lines: indentation, and whether the value is hidden
        for index, line in enumerate(self.lines):
            text = line.strip()
            if not text:
                continue
            indent = len(line) - len(line.lstrip())
            while above and above[-1][0] >= indent:
                above.pop()
            hidden = bool(above) and above[-1][1]
            if hidden:
                found.append(index)
            above.append((indent, hidden or _SECRET_FIELD.match(text) is not None))
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One source line for display, and the marks below it: ``indent`` columns, then ``length`` of ``^``."""

    number: int
    text: str
    indent: int
    length: int


def excerpt(source: SourceLines, location: Location, width: int) -> Excerpt | None:
    """Return the line of ``location`` in ``width`` columns, cut around its place; None if there is no such line."""
    if not 1 <= location.line <= len(source.lines):
        return None
    line = source.lines[location.line - 1].rstrip("\r\n")
    start = min(max(location.column - 1, 0), len(line))
    end = _end(line, start, location)
    secrets = _secrets(line, location.line - 1 in source.inside_secrets)
    line, start, end = _masked(line, secrets, start, end)
    line, start, end = _cut(line, start, end, width)
    before, marked = visible(line[:start]), visible(line[start:end])
    return Excerpt(location.line, visible(line), cells(before), max(cells(marked), 1))


def _end(line: str, start: int, location: Location) -> int:
    """Return the end of the marked text on its first line; the end of the word if it is not known."""
    last = len(line.rstrip())
    if location.end_line == location.line and location.end_column is not None:
        return min(max(location.end_column - 1, start), len(line))
    if location.end_line is not None and location.end_line > location.line:
        return max(last, start)
    word = re.match(r"[^\s,:\]}]+", line[start:])
    return start + word.end() if word else start


def _secrets(line: str, is_inside_secret: bool) -> list[tuple[int, int]]:
    """Return the begin and end of each part of the line that may be a secret, in order."""
    if is_inside_secret:
        return [(len(line) - len(line.lstrip()), len(line))]
    field = _SECRET_FIELD.search(line)
    if field and _is_path(field[1], field["value"]):
        return []
    end = len(line)
    after = []
    if field and not _HARMLESS.fullmatch(field["value"]):
        end = field.start("value")
        after = [(end, len(line))]
    return [each.span() for each in _BLOB.finditer(line, 0, end) if not each[0].isdecimal()] + after


def _masked(line: str, secrets: Sequence[tuple[int, int]], start: int, end: int) -> tuple[str, int, int]:
    """Return the line with masks, and the marked part in it: the whole mask if it begins or ends in a secret."""
    parts, done, length = [], 0, 0
    first, last = start, end
    for begin, after in secrets:
        parts += [line[done:begin], MASK]
        length += begin - done
        shift = length + len(MASK) - after
        if start >= begin:
            first = start + shift if start >= after else length
        if end > begin:
            last = end + shift if end > after else length + len(MASK)
        length, done = length + len(MASK), after
    return "".join(parts) + line[done:], first, last


def _is_path(field: str, value: str) -> bool:
    """Return whether the rest of a line is only a path, or a reference of 1Password: nothing that could be a secret."""
    text = re.sub(r"[\s}\]]*(\s#.*)?$", "", value).strip("\"'")
    return field in ("private_key", "key_file") and meant_reference(text) is not None


def _cut(line: str, start: int, end: int, width: int) -> tuple[str, int, int]:
    """Return a long line around its marked part, with an ellipsis for omitted text."""
    if cells(visible(line)) <= width:
        return line, start, end
    left = max(0, min(start - width // 4, len(line) - width + 2))
    right = min(len(line), left + width - 2)
    head, tail = (_ELLIPSIS if left else ""), (_ELLIPSIS if right < len(line) else "")
    shift = len(head) - left
    cut = head + line[left:right] + tail
    return cut, start + shift, max(min(end, right) + shift, start + shift + 1)
