"""The words and values of SOQL: tokens, literals, times, and their comparison. Source: SOQL and SOSL Reference."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

_CONSTANTS = {"true": True, "false": False, "null": None}
_MOST_DIGITS = 4
_DAYS = {"today": 0, "yesterday": -1, "tomorrow": 1}
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^'\\]|\\.)*')|(?P<moment>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d))?)"
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_][\w.]*(?::\d+)?)|(?P<sign>!=|<>|<=|>=|[=<>(),]))"
)


class QueryProblem(Exception):
    """An error of a query. ``code`` is MALFORMED_QUERY, INVALID_FIELD or INVALID_TYPE."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def split(text: str) -> list[tuple[str, str]]:
    tokens = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise unexpected(text[at:].split()[0])
        assert match.lastgroup is not None
        tokens.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return tokens


def unexpected(text: str) -> QueryProblem:
    return QueryProblem("MALFORMED_QUERY", f"unexpected token: '{text}'")


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """A time, or all of a day: equal to any time within it."""

    begin: datetime
    end: datetime


def day(begin: datetime) -> TimeSpan:
    return TimeSpan(begin, begin + timedelta(days=1) - timedelta(milliseconds=1))


def unquoted(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), text[1:-1])


def like_pattern(text: str) -> re.Pattern[str]:
    """Return the pattern of a LIKE, from its literal: ``%`` and ``_`` are wildcards unless after a backslash."""
    parts = []
    for escaped, plain in re.findall(r"\\(.)|(.)", text[1:-1], re.S):
        wild = {"%": ".*", "_": "."}.get(plain)
        parts.append(wild or re.escape(_ESCAPES.get(escaped, escaped) or plain))
    return re.compile("".join(parts), re.I | re.S)


def equal(value: Any, literal: Any) -> bool:
    """Compare text without regard to case, ids by their first 15 characters, times within a day.

    Raises ValueError, as the other comparisons do, if the two are not of one type.
    """
    if value is None or literal is None:
        return value is literal
    if isinstance(literal, TimeSpan):
        return literal.begin <= datetime.fromisoformat(value) <= literal.end
    _check_kinds(value, literal)
    if isinstance(value, str):
        if len(literal) == 15 and len(value) == 18 and value.isalnum():
            return bool(value.startswith(literal))
        return bool(value.casefold() == literal.casefold())
    return bool(value == literal)


def before(value: Any, literal: Any) -> bool:
    if value is None or literal is None:
        return False
    if isinstance(literal, TimeSpan):
        return datetime.fromisoformat(value) < literal.begin
    _check_kinds(value, literal)
    return bool(value < literal)


def after(value: Any, literal: Any) -> bool:
    if value is None or literal is None:
        return False
    if isinstance(literal, TimeSpan):
        return datetime.fromisoformat(value) > literal.end
    _check_kinds(value, literal)
    return bool(value > literal)


def _check_kinds(value: Any, literal: Any) -> None:
    if isinstance(value, str) != isinstance(literal, str) or isinstance(value, bool) != isinstance(literal, bool):
        raise ValueError("not of one kind")


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": equal,
    "!=": lambda value, literal: not equal(value, literal),
    "<>": lambda value, literal: not equal(value, literal),
    "<": before,
    ">": after,
    "<=": lambda value, literal: before(value, literal) or (value is not None and equal(value, literal)),
    ">=": lambda value, literal: after(value, literal) or (value is not None and equal(value, literal)),
}


def sortable(value: Any) -> tuple[int, Any]:
    return (0, "") if value is None else (1, value.casefold() if isinstance(value, str) else value)


#: The result of :func:`literal` for a token that is not one.
NO_LITERAL = object()


def literal(kind: str, text: str, now: datetime) -> Any:
    """Return the value of a token: a string, a number, a :class:`TimeSpan`, True, False, None; or NO_LITERAL."""
    if kind == "string":
        return unquoted(text)
    if kind == "number":
        return float(text) if "." in text else int(text)
    if kind == "moment":
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return NO_LITERAL
        return TimeSpan(moment, moment) if "T" in text else day(moment.replace(tzinfo=UTC))
    return _word(text.lower(), now) if kind == "word" else NO_LITERAL


def _word(text: str, now: datetime) -> Any:
    word, _, count = text.partition(":")
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text in _DAYS:
        return day(today + timedelta(days=_DAYS[text]))
    if word == "last_n_days" and 0 < len(count) <= _MOST_DIGITS:
        return TimeSpan(today - timedelta(days=int(count)), now)
    return NO_LITERAL
