"""Findings as a Code Quality report, which GitLab shows in a merge request and beside the changed lines.

Source: GitLab documentation, "Code Quality", "Code Quality report format": an array of issues, each with
``description``, ``check_name``, ``fingerprint``, ``severity``, ``location.path`` and ``location.lines.begin``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.report.finding_places import Placed, placed
from provisioner.report.shapes import Json
from provisioner.report.visible import visible

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor"}


def findings_gitlab(findings: Iterable[Diagnostic], relative: Callable[[str], str], fallback_file: str) -> list[Json]:
    """Return an issue for each finding. The arguments are those of :func:`findings_sarif`."""
    return [_issue(each) for each in placed(findings, relative, fallback_file)]


def _issue(each: Placed) -> Json:
    finding = each.finding
    return {
        "description": f"{visible(finding.message)} Fix: {visible(finding.fix)}",
        "check_name": finding.rule,
        "fingerprint": f"{each.hash}-{each.number}",
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": each.path, "lines": {"begin": each.place.line}},
    }
