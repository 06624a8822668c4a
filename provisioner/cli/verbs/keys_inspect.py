"""``provisioner keys inspect``: the kind of a file of key material, and the declared keys in it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from provisioner.cli.context import Context
from provisioner.errors import ExitStatus

if TYPE_CHECKING:
    from provisioner.model.jwk import Jwk

FORMATS = ("human", "json", "markdown")
DESCRIPTION = """Identify a file (a certificate, a JWK or a JWKS, a public or private key, a certificate request, a
keystore), print its thumbprints, dates and sizes, and find the declared key that it belongs to. Keys are compared
by their public keys, so a private key matches the entry of its certificate. The command prints nothing private; -
is standard input."""
EPILOG = """examples:
  provisioner keys inspect config/keys/storefront-2026-11.crt
  provisioner keys inspect storefront_2027_01.key
  provisioner keys inspect jwks.json --env production

`provisioner diagnose key FILE` checks whether Salesforce would accept it, and repairs it."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the file to inspect; - for standard input")
    parser.add_argument("--passphrase-env", metavar="V", help="the variable with the passphrase of a private key")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.jose.inspection import inspect
    from provisioner.workflows.key_material import read_taken, shown

    taken = read_taken(arguments.file, arguments.passphrase_env)
    path = shown(arguments.file)
    declared = _declared(context)
    inspection = inspect(taken, path, context.now, declared or ())
    declaration = context.config.declaration_file if declared is not None else None
    from provisioner.report.inspected import inspected_json, inspected_view

    context.show(
        lambda: inspected_view(path, inspection, declaration), lambda: inspected_json(path, inspection, declaration)
    )
    return ExitStatus.DONE


def _declared(context: Context) -> list[tuple[str, Jwk]] | None:
    """Return the declared keys, under --env or every environment; None if there is no declaration and no --env.

    Findings of the declaration do not matter here.
    """
    from pathlib import Path

    from provisioner.declaration.load import DECLARATION_FILE
    from provisioner.rules.check import check

    if context.env_option is None and not (Path(context.config_path) / DECLARATION_FILE).exists():
        return None
    names: list[str | None] = [*context.environment_names(required=False)]
    found: list[tuple[str, Jwk]] = []
    for name in names if context.env_option is not None else [None, *names]:
        derivations = check(context.config.load(name), now=context.now).derivations
        found += [(key, each.jwk) for key, each in derivations.items() if each.jwk is not None]
    return found
