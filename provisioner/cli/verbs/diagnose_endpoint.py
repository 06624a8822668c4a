"""``provisioner diagnose endpoint``: whether Salesforce would find its keys at a JWKS endpoint."""

from __future__ import annotations

import argparse
from pathlib import Path

from provisioner.cli.context import Context
from provisioner.errors import ExitStatus

DESCRIPTION = """Ask a JWKS endpoint as Salesforce does (HTTPS, no credentials, from the public Internet, no proxy) and
judge what it answers: status, content type, caching, every key, and what a token's kid would find. Private, link-local
and loopback addresses are not asked unless --allow-private is given; a redirect is looked at in the same way."""
EPILOG = """examples:
  provisioner diagnose endpoint https://id.example.com/.well-known/jwks.json
  provisioner diagnose endpoint https://id.example.com/.well-known/jwks.json \\
      --kid shop-2026

ends with 0 where Salesforce would find a usable key (that of --kid), 1 where not, 4 where there was no answer"""
_STATUS = {"ok": ExitStatus.DONE, "failing": ExitStatus.WRONG_INPUT, "unreachable": ExitStatus.NO_LOGIN}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", metavar="URL", help="the endpoint's URL")
    parser.add_argument("--kid", metavar="K", help="the kid of a token's header, to be looked for")
    parser.add_argument("--allow-private", action="store_true", help="ask private and loopback addresses, too")
    parser.add_argument("--ca-bundle", metavar="F", type=Path, help="trust this CA instead of the public ones (PEM)")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.keys.endpoint_diagnosis import judge_endpoint
    from provisioner.org.jwks_endpoint import fetch

    answer = fetch(
        arguments.url,
        allow_private=arguments.allow_private,
        ca_bundle=arguments.ca_bundle,
        timeout=arguments.timeout,
    )
    diagnosis = judge_endpoint(arguments.url, answer, context.now, arguments.kid)
    if context.wants_json:
        from provisioner.report.endpoint_json import endpoint_json

        context.json(endpoint_json(diagnosis))
    else:
        from provisioner.report.endpoint_terminal import endpoint_terminal

        context.stdout(endpoint_terminal(diagnosis, context.style))
    return _STATUS[diagnosis.verdict]
