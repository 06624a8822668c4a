"""``provisioner diagnose key``: why Salesforce does not take a key, and the JWK that it would take."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.errors import ExitStatus, UsageError
from provisioner.jose.diagnosis import diagnose
from provisioner.jose.repair import Given, repair
from provisioner.report.key import key_json, key_suites, key_view
from provisioner.workflows.key_material import read_certificate, read_taken, shown, write_new


def run(arguments: argparse.Namespace, context: Context) -> int:
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
    context.show(
        lambda: key_view(path, diagnosis, repaired, given=given, asked=asked, written=written),
        lambda: key_json(path, diagnosis, repaired, asked=asked, written=written),
        junit=lambda: key_suites(path, diagnosis, repaired, asked=asked, written=written),
    )
    failed = not diagnosis.uploadable or diagnosis.matches is False or (asked and written is None)
    return ExitStatus.WRONG_INPUT if failed else ExitStatus.DONE
