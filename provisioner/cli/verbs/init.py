"""``provisioner init``: a commented starting config that validates as it is."""

from __future__ import annotations

import argparse
from pathlib import Path

from provisioner.cli.context import Context
from provisioner.cli.options import DEFAULT_CONFIG
from provisioner.errors import ExitStatus, RefusedError
from provisioner.report.imported import imported_json, imported_view
from provisioner.report.written import starting_config_json, written_view
from provisioner.workflows.import_files import init_from_cli
from provisioner.workflows.starting_config import next_steps, write_starting_config


def run(arguments: argparse.Namespace, context: Context) -> int:
    directory = _directory(arguments, context)
    if arguments.from_sf is not None:
        return _from_cli(context, directory, arguments.from_sf)
    written = write_starting_config(directory, context.now, is_example=arguments.example)
    config = "" if directory == Path(DEFAULT_CONFIG) else str(directory)
    steps = next_steps(directory, config, is_example=arguments.example)
    context.show(lambda: written_view(written, steps), lambda: starting_config_json(str(directory), written, steps))
    return ExitStatus.DONE


def _from_cli(context: Context, directory: Path, alias: str) -> int:
    shown = init_from_cli(context, directory, alias, context.arguments.env)
    context.show(lambda: imported_view(*shown), lambda: imported_json(*shown))
    return ExitStatus.DONE


def _directory(arguments: argparse.Namespace, context: Context) -> Path:
    """Return the directory to write. Raises :class:`RefusedError` for one that nobody named inside of a project."""
    named = arguments.directory or context.named_config
    if named is None and Path(context.config_path) != Path(DEFAULT_CONFIG):
        raise RefusedError(
            f"This folder belongs to a project that has a config already: {context.config_path}.",
            next="Use that one: every command finds it from here. For a second config name its directory: "
            "provisioner init DIR.",
            code="already-there",
        )
    return Path(named or DEFAULT_CONFIG)
