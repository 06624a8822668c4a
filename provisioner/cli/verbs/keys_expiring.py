"""``provisioner keys expiring``: which certificates end soon, in the declaration, in orgs and at endpoints."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.cli.options import add_endpoint_options, add_target_org, whole

FORMATS = ("human", "json", "markdown", "junit")
DESCRIPTION = """List the certificates of all keys by expiry date: those of the declaration in every environment,
those of declared logins, and those that JWKS endpoints serve in x5c. With --env (a comma-separated list, globs) the
command also reads the orgs, in parallel, counts undeclared keys that a keyset uses, and adds the certificate beside
the private key of the login. It writes nothing. It lists an endpoint that cannot be reached from this machine as not
checked."""
EPILOG = """examples:
  provisioner keys expiring
  provisioner keys expiring --env 'prod*' --days 60 --format json

Exits with 2 if a certificate in use expires within --days or has expired, 1 if an expected certificate cannot be
read, 4 or 5 if an org cannot be read."""
_DAYS = whole(0, 36500, "must be a number of days, 0 or more")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--days", metavar="N", type=_DAYS, default=30, help="number of days to look ahead (default: 30)"
    )
    add_endpoint_options(parser)
    add_target_org(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report.expiring import expiring_json, expiring_suites, expiring_view
    from provisioner.workflows.certificate_inventory import expiring

    live = context.env_option is not None
    names = context.environment_names(required=live)
    found = expiring(context, names, live=live, several=context.may_name_several, days=arguments.days)
    context.show(
        lambda: expiring_view(found.table, found.errors),
        lambda: expiring_json(found.table, found.errors),
        junit=lambda: expiring_suites(found.table, found.errors),
    )
    return found.exit_status
