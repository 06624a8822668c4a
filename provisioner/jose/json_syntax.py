"""Finds the first fault in a text that is not JSON (RFC 8259).

Python's own parser decides whether a text is JSON. Its messages and places change from one version to the next, so the
words and the place that a person reads come from here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import NoReturn

#: A JWK is two levels deep. A text with more levels than this is not a key, and reading it would cost too much.
DEEPEST = 20
TOO_DEEP = f"is nested deeper than {DEEPEST} levels"

_SPACE = re.compile(r"[ \t\n\r]*+")
_SCALAR = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?|true|false|null")
#: The inside of a string, up to its end or to the first character that must not be in it.
_INSIDE_STRING = re.compile(r'[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[^"\\\x00-\x1f]*+)*+')
#: Words of other languages that people take for JSON. No other word is shown: it may be a part of a secret.
_FOREIGN_WORD = re.compile(r"-?(?:NaN|Infinity)|True|False|None|undefined")

_COMMENT = re.compile(r"//|/\*|#")


@dataclass(frozen=True, slots=True)
class Fault:
    """The reason why a text is refused, as the rest of a sentence, and the offset of the wrong character."""

    problem: str
    offset: int


def first_fault(text: str) -> Fault | None:
    """Return the first fault of a text, or None if the text is JSON of at most ``DEEPEST`` levels."""
    scan = _Scan(text)
    try:
        while not scan.is_complete():
            scan.read_element()
    except _FaultFound as found:
        return found.fault
    return None


class _FaultFound(Exception):
    def __init__(self, problem: str, offset: int) -> None:
        super().__init__(problem)
        self.fault = Fault(problem, offset)


class _Next(Enum):
    """The element that may come next, in the words of a message; after COMMA, the end may come as well."""

    VALUE = "a value"
    FIRST_VALUE = "a value or `]`"
    NAME = "a name in double quotes"
    FIRST_NAME = "a name in double quotes or `}`"
    COLON = "`:`"
    COMMA = "`,`"


@dataclass(slots=True)
class _Scan:
    """A position in the text, and the brackets that are open there, each as the character that closes it."""

    text: str
    offset: int = 0
    next: _Next = _Next.VALUE
    closers: list[str] = field(default_factory=list)
    last_comma: int = 0

    def is_complete(self) -> bool:
        """Skip white space; return whether one whole value was read, and nothing follows it."""
        self._skip(_SPACE)
        return self.offset == len(self.text) and not self.closers and self.next is _Next.COMMA

    def read_element(self) -> None:
        """Read one bracket, string, number, word or separator. Raises :class:`_FaultFound`."""
        mark = self.text[self.offset : self.offset + 1]
        if mark and self.closers and mark == self.closers[-1]:
            self._close(mark)
        elif self.next in (_Next.VALUE, _Next.FIRST_VALUE):
            self._value(mark)
        elif self.next in (_Next.NAME, _Next.FIRST_NAME) and mark == '"':
            self._string(_Next.COLON)
        elif self.next is _Next.COLON and mark == ":":
            self.next = _Next.VALUE
            self.offset += 1
        elif self.next is _Next.COMMA and mark == "," and self.closers:
            self.last_comma = self.offset
            self.next = _Next.NAME if self.closers[-1] == "}" else _Next.VALUE
            self.offset += 1
        else:
            self._refuse(mark)

    def _close(self, mark: str) -> None:
        is_after_comma = self.next is (_Next.NAME if mark == "}" else _Next.VALUE)
        if is_after_comma:
            raise _FaultFound(f"is not JSON: there is a comma before `{mark}`", self.last_comma)
        if self.next not in (_Next.COMMA, _Next.FIRST_NAME, _Next.FIRST_VALUE):
            self._refuse(mark)
        self.closers.pop()
        self.next = _Next.COMMA
        self.offset += 1

    def _value(self, mark: str) -> None:
        if mark == '"':
            self._string(_Next.COMMA)
        elif mark in ("{", "["):
            if len(self.closers) == DEEPEST:
                raise _FaultFound(TOO_DEEP, self.offset)
            self.closers.append("}" if mark == "{" else "]")
            self.next = _Next.FIRST_NAME if mark == "{" else _Next.FIRST_VALUE
            self.offset += 1
        elif self._skip(_SCALAR):
            self.next = _Next.COMMA
        else:
            self._refuse(mark)

    def _string(self, following: _Next) -> None:
        begin = self.offset
        self.offset += 1
        self._skip(_INSIDE_STRING)
        mark = self.text[self.offset : self.offset + 1]
        if mark == '"':
            self.next = following
            self.offset += 1
        elif mark in ("", "\n", "\r"):
            raise _FaultFound("is not JSON: the string that begins here has no closing quote on its line", begin)
        elif mark == "\\":
            raise _FaultFound("is not JSON: `\\` in a string begins an escape that JSON does not have", self.offset)
        else:
            raise _FaultFound(f"is not JSON: a string holds the control character U+{ord(mark):04X}", self.offset)

    def _refuse(self, mark: str) -> NoReturn:
        comment = _COMMENT.match(self.text, self.offset)
        if comment is not None:
            raise _FaultFound(f"is not JSON: `{comment[0]}` begins a comment, which JSON does not have", self.offset)
        word = _FOREIGN_WORD.match(self.text, self.offset)
        found = word[0] if word else mark
        shown = f"`{found}`" if found.isascii() and found.isprintable() else f"U+{ord(mark):04X}"
        expected = self.next.value
        if self.next is _Next.COMMA:
            expected = f"`,` or `{self.closers[-1]}`" if self.closers else "the end of the text"
        raise _FaultFound(
            f"is not JSON: expected {expected}, found {shown if mark else 'the end of the text'}", self.offset
        )

    def _skip(self, pattern: re.Pattern[str]) -> bool:
        found = pattern.match(self.text, self.offset)
        if found is not None:
            self.offset = found.end()
        return found is not None
