"""``provisioner import``: a declaration and key files from what an org holds."""

from __future__ import annotations

import argparse
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.cli.context import DEFAULT_CONFIG, Context
from provisioner.declaration.environment_stub import environment_stub
from provisioner.declaration.load import DECLARATION_FILE, ENVIRONMENTS_FOLDER, ConfigDirectory
from provisioner.diagnostics import has_errors
from provisioner.errors import ExitStatus, RefusedError
from provisioner.workflows.connect import connected
from provisioner.workflows.import_org import Target, import_snapshot, target_of
from provisioner.workflows.new_files import PUBLIC, NewFiles
from provisioner.workflows.prepare import FindingsError, observe
from provisioner.workflows.schema_files import SchemaFiles

if TYPE_CHECKING:
    from provisioner.components.snapshot import Snapshot
    from provisioner.model.environment import Environment
    from provisioner.report.import_shapes import Imported

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


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report.imported import imported_json, imported_view

    environment = _environment(context)
    directory = Path(arguments.out or context.config_path)
    schemas = SchemaFiles(directory, inside=arguments.out is not None)
    target = target_of(directory, environment.name, schemas.path_from(directory, "declaration"))
    _check(context, target, environment.name)
    with connected(context, environment) as org:
        snapshot = observe(context, org, environment)
    _must_be_readable(snapshot)
    imported = import_snapshot(target, snapshot, environment=environment.name, now=context.now)
    written = _write(target, imported, environment, snapshot, schemas)
    elsewhere = arguments.out is not None and target.directory != Path(DEFAULT_CONFIG)
    config = f" --config {shlex.quote(arguments.out)}" if elsewhere else context.config_option
    following = f"provisioner plan{config} --env {environment.name}"
    shown = (imported, snapshot, environment.name, written, following)
    context.show(lambda: imported_view(*shown), lambda: imported_json(*shown))
    return ExitStatus.DONE


def _environment(context: Context) -> Environment:
    """The environment alone: there need be no declaration yet."""
    config = ConfigDirectory(Path(context.config_path), b"version: 1\n")
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


def _must_be_readable(snapshot: Snapshot) -> None:
    from provisioner.components.snapshot import Unreadable

    for kind, observed in snapshot.types.items():
        if isinstance(observed, Unreadable):
            raise RefusedError(
                f"The org's {kind.word}s could not be read, so their absence cannot be assumed: {observed.reason} "
                f"Nothing was written.",
                next=f"Give the user the missing permission: {observed.permission}.",
                code="unreadable",
            )


def _write(
    target: Target, imported: Imported, environment: Environment, snapshot: Snapshot, schemas: SchemaFiles
) -> list[str]:
    """The files that were made or changed, as they are shown; the declaration is the last to be written."""
    written: list[Path] = []
    folder = target.directory / ENVIRONMENTS_FOLDER

    with NewFiles() as files:

        def new(path: Path, content: bytes) -> None:
            files.write(path, content, PUBLIC)
            written.append(path)

        for declared, content in imported.key_files.items():
            new(target.directory / declared, content)
        if target.environment is None:
            schema = schemas.path_from(folder, "environment")
            stub = environment_stub(environment, folder, snapshot.org.id, schema)
            new(folder / f"{environment.name}.yaml", stub)
        declaration = target.directory / DECLARATION_FILE
        if target.before is None:
            for path, text in schemas.missing().items():
                new(path, text.encode())
            new(declaration, imported.content)
        elif imported.content != target.before:
            files.replace(declaration, target.before, imported.content)
            written.append(declaration)
    return [os.path.relpath(path) if not path.is_absolute() else str(path) for path in written]
