"""``provisioner drift``: the differences between an org and the declaration, read-only."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.cli.options import add_target_org

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
    from provisioner.cli.sources import read_lines
    from provisioner.planning.drift import Drift
    from provisioner.report.drift_json import drift_json, drifts_json
    from provisioner.report.drift_markdown import drifts_markdown
    from provisioner.report.drift_view import drift_view, drifts_view
    from provisioner.report.junit_suites import drifts_suites
    from provisioner.workflows.drift import drift_all
    from provisioner.workflows.side_by_side import worst

    several, unmanaged = context.may_name_several, arguments.unmanaged
    results = drift_all(context, context.environment_names(), several=several)
    first = results[0][1]
    one = first if not several and isinstance(first, Drift) else None
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
    return worst(result.exit_status for _, result in results)
