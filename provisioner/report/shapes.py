"""Shared parts of all JSON output: the version of the format, and the notation of a place."""

from __future__ import annotations

from typing import Any

from provisioner.diagnostics import Diagnostic, Location
from provisioner.report.pages import rule_page

#: Increased when a program that reads the output would break; additions do not increase it.
FORMAT_VERSION = "1"

Json = dict[str, Any]


def place(location: Location | None) -> str | None:
    """Return ``file:line:column``, or None if there is no place."""
    return None if location is None else str(location)


def finding(diagnostic: Diagnostic) -> Json:
    """Return one finding, as in ``findings`` and ``warnings``."""
    location = diagnostic.location
    return {
        "rule": diagnostic.rule,
        "severity": diagnostic.severity.value,
        "address": diagnostic.address,
        "file": location.file if location else None,
        "line": location.line if location else None,
        "column": location.column if location else None,
        "message": diagnostic.message,
        "fix": diagnostic.fix,
        "page": rule_page(diagnostic.rule),
        "environments": list(diagnostic.environments),
    }
