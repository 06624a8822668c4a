"""JSON read strictly (RFC 8259, and RFC 7517 §4 for member names), with the places of an object's members."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NoReturn

LONGEST_NUMBER = 100

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],]', re.S)


class NotJsonError(Exception):
    """The reason why the text is not JSON, as the rest of a sentence; ``place`` is (line, column), from 1, or None."""

    def __init__(self, problem: str, place: tuple[int, int] | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.place = place


@dataclass(frozen=True, slots=True)
class JsonText:
    """A JSON value. ``members`` places the outer object's members: (line, column) of each name, from 1.

    ``duplicates`` are names that an object has more than once; the first of each is kept.
    """

    value: Any
    members: Mapping[str, tuple[int, int]]
    duplicates: Mapping[str, tuple[int, int] | None]
    byte_order_mark: bool


def read_value(content: bytes) -> Any:
    """Return the value of a file, without places. Raises only :class:`NotJsonError`, whatever the bytes."""
    text = _text(content)
    value = _load(text, {})
    if text.count("{") + text.count("[") > DEEPEST:
        _member_offsets(text)  # which knows brackets from the text of a string
    return value


def read_json(content: bytes) -> JsonText:
    """Return the value of a file, with places. Raises only :class:`NotJsonError`, whatever the bytes."""
    text = _text(content)
    repeated: dict[str, None] = {}
    value = _load(text, repeated)
    found, again = _member_offsets(text)
    line_ends = [match.start() for match in re.finditer("\n", text)]

    def place(offset: int) -> tuple[int, int]:
        line = bisect_left(line_ends, offset)
        return line + 1, offset - (line_ends[line - 1] + 1 if line else 0) + 1

    return JsonText(
        value=value,
        members={name: place(offset) for name, offset in found.items()},
        duplicates={name: place(again[name]) if name in again else None for name in repeated},
        byte_order_mark=content.startswith(_BYTE_ORDER_MARK),
    )


def _text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content[:4]:
        raise NotJsonError("is not text in UTF-8 (it may be UTF-16)")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", "replace")
        raise NotJsonError(f"is not UTF-8: byte 0x{content[error.start]:02x} cannot be read", _place(before)) from None
    if not text.strip():
        raise NotJsonError("is empty")
    return text


def _load(text: str, repeated: dict[str, None]) -> Any:
    def first_of_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for name, value in pairs:
            if name in members:
                repeated[name] = None
            members.setdefault(name, value)
        return members

    try:
        value = json.loads(
            text,
            object_pairs_hook=first_of_each,
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_float,
        )
    except (ValueError, RecursionError):
        raise _refused(text) from None
    if "\\u" in text:
        _refuse_surrogates(value, text)
    return value


def _refused(text: str) -> NotJsonError:
    """Return the first fault of a text that Python's parser refused. Python's words differ between its versions."""
    fault = first_fault(text)
    return NotJsonError("is not JSON") if fault is None else NotJsonError(fault.problem, _place(text[: fault.offset]))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise NotJsonError(f"holds a number of {len(digits)} digits")
    return int(digits)


def _float(digits: str) -> float:
    if len(digits) > LONGEST_NUMBER or abs(number := float(digits)) == float("inf"):
        raise NotJsonError("holds a number beyond every range")
    return number


def _refuse_surrogates(value: Any, text: str) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise NotJsonError("holds half of a character (a lone \\ud800–\\udfff escape)") from None
    except RecursionError:
        raise _refused(text) from None


def _member_offsets(text: str) -> tuple[dict[str, int], dict[str, int]]:
    """Return the first offset of each name of the outer object, and the repetitions. ``text`` is valid JSON."""
    first: dict[str, int] = {}
    again: dict[str, int] = {}
    depth, in_object, name_follows = 0, text.lstrip().startswith("{"), False
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in "{[":
            depth += 1
            name_follows = depth == 1 and in_object
            if depth > DEEPEST:
                raise NotJsonError(TOO_DEEP, _place(text[: token.start()]))
        elif mark in "}]":
            depth -= 1
        elif mark == ",":
            name_follows = depth == 1 and in_object
        elif name_follows:
            name = json.loads(mark)
            (again if name in first else first).setdefault(name, token.start())
            name_follows = False
    return first, again


def _place(before: str) -> tuple[int, int]:
    """Return the place after the text ``before``."""
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


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
