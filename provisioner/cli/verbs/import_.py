"""``provisioner import``: a declaration and key files from the state of an org."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.cli.context import Context
from provisioner.cli.options import add_target_org
from provisioner.errors import ExitStatus

if TYPE_CHECKING:
    from provisioner.model.environment import Environment

FORMATS = ("human", "json", "markdown")
DESCRIPTION = """Write the configuration of an org as a declaration with its key files, so that the next plan is
empty. If there is already a declaration, import adds the missing components, updates values that differ in the org,
keeps comments and order, and removes nothing. The command only reads the org."""
EPILOG = """examples:
  provisioner import --env sandbox
  provisioner import --env production --out config-of-production

Components that the rules reject, or that YAML cannot express, are skipped and listed with the reason. A private key
found in the org is reported as a leak and not written.

Exits with 0 for any content of the org, 1 if the existing declaration has errors, 3 if keys, keysets or channels
cannot be read, 4 or 5 if the org cannot be reached."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out", metavar="DIR", help="the config directory to write to (default: that of --config); created if missing"
    )
    add_target_org(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report.imported import imported_json, imported_view
    from provisioner.workflows.import_files import import_declaration, plan_command

    environment = _environment(context)
    directory = Path(arguments.out or context.config_path)
    imported, snapshot, written = import_declaration(context, environment, directory, inside=arguments.out is not None)
    following = plan_command(context, environment, directory if arguments.out is not None else None)
    shown = (imported, snapshot, environment.name, written, following)
    context.show(lambda: imported_view(*shown), lambda: imported_json(*shown))
    return ExitStatus.DONE


def _environment(context: Context) -> Environment:
    """Return the environment only: there need be no declaration yet."""
    from provisioner.declaration.load import ConfigDirectory
    from provisioner.diagnostics import has_errors
    from provisioner.workflows.load_declaration import FindingsError

    config = context.admitted(ConfigDirectory(Path(context.config_path), b"version: 1\n"))
    context.config = config
    file = config.environment_file(context.one_environment())
    if has_errors(file.findings):
        raise FindingsError(file.environment.name, file.findings)
    return file.environment
