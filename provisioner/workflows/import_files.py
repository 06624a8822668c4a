"""Imports an org: writes key files, an environment file, the schemas, and last the declaration."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from provisioner.components.snapshot import Snapshot, Unreadable
from provisioner.declaration.environment_stub import environment_stub, stub_name
from provisioner.declaration.load import DECLARATION_FILE, ENVIRONMENTS_FOLDER
from provisioner.errors import RefusedError
from provisioner.model.environment import Environment
from provisioner.report.imported import Imported
from provisioner.rules.check import check
from provisioner.workflows.connect import connected
from provisioner.workflows.console import Console
from provisioner.workflows.import_org import Target, import_snapshot, target_of
from provisioner.workflows.load_declaration import FindingsError, blocking
from provisioner.workflows.new_files import PUBLIC, NewFiles
from provisioner.workflows.prepare import observe_for_import
from provisioner.workflows.schema_files import SchemaFiles


def import_declaration(
    console: Console, environment: Environment, directory: Path, *, inside: bool
) -> tuple[Imported, Snapshot, list[str]]:
    """Write what the org holds as a declaration; return it, the org, and the written files as they are shown.

    ``inside``: no schema is written outside of the directory. Raises :class:`FindingsError` if a declaration is there
    with errors, :class:`RefusedError` if the org cannot be read.
    """
    schemas = SchemaFiles(directory, inside=inside)
    target = target_of(directory, environment.name, schemas.path_from(directory, "declaration"))
    _require_valid(target, environment.name, console.now)
    with connected(console, environment) as org:
        snapshot = observe_for_import(console, org, environment)
    require_readable(snapshot)
    imported = import_snapshot(target, snapshot, environment=environment.name, now=console.now)
    return imported, snapshot, write_import(target, imported, environment, snapshot, schemas)


def _require_valid(target: Target, name: str, now: datetime) -> None:
    """Raise :class:`FindingsError` if the declaration in place has errors."""
    findings = check(target.loaded(), now=now).findings if target.before is not None else ()
    if blocking(findings):
        raise FindingsError(name, findings)


def require_readable(snapshot: Snapshot) -> None:
    """Raises :class:`RefusedError` if a type of the org could not be read."""
    for kind, observed in snapshot.types.items():
        if isinstance(observed, Unreadable):
            raise RefusedError(
                f"The org's {kind.word}s could not be read, so their absence cannot be assumed: {observed.reason} "
                f"Nothing was written.",
                next=f"Give the user the missing permission: {observed.permission}.",
                code="unreadable",
            )


def write_import(
    target: Target, imported: Imported, environment: Environment, snapshot: Snapshot, schemas: SchemaFiles
) -> list[str]:
    """Write the files of an import; return those that were made or changed, as they are shown.

    ``schemas`` are the JSON Schemas for editors; those that exist stay as they are.
    """
    written: list[Path] = []
    with NewFiles() as files:

        def new(path: Path, content: bytes) -> None:
            files.write(path, content, PUBLIC)
            written.append(path)

        for declared, content in imported.key_files.items():
            new(target.directory / declared, content)
        if target.environment is None:
            path = environment_path(target, environment)
            schema = schemas.path_from(path.parent, "environment")
            new(path, environment_stub(environment, path.parent, snapshot.org.id, schema))
        declaration = target.directory / DECLARATION_FILE
        if target.before is None:
            for missing, text in schemas.missing().items():
                new(missing, text.encode())
            new(declaration, imported.content)
        elif imported.content != target.before:
            files.replace(declaration, target.before, imported.content)
            written.append(declaration)
    return [shown(path) for path in written]


def environment_path(target: Target, environment: Environment) -> Path:
    """Return the path of an environment's file in the target's directory."""
    return target.directory / ENVIRONMENTS_FOLDER / f"{stub_name(environment)}.yaml"


def plan_command(config: str, environment: Environment) -> str:
    """Return the command that plans what was imported; ``config`` is its option --config, or nothing."""
    return f"provisioner plan{config} --env {stub_name(environment)}"


def shown(path: Path) -> str:
    """Return a path for messages: relative to the current folder, unless it is absolute."""
    return str(path) if path.is_absolute() else os.path.relpath(path)
