"""``provisioner import``: a declaration and key files from what an org holds."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.cli.context import DEFAULT_CONFIG, Context
from provisioner.cli.options import add_target_org
from provisioner.declaration.load import ConfigDirectory
from provisioner.diagnostics import has_errors
from provisioner.errors import ExitStatus
from provisioner.workflows.connect import connected
from provisioner.workflows.import_files import plan_command, require_readable, write_import
from provisioner.workflows.import_org import Target, import_snapshot, target_of
from provisioner.workflows.prepare import FindingsError, observe_for_import
from provisioner.workflows.schema_files import SchemaFiles

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

    environment = _environment(context)
    directory = Path(arguments.out or context.config_path)
    schemas = SchemaFiles(directory, inside=arguments.out is not None)
    target = target_of(directory, environment.name, schemas.path_from(directory, "declaration"))
    _check(context, target, environment.name)
    with connected(context, environment) as org:
        snapshot = observe_for_import(context, org, environment)
    require_readable(snapshot)
    imported = import_snapshot(target, snapshot, environment=environment.name, now=context.now)
    written = write_import(target, imported, environment, snapshot, schemas)
    elsewhere = arguments.out is not None and target.directory != Path(DEFAULT_CONFIG)
    config = f" --config {shlex.quote(arguments.out)}" if elsewhere else context.config_option
    following = plan_command(config, environment)
    shown = (imported, snapshot, environment.name, written, following)
    context.show(lambda: imported_view(*shown), lambda: imported_json(*shown))
    return ExitStatus.DONE


def _environment(context: Context) -> Environment:
    """The environment alone: there need be no declaration yet."""
    config = context.admitted(ConfigDirectory(Path(context.config_path), b"version: 1\n"))
    context.config = config
    file = config.environment_file(context.one_environment())
    if has_errors(file.findings):
        raise FindingsError(file.environment.name, file.findings)
    return file.environment


def _check(context: Context, target: Target, name: str) -> None:
    """A declaration in place must be right before anything is put into it."""
    from provisioner.jose.material import DATE_RULES
    from provisioner.rules.check import check

    findings = check(target.loaded(), now=context.now).findings if target.before is not None else ()
    if any(finding.is_error and finding.rule not in DATE_RULES for finding in findings):
        raise FindingsError(name, findings)
