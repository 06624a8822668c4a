"""What can be wrong with key material, as values."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from provisioner.diagnostics import Severity

#: Longer values are cut in messages.
LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong with a key's material.

    ``message`` names the key file, and the line and column in it where there is one. ``field`` is the key's field in
    YAML that is to be changed, where it is not the one that names the file.
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
    """A public value as JSON would write it, cut where it is long, on one line."""
    text = value if isinstance(value, str) else json.dumps(value)
    if len(text) > LONGEST_SHOWN:
        text = text[: LONGEST_SHOWN - 1] + "…"
    return json.dumps(text) if isinstance(value, str) else text
