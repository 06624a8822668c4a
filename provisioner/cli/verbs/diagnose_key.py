"""``provisioner diagnose key``: why Salesforce does not take a key, and the JWK that it would take."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.errors import ExitStatus, UsageError

FORMATS = ("human", "json", "markdown", "junit")
DESCRIPTION = """Say what a file of key material is, whether Salesforce would take it as a key (Setup > Enhanced Chat
User Verification > New Key), and why not. FILE is a JWK, what Salesforce's own Java tool printed, a JWKS, a certificate
(PEM or DER), a public or private key, a certificate request, or a keystore; - is standard input. Nothing is sent."""
EPILOG = """examples:
  provisioner diagnose key key.jwk.json
  provisioner diagnose key key.jwk.json --repair fixed.jwk.json
  provisioner diagnose key shop.crt --kid shop-2026 --repair shop.jwk.json
  provisioner diagnose key shop.pub --certificate shop.crt --kid shop-2026 \\
      --repair shop.jwk.json

ends with 0 where the file uploads as it is, with 1 where it does not: a certificate is no JWK, so it ends with 1 even
where --repair wrote the JWK that uploads"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the file to judge; - for standard input")
    parser.add_argument("--repair", metavar="OUT", help="write the JWK that would upload; never overwrites")
    parser.add_argument("--certificate", metavar="FILE", help="the key's public certificate, to compare and to use")
    parser.add_argument("--kid", metavar="K", help="the kid of the tokens' header; picks a key out of a set")
    parser.add_argument("--alg", metavar="A", choices=("RS256", "RS512"), help="RS256 (default) or RS512")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.keys.diagnosis import diagnose
    from provisioner.keys.repair import repair
    from provisioner.keys.repaired import Given
    from provisioner.workflows.key_material import read_bounded, read_certificate, shown, write_new

    if arguments.kid is not None and not arguments.kid.strip():
        raise UsageError("--kid is empty.", next="Give the kid that stands in the tokens' header.")
    content = read_bounded(arguments.file)
    certificate = read_certificate(arguments.certificate) if arguments.certificate is not None else None
    path = shown(arguments.file)
    diagnosis = diagnose(content, path, context.now, kid=arguments.kid, given=certificate)
    given = Given(arguments.kid, arguments.alg, certificate, arguments.certificate or "")
    repaired = repair(diagnosis, given, context.now)
    asked, written = arguments.repair is not None, None
    if asked and repaired.jwk is not None:
        write_new(arguments.repair, repaired.text)
        written = arguments.repair
    from provisioner.report.junit_checks import key_suites
    from provisioner.report.key_json import key_json
    from provisioner.report.key_view import key_view

    context.show(
        lambda: key_view(path, diagnosis, repaired, given=given, asked=asked, written=written),
        lambda: key_json(path, diagnosis, repaired, asked=asked, written=written),
        junit=lambda: key_suites(path, diagnosis, repaired, asked=asked, written=written),
    )
    failed = not diagnosis.uploadable or diagnosis.matches is False or (asked and written is None)
    return ExitStatus.WRONG_INPUT if failed else ExitStatus.DONE
