"""``provisioner drift``: the differences between an org and the declaration, read-only."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from provisioner.cli.context import Context
from provisioner.cli.options import add_target_org
from provisioner.errors import ProvisionerError

if TYPE_CHECKING:
    from provisioner.planning.drift import Drift

FORMATS = ("human", "json", "markdown", "junit")
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
    add_target_org(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.workflows.plan import environment_drift
    from provisioner.workflows.side_by_side import side_by_side, worst

    names = context.environment_names()
    if not context.may_name_several:
        drift = environment_drift(context, names[0])
        _show(context, [(names[0], drift)], several=False)
        return drift.exit_status
    results = side_by_side(names, lambda name: environment_drift(context, name))
    _show(context, results, several=True)
    return worst(result.exit_status for _, result in results)


def _show(context: Context, results: list[tuple[str, Drift | ProvisionerError]], *, several: bool) -> None:
    from provisioner.cli.sources import read_lines
    from provisioner.planning.drift import Drift
    from provisioner.report.drift import drift_json, drift_view, drifts_json, drifts_suites, drifts_view
    from provisioner.report.drift_markdown import drifts_markdown

    unmanaged, drift = context.arguments.unmanaged, results[0][1]
    one = drift if not several and isinstance(drift, Drift) else None
    context.show(
        lambda: (
            drifts_view(results, read_lines, unmanaged=unmanaged)
            if one is None
            else drift_view(one, unmanaged=unmanaged)
        ),
        lambda: drifts_json(results, unmanaged=unmanaged) if one is None else drift_json(one, unmanaged=unmanaged),
        junit=lambda: drifts_suites(results),
        markdown=lambda: drifts_markdown(results, unmanaged=unmanaged),
    )
