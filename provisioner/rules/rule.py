"""A rule: the page that explains it, and its findings."""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.diagnostics import Diagnostic, Location, Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """The page of a rule, as ``provisioner rules ID`` prints it.

    ``what`` is one line; ``why`` is a paragraph with its source; ``fix`` is the general fix. ``good`` and ``bad`` are
    config files: a line ``# config/PATH`` begins a file; without one, the file is the declaration. ``# wrong`` marks
    the end of the line of the finding.
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
        """Return a finding of this rule; ``fix`` replaces the page's if it is more concrete."""
        return Diagnostic(self.id, self.severity, message, fix or self.fix, at, address)
