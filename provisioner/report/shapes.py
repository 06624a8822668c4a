"""What all JSON output shares: the version of the format, and how a place is written."""

from __future__ import annotations

from typing import Any

from provisioner.diagnostics import Diagnostic, Location
from provisioner.report.pages import rule_page

#: Raised when a program that reads the output would break; additions do not raise it.
FORMAT_VERSION = "1"

Json = dict[str, Any]


def place(location: Location | None) -> str | None:
    """``file:line:column``, or None where there is no place."""
    return None if location is None else str(location)


def finding(diagnostic: Diagnostic) -> Json:
    """One finding, as it stands under ``findings`` and ``warnings``."""
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
