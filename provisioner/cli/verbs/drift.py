"""``provisioner drift``: the differences between an org and the declaration, read-only."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.cli.sources import read_lines
from provisioner.errors import ProvisionerError
from provisioner.planning.drift import Drift
from provisioner.report.drift import drift_json, drift_view, drifts_json, drifts_suites, drifts_view
from provisioner.report.drift_markdown import drifts_markdown
from provisioner.workflows.plan import environment_drift
from provisioner.workflows.side_by_side import side_by_side, worst


def run(arguments: argparse.Namespace, context: Context) -> int:
    names = context.environment_names()
    if not context.may_name_several:
        drift = environment_drift(context, names[0])
        _show(context, [(names[0], drift)], several=False)
        return drift.exit_status
    results = side_by_side(names, lambda name: environment_drift(context, name))
    _show(context, results, several=True)
    return worst(result.exit_status for _, result in results)


def _show(context: Context, results: list[tuple[str, Drift | ProvisionerError]], *, several: bool) -> None:
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
