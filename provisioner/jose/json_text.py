"""JSON read strictly (RFC 8259, and RFC 7517 §4 for member names), with the places of an object's members."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from provisioner.jose.json_syntax import DEEPEST, TOO_DEEP, first_fault

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
