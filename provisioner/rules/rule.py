"""A rule: the page that explains it, and the findings it makes."""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.diagnostics import Diagnostic, Location, Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """What ``provisioner rules ID`` prints.

    ``what`` is one line; ``why`` a paragraph with its source; ``fix`` what to do in general. ``good`` and ``bad`` are
    config files: a line ``# config/PATH`` begins a file, and the declaration is meant where none does. The line that
    the finding points at ends with ``# wrong``.
    """

    id: str
    severity: Severity
    what: str
    why: str
    fix: str
    good: str
    bad: str

    def finding(
        self, message: str, at: Location | None, address: str | None = None, *, fix: str | None = None
    ) -> Diagnostic:
        """A finding of this rule; ``fix`` where there is a more concrete one than the page's."""
        return Diagnostic(self.id, self.severity, message, fix or self.fix, at, address)
