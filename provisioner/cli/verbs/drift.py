"""``provisioner drift``: what the org has otherwise than declared, read-only."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.errors import ProvisionerError
from provisioner.planning.drift import Drift, drift_of
from provisioner.planning.guards import Allowed
from provisioner.workflows.connect import connected
from provisioner.workflows.prepare import observe, prepare
from provisioner.workflows.side_by_side import side_by_side, worst

FORMATS = ("human", "json", "markdown")
DESCRIPTION = """Show what an org has otherwise than declared, and who changed each component last.
Which side moved is not said: an org does not know. Nothing is written. With several environments (a list with commas,
globs) the orgs are read side by side."""
EPILOG = """examples:
  provisioner drift --env production
  provisioner drift --env sandbox,production --unmanaged
  provisioner drift --env 'prod*' --format markdown > issue.md \\
      || gh issue create --title Drift --body-file issue.md

ends with 2 where there is drift or something could not be read; with 1 where the declaration does not go together with
the org (a missing channel, say); with 4 or 5 where an org cannot be asked"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--unmanaged", action="store_true", help="also list what the declaration does not name (it is no drift)"
    )


def run(arguments: argparse.Namespace, context: Context) -> int:
    names = context.environment_names()
    if not context.may_name_several:
        drift = _drift(context, names[0])
        context.stdout(_rendered(context, drift))
        return drift.exit_status
    results = side_by_side(names, lambda name: _drift(context, name))
    context.stdout(_rendered_together(context, results))
    return worst(result.exit_status for _, result in results)


def _drift(context: Context, name: str) -> Drift:
    prepared = prepare(context, name)
    with connected(context, prepared.environment) as org:
        snapshot = observe(context, org, prepared.environment)
    allowed = Allowed(production=prepared.environment.production)
    return drift_of(prepared.planner(context, allowed, ())(snapshot), snapshot)


def _rendered(context: Context, drift: Drift) -> str:
    unmanaged = context.arguments.unmanaged
    if context.wants_json:
        from provisioner.report.drift_json import drift_json

        return context.as_json(drift_json(drift, unmanaged=unmanaged))
    if context.arguments.format == "markdown":
        from provisioner.report.drift_markdown import drift_markdown

        return drift_markdown(drift, unmanaged=unmanaged)
    from provisioner.report.drift_terminal import drift_terminal

    return drift_terminal(drift, context.style, unmanaged=unmanaged)


def _rendered_together(context: Context, results: list[tuple[str, Drift | ProvisionerError]]) -> str:
    unmanaged = context.arguments.unmanaged
    if context.wants_json:
        from provisioner.report.drift_json import drifts_json

        return context.as_json(drifts_json(results, unmanaged=unmanaged))
    if context.arguments.format == "markdown":
        from provisioner.report.drift_markdown import drifts_markdown

        return drifts_markdown(results, unmanaged=unmanaged)
    from provisioner.cli.sources import read_lines
    from provisioner.report.drift_terminal import drifts_terminal

    return drifts_terminal(results, context.style, read_lines, unmanaged=unmanaged)
