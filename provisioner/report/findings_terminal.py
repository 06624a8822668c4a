"""Findings at a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from provisioner.diagnostics import Diagnostic
from provisioner.report.findings_view import ReadLines, findings_view
from provisioner.report.style import Style
from provisioner.report.terminal import terminal


def findings_terminal(findings: Iterable[Diagnostic], style: Style, read_lines: ReadLines) -> str:
    """Return the findings as text for a terminal."""
    return terminal(findings_view(findings, read_lines), style)
