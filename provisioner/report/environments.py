"""The environments: a view, JSON, and the matrix of a GitHub workflow."""

from __future__ import annotations

from collections.abc import Sequence

from provisioner.model.environment import Environment
from provisioner.report.document import Block, line, table
from provisioner.report.json import FORMAT_VERSION, Json
from provisioner.report.style import Look, Row, Span


def environments_view(environments: Sequence[Environment]) -> list[Block]:
    """Return one line for each environment: its name, whether it is a production org, and its address."""
    if not environments:
        return [line("There are no environments yet: run `provisioner init` for commented ones.")]
    rows: list[Row] = []
    for each in environments:
        production = Span("yes", Look.DANGER) if each.production else Span("no")
        rows.append([each.name, production, _org(each)])
    return [table(rows, head=("environment", "production", "org"))]


def environments_json(environments: Sequence[Environment]) -> Json:
    """Return the JSON of ``envs --format json``."""
    return {
        "format_version": FORMAT_VERSION,
        "environments": [
            {
                "name": each.name,
                "production": each.production,
                "embedded": each.embedded_org is not None,
                "sf_org": each.sf_org,
                "login_url": each.login.login_url if each.login is not None else None,
                "org_id": each.org_id,
                "file": each.file,
            }
            for each in environments
        ],
    }


def environments_matrix(environments: Sequence[Environment]) -> Json:
    """Return the value of ``strategy.matrix``: a job for each environment, with its production flag."""
    return {"include": [{"environment": each.name, "production": each.production} for each in environments]}


def _org(environment: Environment) -> str:
    if environment.embedded_org is not None:
        return "on this machine"
    login_url = environment.login.login_url if environment.login is not None else None
    if environment.sf_org is not None:
        return f"{login_url or 'the org'} (sf: {environment.sf_org})"
    return login_url or "(no login_url)"
