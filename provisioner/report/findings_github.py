"""Findings as GitHub workflow commands, which show up as annotations on a pull request.

Source: GitHub Actions, Workflow commands; the escapes are those of actions/toolkit, packages/core/src/command.ts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from provisioner.diagnostics import Diagnostic
from provisioner.report.visible import visible

_IN_TEXT = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTY = {**_IN_TEXT, ":": "%3A", ",": "%2C"}


def findings_github(findings: Iterable[Diagnostic], relative: Callable[[str], str]) -> str:
    """One ``::error`` or ``::warning`` a line. ``relative`` makes a shown path relative to the repository's root."""
    return "\n".join(_command(each, relative) for each in findings)


def _command(finding: Diagnostic, relative: Callable[[str], str]) -> str:
    properties: dict[str, str | int] = {}
    if (location := finding.location) is not None:
        properties |= {"file": relative(location.file), "line": location.line}
        if location.end_line is not None:
            properties["endLine"] = location.end_line
        # GitHub refuses columns that span lines.
        if location.end_line in (None, location.line):
            properties["col"] = location.column
            if location.end_column is not None:
                properties["endColumn"] = location.end_column
    properties["title"] = f"{finding.rule} ({finding.address})" if finding.address else finding.rule
    written = ",".join(f"{name}={_escaped(str(value), _IN_PROPERTY)}" for name, value in properties.items())
    return f"::{finding.severity.value} {written}::{_escaped(_text(finding), _IN_TEXT)}"


def _text(finding: Diagnostic) -> str:
    environments = f"\nIn: {', '.join(finding.environments)}" if finding.environments else ""
    return f"{visible(finding.message)}\nFix: {visible(finding.fix)}{environments}"


def _escaped(text: str, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(character, character) for character in text)
