"""``provisioner keys expiring``: which certificates end soon, in the declaration, in orgs and at endpoints."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.report.expiring import expiring_json, expiring_suites, expiring_view
from provisioner.workflows.certificate_inventory import expiring


def run(arguments: argparse.Namespace, context: Context) -> int:
    live = context.env_option is not None
    names = context.environment_names(required=live)
    found = expiring(context, names, live=live, several=context.may_name_several, days=arguments.days)
    context.show(
        lambda: expiring_view(found.listed, found.errors),
        lambda: expiring_json(found.listed, found.errors),
        junit=lambda: expiring_suites(found.listed, found.errors),
    )
    return found.exit_status
