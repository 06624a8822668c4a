"""``import`` and ``init --from-sf``: write key files, an environment file, the schemas, and last the declaration."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from pathlib import Path

from provisioner.components.snapshot import Snapshot, Unreadable
from provisioner.declaration.environment_stub import environment_stub, stub_name
from provisioner.declaration.environments import environment_of_alias
from provisioner.declaration.load import DECLARATION_FILE, ENVIRONMENTS_FOLDER
from provisioner.declaration.lookup import CONFIG_FOLDER
from provisioner.errors import InputError, RefusedError, UsageError
from provisioner.model.environment import Environment, Login
from provisioner.model.names import ENVIRONMENT_NAME
from provisioner.report.imported import Imported
from provisioner.rules.check import check
from provisioner.salesforce import Org
from provisioner.salesforce.chat_hosts import derived_chat_host
from provisioner.workflows.connect import connected
from provisioner.workflows.console import Console
from provisioner.workflows.import_org import Target, import_snapshot, target_of
from provisioner.workflows.load_declaration import FindingsError, blocking
from provisioner.workflows.new_files import PUBLIC, NewFiles, already_there
from provisioner.workflows.prepare import observe_for_import
from provisioner.workflows.schema_files import SchemaFiles


def import_declaration(
    console: Console, environment: Environment, directory: Path, *, inside: bool
) -> tuple[Imported, Snapshot, list[str]]:
    """Write what the org holds as a declaration; return it, the org, and the written files as they are shown.

    ``inside``: no schema is written outside of the directory. Raises :class:`FindingsError` if an existing declaration
    has errors, :class:`RefusedError` if the org cannot be read, or if the file of an environment exists that the person
    did not name.
    """
    schemas = SchemaFiles(directory, inside=inside)
    target = target_of(directory, environment.name, schemas.path_from(directory, "declaration"))
    findings = check(target.loaded(), now=console.now).findings if target.before is not None else ()
    if blocking(findings):
        raise FindingsError(target.environment, findings, config=directory if inside else None)
    path = environment_path(target, environment)
    if target.environment is None and os.path.lexists(path):
        options = _options(console, environment, directory if inside else None)
        raise already_there(path, f"Import with that environment: provisioner import{options}")
    with connected(console, environment) as org:
        snapshot = observe_for_import(console, org, environment)
    require_readable(snapshot)
    imported = import_snapshot(target, snapshot, environment=environment.name, now=console.now)
    return imported, snapshot, write_import(target, imported, environment, snapshot, schemas)


def require_readable(snapshot: Snapshot) -> None:
    """Raise :class:`RefusedError` if a type of the org could not be read."""
    for kind, observed in snapshot.types.items():
        if isinstance(observed, Unreadable):
            raise RefusedError(
                f"The org's {kind.word}s could not be read, so their absence cannot be assumed: {observed.reason} "
                f"Nothing was written.",
                next=observed.next(),
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


def plan_command(console: Console, environment: Environment, directory: Path | None = None) -> str:
    """Return the command that plans an import into ``directory``; None is the console's config directory."""
    return f"provisioner plan{_options(console, environment, directory)}"


def _options(console: Console, environment: Environment, directory: Path | None) -> str:
    """Return the options that name the imported config and its environment."""
    config = console.config_option
    if directory is not None and (config or directory != Path(CONFIG_FOLDER)):
        config = f" --config {shlex.quote(str(directory))}"
    return f"{config} --env {stub_name(environment)}"


def shown(path: Path) -> str:
    """Return a path for messages: relative to the current folder, unless it is absolute."""
    return str(path) if path.is_absolute() else os.path.relpath(path)


Shown = tuple[Imported, Snapshot, str, list[str], str]


def init_from_cli(console: Console, directory: Path, alias: str, name: str | None) -> Shown:
    """Write the files; return what the view of an import shows. ``name`` is the environment's, else the alias.

    A declaration that exists stays as it is: then only the environment file is written. Raises
    :class:`RefusedError` if that exists.
    """
    asked = environment_of_alias(alias, directory).environment
    if name is not None and not ENVIRONMENT_NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot be the name of an environment.", next="Use letters, digits, dot, _ and -.")
    named = replace(asked, name=name or stub_name(asked))
    schemas = SchemaFiles(directory)
    target = target_of(directory, named.name)
    path = environment_path(target, named)
    if os.path.lexists(path):
        raise already_there(
            path, f"Give the new environment another name: provisioner init --from-sf {shlex.quote(alias)} --env NAME"
        )
    with connected(console, asked) as org:
        snapshot = observe_for_import(console, org, asked)
        environment = _described(named, org, snapshot)
    require_readable(snapshot)
    if target.before is None:
        imported = import_snapshot(target, snapshot, environment=environment.name, now=console.now)
    else:
        console.say(f"{directory} has a declaration already: it is not changed.")
        imported = Imported(target.before, {}, (), (), {}, {}, (), ())
    written = write_import(target, imported, environment, snapshot, schemas)
    return imported, snapshot, environment.name, written, plan_command(console, environment, directory)


def _described(environment: Environment, org: Org, snapshot: Snapshot) -> Environment:
    """Return the environment with the facts that the org shows about itself."""
    url = org.session.instance_url
    try:
        chat_url: str | None = derived_chat_host(url).origin
    except InputError:
        chat_url = None
    return replace(
        environment,
        login=Login(url, None, None, None, None, None),
        org_id=snapshot.org.id,
        production=snapshot.org.is_production is True,
        chat_url=chat_url,
    )
