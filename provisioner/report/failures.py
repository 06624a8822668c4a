"""Failed environments of a run with several environments."""

from __future__ import annotations

from dataclasses import dataclass, field

from provisioner.diagnostics import Diagnostic
from provisioner.errors import ProvisionerError
from provisioner.report.document import Block, heading, line
from provisioner.report.errors import error_object, error_view
from provisioner.report.findings_view import ReadLines, findings_view
from provisioner.report.markdown import code, plain
from provisioner.report.shapes import Json, finding
from provisioner.report.style import Look, Span


def findings_of(error: ProvisionerError) -> tuple[Diagnostic, ...]:
    """Return the findings in an error; most errors have none."""
    found: tuple[Diagnostic, ...] = getattr(error, "findings", ())
    return found


def failure_json(name: str, error: ProvisionerError) -> Json:
    """Return ``{"environment", "error"}``, with ``findings`` if the declaration is wrong."""
    document: Json = {"environment": name, "error": error_object(error)}
    if findings := findings_of(error):
        document["findings"] = [finding(each) for each in findings]
    return document


def failure_markdown(title: str, name: str, error: ProvisionerError, *, listed: bool = True) -> str:
    """Return ``### Plan for `uat```, and its error; ``listed``: with the declaration's findings."""
    parts = [f"### {title} {code(name)}", f"**Error:** {plain(error.message)}"]
    if listed and (findings := findings_of(error)):
        parts.append("\n".join(_item(each) for each in findings))
    return "\n\n".join((*parts, f"**Next:** {plain(error.next)}"))


def _item(each: Diagnostic) -> str:
    at = f" ({code(str(each.location))})" if each.location else ""
    return f"- {each.severity.value} {code(each.rule)}{at}: {plain(each.message)} **Fix:** {plain(each.fix)}"


def failure_state(error: ProvisionerError) -> Span:
    """Return the state for the table of all environments: ``error: login-failed``."""
    return Span(f"error: {error.code}", Look.DANGER)


@dataclass(slots=True)
class FailuresView:
    """The view of failed environments. A finding of several environments is listed once: they share the declaration."""

    read_lines: ReadLines = lambda _: ()
    _listed: dict[tuple[Diagnostic, ...], str] = field(default_factory=dict)

    def blocks(self, title: str, name: str, error: ProvisionerError) -> list[Block]:
        """Return ``Plan for uat``, and its error."""
        parts = [heading(f"{title} {name}")]
        if findings := findings_of(error):
            first = self._listed.setdefault(findings, name)
            if first == name:
                parts += findings_view(findings, self.read_lines)
            else:
                parts.append(line(f"The findings are the same as those of {first}."))
        return [*parts, *error_view(error)]
