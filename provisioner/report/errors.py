"""An error that stopped a command, or one environment of several: the problem, and the next step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from provisioner.diagnostics import Diagnostic
from provisioner.errors import LoginError, ProvisionerError
from provisioner.report.document import Block, heading, instruction, labelled, line
from provisioner.report.findings import ReadLines, findings_view
from provisioner.report.json import FORMAT_VERSION, Json, finding_json, members
from provisioner.report.style import Look, Span

T = TypeVar("T")


def error_view(error: ProvisionerError) -> list[Block]:
    """Return ``Error: …`` and ``Next: …``. Later lines of a text are indented, so that they cannot look like either."""
    return [*message_lines(error), *instruction("Next:", error.next)]


def message_lines(error: ProvisionerError) -> list[Block]:
    """Return ``Error: …``; later lines of the message are indented."""
    first, *others = error.message.splitlines() or [""]
    return [labelled("Error:", first, look=Look.DANGER), *(line(each, indent=2) for each in others)]


def error_json(error: ProvisionerError) -> Json:
    """Return ``{"format_version", "error": {code, message, next, exit_status}}``.

    ``deploy_id`` is added to an error about a deployment (interrupted, still running). ``server`` is added for a
    :class:`LoginError` with the token endpoint's message, ``findings`` if the error has some.
    """
    return {"format_version": FORMAT_VERSION, "error": error_object(error), **_findings_json(error)}


def error_object(error: ProvisionerError) -> Json:
    """Return the value of ``error``."""
    shown = members(error, "code", "message", "next", "exit_status")
    if isinstance(error, LoginError) and error.server is not None:
        shown["server"] = dict(error.server)
    deploy_id = getattr(error, "deploy_id", None)
    if deploy_id is not None:
        shown["deploy_id"] = deploy_id
    return shown


def findings_of(error: ProvisionerError) -> tuple[Diagnostic, ...]:
    """Return the findings in an error; most errors have none."""
    found: tuple[Diagnostic, ...] = getattr(error, "findings", ())
    return found


def failure_json(name: str, error: ProvisionerError) -> Json:
    """Return ``{"environment", "error"}``, with ``findings`` if the declaration is wrong."""
    return {"environment": name, "error": error_object(error), **_findings_json(error)}


def _findings_json(error: ProvisionerError) -> Json:
    findings = findings_of(error)
    return {"findings": [finding_json(each) for each in findings]} if findings else {}


def failure_state(error: ProvisionerError) -> Span:
    """Return the state for the table of all environments: ``error: login-failed``."""
    return Span(f"error: {error.code}", Look.DANGER)


def environments_json(results: Iterable[tuple[str, T | ProvisionerError]], one: Callable[[T], Json]) -> Json:
    """Return several environments in the order given, each with its result or its ``error``."""
    shown = [failure_json(name, each) if isinstance(each, ProvisionerError) else one(each) for name, each in results]
    return {"format_version": FORMAT_VERSION, "environments": shown}


def environments_views(
    title: str,
    results: Iterable[tuple[str, T | ProvisionerError]],
    one: Callable[[T], list[Block]],
    read_lines: ReadLines,
) -> list[list[Block]]:
    """Return the view of each environment: of its result, or ``Plan for uat`` and its error.

    Findings of several environments are listed once: they share the declaration.
    """
    listed: dict[tuple[Diagnostic, ...], str] = {}
    views = []
    for name, each in results:
        if not isinstance(each, ProvisionerError):
            views.append(one(each))
            continue
        parts = [heading(f"{title} {name}")]
        if findings := findings_of(each):
            first = listed.setdefault(findings, name)
            same = line(f"The findings are the same as those of {first}.")
            parts += findings_view(findings, read_lines) if first == name else [same]
        views.append([*parts, *error_view(each)])
    return views
