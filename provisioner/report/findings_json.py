"""Findings for programs: the JSON of ``validate --format json``."""

from __future__ import annotations

from collections.abc import Iterable

from provisioner.diagnostics import Diagnostic
from provisioner.report.shapes import FORMAT_VERSION, Json, finding


def findings_json(findings: Iterable[Diagnostic]) -> Json:
    """Return ``{"format_version", "findings", "summary": {"errors", "warnings"}}``, in the order given."""
    listed = list(findings)
    errors = sum(each.is_error for each in listed)
    return {
        "format_version": FORMAT_VERSION,
        "findings": [finding(each) for each in listed],
        "summary": {"errors": errors, "warnings": len(listed) - errors},
    }
