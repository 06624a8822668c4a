"""Findings, errors and outcomes as GitHub workflow commands, which GitHub shows as annotations on a pull request.

Source: GitHub Actions, Workflow commands; the escapes are those of actions/toolkit, packages/core/src/command.ts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from provisioner.diagnostics import Diagnostic, Location
from provisioner.errors import ProvisionerError
from provisioner.report.visible import visible

_IN_TEXT = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTY = {**_IN_TEXT, ":": "%3A", ",": "%2C"}


def findings_github(findings: Iterable[Diagnostic], relative: Callable[[str], str]) -> str:
    """Return one ``::error`` or ``::warning`` for each finding.

    ``relative`` makes paths relative to the repository's root.
    """
    return "\n".join(_command(each, relative) for each in findings)


def error_github(error: ProvisionerError) -> str:
    """Return the annotation of an error that stopped a command."""
    return command("error", error.code, error.message, *f"Next: {error.next}".splitlines())


def command(
    level: str, title: str, *lines: str, place: Location | None = None, relative: Callable[[str], str] = str
) -> str:
    """Return a workflow command: ``level`` is ``error``, ``warning`` or ``notice``; each line is shown as one line."""
    properties = {**(_place(place, relative) if place is not None else {}), "title": title}
    written = ",".join(f"{name}={_escaped(str(value), _IN_PROPERTY)}" for name, value in properties.items())
    return f"::{level} {written}::{_escaped(chr(10).join(map(visible, lines)), _IN_TEXT)}"


def _place(location: Location, relative: Callable[[str], str]) -> dict[str, str | int]:
    properties: dict[str, str | int] = {"file": relative(location.file), "line": location.line}
    if location.end_line is not None:
        properties["endLine"] = location.end_line
    # GitHub refuses columns that span lines.
    if location.end_line in (None, location.line):
        properties["col"] = location.column
        if location.end_column is not None:
            properties["endColumn"] = location.end_column
    return properties


def _command(finding: Diagnostic, relative: Callable[[str], str]) -> str:
    title = f"{finding.rule} ({finding.address})" if finding.address else finding.rule
    lines = [finding.message, f"Fix: {finding.fix}"]
    if finding.environments:
        lines.append(f"In: {', '.join(finding.environments)}")
    return command(finding.severity.value, title, *lines, place=finding.location, relative=relative)


def _escaped(text: str, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(character, character) for character in text)
