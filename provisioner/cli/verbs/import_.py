"""``provisioner import``: a declaration and key files from the state of an org."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from provisioner.cli.context import DEFAULT_CONFIG, Context
from provisioner.declaration.load import ConfigDirectory
from provisioner.diagnostics import has_errors
from provisioner.errors import ExitStatus
from provisioner.model.environment import Environment
from provisioner.report.imported import imported_json, imported_view
from provisioner.workflows.import_files import import_declaration, plan_command
from provisioner.workflows.load_declaration import FindingsError


def run(arguments: argparse.Namespace, context: Context) -> int:
    environment = _environment(context)
    directory = Path(arguments.out or context.config_path)
    imported, snapshot, written = import_declaration(context, environment, directory, inside=arguments.out is not None)
    elsewhere = arguments.out is not None and directory != Path(DEFAULT_CONFIG)
    config = f" --config {shlex.quote(arguments.out)}" if elsewhere else context.config_option
    shown = (imported, snapshot, environment.name, written, plan_command(config, environment))
    context.show(lambda: imported_view(*shown), lambda: imported_json(*shown))
    return ExitStatus.DONE


def _environment(context: Context) -> Environment:
    """Return the environment only: there need be no declaration yet."""
    config = context.admitted(ConfigDirectory(Path(context.config_path), b"version: 1\n"))
    context.config = config
    file = config.environment_file(context.one_environment())
    if has_errors(file.findings):
        raise FindingsError(file.environment.name, file.findings)
    return file.environment
