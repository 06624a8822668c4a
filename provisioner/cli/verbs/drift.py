"""``provisioner drift``: what the org has otherwise than declared, read-only."""

from __future__ import annotations

import argparse

from provisioner.cli.connect import connected
from provisioner.cli.context import Context
from provisioner.cli.prepare import observe, prepare
from provisioner.cli.side_by_side import side_by_side, worst
from provisioner.errors import ProvisionerError
from provisioner.planning.drift import Drift, drift_of
from provisioner.planning.guards import Allowed

FORMATS = ("human", "json", "markdown")
DESCRIPTION = """Show where an org differs from the declaration, and who last changed each component. An org does
not record which side changed. The command writes nothing. With several environments (a comma-separated list, globs)
it reads the orgs in parallel."""
EPILOG = """examples:
  provisioner drift --env production
  provisioner drift --env sandbox,production --unmanaged
  provisioner drift --env 'prod*' --format markdown > issue.md \\
      || gh issue create --title Drift --body-file issue.md

Exits with 2 if there is drift or if something could not be read, 1 if the declaration does not fit the org (for
example, a channel is missing), 4 or 5 if an org cannot be read."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--unmanaged",
        action="store_true",
        help="also list components that the declaration does not name (these are not drift)",
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
