"""The defects of key material, as values."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from provisioner.diagnostics import Severity
from provisioner.hidden_characters import is_hidden

#: Values that only tell the reader where to look are cut beyond this.
LONGEST_EXCERPT = 60
#: No issuer, kid or URL is longer than this; a longer value would fill the screen.
LONGEST_WHOLE = 2000
_HIDDEN = re.compile(r"[^\x20-\x7e]")


@dataclass(frozen=True, slots=True)
class Defect:
    """A defect of a key's material.

    ``message`` names the key file, and line and column in it if they are known. ``field`` is the key's field in YAML to
    change, if it is not the one that names the file.
    """

    rule: str
    severity: Severity
    message: str
    fix: str
    field: str | None = None


@dataclass(slots=True)
class Findings:
    """Defects as they are found."""

    defects: list[Defect] = field(default_factory=list)

    def error(self, rule: str, message: str, fix: str, *, field: str | None = None) -> None:
        self.defects.append(Defect(rule, Severity.ERROR, message, fix, field))

    def warning(self, rule: str, message: str, fix: str) -> None:
        self.defects.append(Defect(rule, Severity.WARNING, message, fix))


def shown(value: Any) -> str:
    """Return a public value as JSON on one line, whole: a reader compares or copies it byte for byte.

    Only a value beyond ``LONGEST_WHOLE`` characters is an excerpt. A character that does not show as itself (a control,
    a bidirectional mark, an unusual space, an invisible letter) is written as an escape of JSON.
    """
    written = _HIDDEN.sub(_escaped, json.dumps(value, ensure_ascii=False))
    return written if len(written) <= LONGEST_WHOLE else excerpt(value)


def excerpt(value: Any) -> str:
    """Return the value for orientation: a long one is cut in the middle, with its number of characters."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if len(text) > LONGEST_EXCERPT:
        half = LONGEST_EXCERPT // 2  # its escapes are shorter than LONGEST_WHOLE
        return f"{shown(text[:half])} … {shown(text[-half:])} ({len(text)} characters)"
    return shown(value)


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    return json.dumps(character)[1:-1] if is_hidden(character) else character
