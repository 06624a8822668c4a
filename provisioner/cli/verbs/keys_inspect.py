"""``provisioner keys inspect``: the kind of a file of key material, and the declared keys in it."""

from __future__ import annotations

import argparse
from pathlib import Path

from provisioner.cli.context import Context
from provisioner.declaration.load import DECLARATION_FILE
from provisioner.errors import ExitStatus
from provisioner.jose.inspection import inspect
from provisioner.model.jwk import Jwk
from provisioner.report.inspected import inspected_json, inspected_view
from provisioner.rules.check import check
from provisioner.workflows.key_material import read_taken, shown


def run(arguments: argparse.Namespace, context: Context) -> int:
    taken = read_taken(arguments.file, arguments.passphrase_env)
    path = shown(arguments.file)
    declared = _declared(context)
    inspection = inspect(taken, path, context.now, declared or ())
    declaration = context.config.declaration_file if declared is not None else None
    context.show(
        lambda: inspected_view(path, inspection, declaration), lambda: inspected_json(path, inspection, declaration)
    )
    return ExitStatus.DONE


def _declared(context: Context) -> list[tuple[str, Jwk]] | None:
    """Return the declared keys, under --env or every environment; None if there is no declaration and no --env.

    Findings of the declaration do not matter here.
    """
    if context.env_option is None and not (Path(context.config_path) / DECLARATION_FILE).exists():
        return None
    names: list[str | None] = [*context.environment_names(required=False)]
    found: list[tuple[str, Jwk]] = []
    for name in names if context.env_option is not None else [None, *names]:
        derivations = check(context.config.load(name), now=context.now).derivations
        found += [(key, each.jwk) for key, each in derivations.items() if each.jwk is not None]
    return found
