"""``provisioner diagnose endpoint``: whether Salesforce would find its keys at a JWKS endpoint."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.cli.options import add_endpoint_options
from provisioner.errors import ExitStatus

FORMATS = ("human", "json", "markdown", "junit")
DESCRIPTION = """Ask a JWKS endpoint as Salesforce does (HTTPS, no credentials, from the public Internet) and judge its
answer: status, content type, caching, every key, and the key that a token's kid finds. The address of an issuer, or of
its description, is followed to its keys, and the keyset to declare is printed. The command requests no
private, link-local or loopback address without --allow-private. It checks and reports each redirect in the same way."""
EPILOG = """examples:
  provisioner diagnose endpoint https://id.example.com/.well-known/jwks.json
  provisioner diagnose endpoint https://id.example.com/.well-known/jwks.json \\
      --kid shop-2026
  provisioner diagnose endpoint https://acme.eu.auth0.com/

Exits with 0 if Salesforce would find a usable key at this address (with --kid, that key), 1 if it would not, 4 if the
endpoint did not answer here. An address that is not on the public Internet exits with 1 also if its answer is good."""
_STATUS = {"ok": ExitStatus.DONE, "failing": ExitStatus.WRONG_INPUT, "unreachable": ExitStatus.NO_LOGIN}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", metavar="URL", help="the endpoint's URL")
    parser.add_argument("--kid", metavar="K", help="the kid from a token's header to look for")
    add_endpoint_options(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report.endpoint_json import endpoint_json
    from provisioner.report.endpoint_view import endpoint_view
    from provisioner.report.junit_checks import endpoint_suites
    from provisioner.workflows.endpoints import report_endpoint

    report = report_endpoint(context, arguments.url, arguments.kid)
    context.show(
        lambda: endpoint_view(report.diagnosis, report.followed, report.keyset),
        lambda: endpoint_json(report.diagnosis, report.followed, report.keyset),
        junit=lambda: endpoint_suites(report.diagnosis),
    )
    return _STATUS[report.diagnosis.verdict]
