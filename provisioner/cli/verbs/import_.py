"""``provisioner import``: a declaration and key files from the state of an org."""

from __future__ import annotations

import argparse
from pathlib import Path

from provisioner.cli.context import Context
from provisioner.declaration.load import ConfigDirectory
from provisioner.errors import ExitStatus
from provisioner.model.environment import Environment
from provisioner.report.imported import imported_json, imported_view
from provisioner.workflows.import_files import import_declaration, plan_command
from provisioner.workflows.load_declaration import environment_alone


def run(arguments: argparse.Namespace, context: Context) -> int:
    environment = _environment(context)
    directory = Path(arguments.out or context.config_path)
    imported, snapshot, written = import_declaration(context, environment, directory, inside=arguments.out is not None)
    following = plan_command(context, environment, directory if arguments.out is not None else None)
    shown = (imported, snapshot, environment.name, written, following)
    context.show(lambda: imported_view(*shown), lambda: imported_json(*shown))
    return ExitStatus.DONE


def _environment(context: Context) -> Environment:
    """Return the environment only: there need be no declaration yet."""
    context.config = context.admitted(ConfigDirectory(Path(context.config_path), b"version: 1\n"))
    return environment_alone(context, context.one_environment())
