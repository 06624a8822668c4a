"""The environments: a view, JSON, and the matrix of a GitHub workflow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from provisioner.diagnostics import Diagnostic
from provisioner.model.environment import Environment
from provisioner.report.document import GAP, Block, line, table
from provisioner.report.findings import ReadLines, findings_view
from provisioner.report.json import FORMAT_VERSION, Json, finding_json, members
from provisioner.report.style import Look, Row, Span


@dataclass(frozen=True, slots=True)
class Listed:
    """An environment in the list, with the errors in its file."""

    environment: Environment
    errors: tuple[Diagnostic, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Return whether the file has no error."""
        return not self.errors

    @property
    def production(self) -> bool | None:
        """Return whether the org is a production org; None if a broken file does not say so."""
        return self.environment.production or (False if self.is_valid else None)


def environments_view(listed: Sequence[Listed], read_lines: ReadLines = lambda _: ()) -> list[Block]:
    """Return one line for each environment (name, production, address), then the errors in the files."""
    if not listed:
        return [line("There are no environments yet: run `provisioner init` for commented ones.")]
    rows: list[Row] = [[each.environment.name, _production(each), _org(each)] for each in listed]
    errors = _errors(listed)
    below = [GAP, *findings_view(errors, read_lines)] if errors else []
    return [table(rows, head=("environment", "production", "org")), *below]


def environments_json(listed: Sequence[Listed]) -> Json:
    """Return the JSON of ``envs --format json``."""
    return {
        "format_version": FORMAT_VERSION,
        "environments": [_environment_json(each) for each in listed],
        "findings": [finding_json(each) for each in _errors(listed)],
    }


def environments_matrix(listed: Sequence[Listed]) -> Json:
    """Return the value of ``strategy.matrix``: a job for each environment, with its production flag."""
    return {"include": [{"environment": each.environment.name, "production": each.production} for each in listed]}


def _errors(listed: Sequence[Listed]) -> list[Diagnostic]:
    return [replace(error, environments=(each.environment.name,)) for each in listed for error in each.errors]


def _environment_json(listed: Listed) -> Json:
    environment = listed.environment
    return {
        **members(listed, "name=environment.name", "valid=is_valid", "production"),
        "embedded": environment.embedded_org is not None,
        **members(environment, "sf_org", "login_url", "org_id", "file"),
    }


def _production(listed: Listed) -> Span:
    if listed.production is None:
        return Span("unknown", Look.CAREFUL)
    return Span("yes", Look.DANGER) if listed.production else Span("no")


def _org(listed: Listed) -> Span | str:
    environment = listed.environment
    if not listed.is_valid:
        return Span("its file has errors", Look.DANGER)
    if environment.embedded_org is not None:
        return "on this machine"
    if environment.sf_org is not None:
        return f"{environment.login_url or 'the org'} (sf: {environment.sf_org})"
    return environment.login_url or "(no login_url)"
