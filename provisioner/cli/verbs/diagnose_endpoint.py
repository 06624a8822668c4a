"""``provisioner diagnose endpoint``: whether Salesforce would find its keys at a JWKS endpoint."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.cli.options import add_endpoint_options
from provisioner.errors import ExitStatus
from provisioner.workflows.endpoints import ask_endpoint

FORMATS = ("human", "json", "markdown", "junit")
DESCRIPTION = """Ask a JWKS endpoint as Salesforce does (HTTPS, no credentials, from the public Internet) and judge its
answer: status, content type, caching, every key, and the key that a token's kid finds. Private, link-local and loopback
addresses are not asked unless --allow-private is given; each redirect is checked in the same way, and reported."""
EPILOG = """examples:
  provisioner diagnose endpoint https://id.example.com/.well-known/jwks.json
  provisioner diagnose endpoint https://id.example.com/.well-known/jwks.json \\
      --kid shop-2026

ends with 0 where Salesforce would find a usable key (that of --kid), 1 where not, 4 where there was no answer"""
_STATUS = {"ok": ExitStatus.DONE, "failing": ExitStatus.WRONG_INPUT, "unreachable": ExitStatus.NO_LOGIN}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", metavar="URL", help="the endpoint's URL")
    parser.add_argument("--kid", metavar="K", help="the kid of a token's header, to be looked for")
    add_endpoint_options(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    diagnosis = ask_endpoint(context, arguments.url, kid=arguments.kid)
    from provisioner.report.endpoint_json import endpoint_json
    from provisioner.report.endpoint_view import endpoint_view
    from provisioner.report.junit_checks import endpoint_suites

    context.show(
        lambda: endpoint_view(diagnosis),
        lambda: endpoint_json(diagnosis),
        junit=lambda: endpoint_suites(diagnosis),
    )
    return _STATUS[diagnosis.verdict]
