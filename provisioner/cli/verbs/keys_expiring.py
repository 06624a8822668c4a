"""``provisioner keys expiring``: which certificates end soon, in the declaration, in orgs and at endpoints."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.cli.context import Context
from provisioner.cli.options import add_endpoint_options, add_target_org
from provisioner.errors import ExitStatus, ProvisionerError
from provisioner.workflows.side_by_side import side_by_side, worst

if TYPE_CHECKING:
    from provisioner.jose.expiry import Timetable
    from provisioner.workflows.certificate_inventory import Haul

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
_LONGEST = 36500


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--days", metavar="N", type=days, default=30, help="number of days to look ahead (default: 30)")
    add_endpoint_options(parser)
    add_target_org(parser)


def days(text: str) -> int:
    value = int(text)
    if not 0 <= value <= _LONGEST:
        raise argparse.ArgumentTypeError("must be a number of days, 0 or more")
    return value


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.jose.expiry import timetable
    from provisioner.workflows.certificate_inventory import of_declaration

    errors: list[tuple[str, ProvisionerError]] = []
    if context.env_option is not None:
        hauls = _of_orgs(context, errors)
    else:
        names: Sequence[str | None] = context.environment_names(required=False) or [None]
        hauls = [of_declaration(context, name) for name in names]
    if not any(error.exit_status is ExitStatus.INTERRUPTED for _, error in errors):
        hauls += _of_endpoints(context, [each for haul in hauls for each in haul.endpoints])
    found = [each for haul in hauls for each in haul.found]
    undated = [each for haul in hauls for each in haul.undated]
    table = timetable(found, undated, now=context.now, days=arguments.days)
    _print(context, table, errors)
    return worst([_status(table), *(error.exit_status for _, error in errors)])


def _of_orgs(context: Context, errors: list[tuple[str, ProvisionerError]]) -> list[Haul]:
    """Each environment's; one that fails never hides another, unless it is alone."""
    from provisioner.workflows.certificate_inventory import Haul, of_environment

    names = context.environment_names()
    if not context.may_name_several:
        return [of_environment(context, names[0])]
    results = side_by_side(names, lambda name: of_environment(context, name))
    errors += [(name, result) for name, result in results if isinstance(result, ProvisionerError)]
    return [result for _, result in results if isinstance(result, Haul)]


def _of_endpoints(context: Context, endpoints: Iterable[tuple[str, Path | None]]) -> list[Haul]:
    """Ask each endpoint once, with the CA bundle of the first environment that names one."""
    from provisioner.workflows.certificate_inventory import of_endpoint

    bundles: dict[str, Path | None] = {}
    for url, bundle in endpoints:
        bundles[url] = bundles.get(url) or bundle

    hauls = []
    for _, result in side_by_side(list(bundles), lambda url: of_endpoint(context, url, bundles[url])):
        if isinstance(result, ProvisionerError):
            raise result
        hauls.append(result)
    return hauls


def _status(table: Timetable) -> ExitStatus:
    if any(each.fails for each in table.undated):
        return ExitStatus.WRONG_INPUT
    return ExitStatus.CHANGES_PENDING if table.alarming else ExitStatus.DONE


def _print(context: Context, table: Timetable, errors: list[tuple[str, ProvisionerError]]) -> None:
    from provisioner.report.expiring import expiring_json, expiring_view
    from provisioner.report.junit_checks import expiring_suites

    context.show(
        lambda: expiring_view(table, errors),
        lambda: expiring_json(table, errors),
        junit=lambda: expiring_suites(table, errors),
    )
