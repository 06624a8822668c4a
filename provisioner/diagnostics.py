"""Findings as values: collected along the way, rendered once.

A :class:`Diagnostic` says what is wrong, where, and what to do next. Nothing here prints or raises.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from provisioner.words import bounded

#: No value that a person compares is this long.
LONGEST_SENTENCE = 10_000


class Severity(StrEnum):
    """The severity of a finding: an error stops the run, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file, as an editor counts: lines and columns start at 1.

    ``end_line`` and ``end_column`` (exclusive) bound the marked text if its end is known.
    """

    file: str
    line: int
    column: int
    end_line: int | None = field(default=None, compare=False)
    end_column: int | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: a stable rule id, a sentence, a fix, and its place.

    ``address`` is ``key.NAME``, ``keyset.NAME``, ``channel.NAME`` or None; ``environments`` lists the environments that
    have the finding, in file order.
    """

    rule: str
    severity: Severity
    message: str
    fix: str
    location: Location | None = None
    address: str | None = None
    environments: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Bound the sentences, which repeat texts of a file: a name in it can have millions of characters."""
        object.__setattr__(self, "message", bounded(self.message, LONGEST_SENTENCE))
        object.__setattr__(self, "fix", bounded(self.fix, LONGEST_SENTENCE))

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Return whether a finding stops the run."""
    return any(diagnostic.is_error for diagnostic in diagnostics)
