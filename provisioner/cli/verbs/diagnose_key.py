"""``provisioner diagnose key``: why Salesforce does not take a key, and the JWK that it would take."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.errors import ExitStatus, UsageError

FORMATS = ("human", "json", "markdown", "junit")
DESCRIPTION = """Identify a file of key material, check whether Salesforce would accept it as a key (Setup >
Enhanced Chat User Verification > New Key), and explain why not. FILE is a JWK, the output of Salesforce's Java
tool, a JWKS, a certificate (PEM or DER), a public or private key, a certificate request, or a keystore; - is
standard input. The command sends nothing."""
EPILOG = """examples:
  provisioner diagnose key key.jwk.json
  provisioner diagnose key key.jwk.json --repair fixed.jwk.json
  provisioner diagnose key shop.crt --kid shop-2026 --repair shop.jwk.json
  provisioner diagnose key shop.pub --certificate shop.crt --kid shop-2026 \\
      --repair shop.jwk.json

Exits with 0 if Salesforce accepts the file as it is, 1 if not. A certificate is not a JWK, so it exits with 1 even
if --repair wrote an acceptable JWK."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the file to check; - for standard input")
    parser.add_argument("--repair", metavar="OUT", help="write a JWK that Salesforce accepts to a new file")
    parser.add_argument("--certificate", metavar="FILE", help="the key's public certificate, to compare and to include")
    parser.add_argument("--kid", metavar="K", help="the kid from the header of the tokens; selects a key of a set")
    parser.add_argument("--alg", metavar="A", choices=("RS256", "RS512"), help="RS256 (default) or RS512")
    parser.add_argument("--passphrase-env", metavar="V", help="the variable with the passphrase of a private key")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.jose.diagnosis import diagnose
    from provisioner.jose.repair import Given, repair
    from provisioner.workflows.key_material import read_certificate, read_taken, shown, write_new

    if arguments.kid is not None and not arguments.kid.strip():
        raise UsageError("--kid is empty.", next="Give the kid from the header of the tokens.")
    taken = read_taken(arguments.file, arguments.passphrase_env)
    certificate = read_certificate(arguments.certificate) if arguments.certificate is not None else None
    path = shown(arguments.file)
    diagnosis = diagnose(taken, path, context.now, kid=arguments.kid, given=certificate)
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
