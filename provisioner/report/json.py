"""JSON output: the version of its format, the parts that all results share, and its text.

JSON escapes the C0 controls, but neither the C1 controls (a terminal reads U+009B as the beginning of an escape
sequence) nor bidirectional controls; and a lone surrogate could not be written as UTF-8 at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from functools import cache, partial
from operator import attrgetter
from typing import Any

from provisioner.diagnostics import Diagnostic, Location
from provisioner.hidden_characters import is_hidden, shows_itself
from provisioner.redaction import redactor
from provisioner.report.pages import rule_page

#: Increased when a program that reads the output would break; additions do not increase it.
FORMAT_VERSION = "1"

Json = dict[str, Any]


def place(location: Location | None) -> str | None:
    """Return ``file:line:column``, or None if there is no place."""
    return None if location is None else str(location)


def moment(at: datetime | None) -> str | None:
    """Return a time in UTC as RFC 3339; None without one."""
    return None if at is None else at.isoformat(timespec="seconds").replace("+00:00", "Z")


def members(of: object, *names: str) -> Json:
    """Return attributes of a value by their names, or by others: ``bits=jwk.bits`` is null if the ``jwk`` is None.

    A place and a time are text, and a member of an enumeration is its value.
    """
    return {name: _plain(get(of)) for name, get in _getters(names)}


@cache
def _getters(names: tuple[str, ...]) -> tuple[tuple[str, Callable[[object], object]], ...]:
    """Return each member's name, and the function that gets its attribute: a large plan has very many of them."""
    pairs = ((name.partition("=")[0], name.rpartition("=")[2]) for name in names)
    return tuple((name, partial(_along, path.split(".")) if "." in path else attrgetter(path)) for name, path in pairs)


def _along(path: Sequence[str], of: object) -> object:
    for name in path:
        of = getattr(of, name) if of is not None else None
    return of


def _plain(value: object) -> object:
    match value:
        case Enum():
            return value.value
        case None | str() | int():
            return value
        case Location():
            return str(value)
        case datetime():
            return moment(value)
        case tuple():
            return [_plain(each) for each in value]
        case Mapping():
            return {name: _plain(each) for name, each in value.items()}
        case _:
            return value


def finding_json(diagnostic: Diagnostic) -> Json:
    """Return one finding, as in ``findings`` and ``warnings``."""
    place = ("file=location.file", "line=location.line", "column=location.column")
    return {
        **members(diagnostic, "rule", "severity", "address", *place, "message", "fix"),
        "page": rule_page(diagnostic.rule),
        "environments": list(diagnostic.environments),
    }


def json_text(document: object, *, masked: bool = True) -> str:
    r"""Return ``document``, indented; a character that does not display as itself is written ``\uXXXX`` (RFC 8259 §7).

    Secrets in its values are masked, unless they are the requested result.
    """
    text = json.dumps(_masked(document) if masked else document, indent=2, ensure_ascii=False)
    return "\n".join(line if shows_itself(line) else "".join(map(_shown, line)) for line in text.split("\n"))


def _masked(value: object) -> object:
    """Return ``value`` with secrets masked in every text in it except the names of members."""
    if isinstance(value, str):
        return redactor.redact(value)
    if isinstance(value, Mapping):
        return {name: _masked(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(each) for each in value]
    return value


def _shown(character: str) -> str:
    return json.dumps(character)[1:-1] if is_hidden(character) else character
