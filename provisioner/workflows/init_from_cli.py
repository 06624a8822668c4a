"""``init --from-sf``: from a session of the official CLI to an environment file, and the org's declaration with it."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from pathlib import Path

from provisioner.components.snapshot import Snapshot
from provisioner.declaration.environment_stub import stub_name
from provisioner.declaration.environments import environment_of_alias
from provisioner.errors import InputError, RefusedError, UsageError
from provisioner.model.environment import Environment, Login
from provisioner.model.names import ENVIRONMENT_NAME
from provisioner.report.imported import Imported
from provisioner.salesforce import Org
from provisioner.salesforce.chat_hosts import derived_chat_host
from provisioner.workflows.connect import connected
from provisioner.workflows.console import Console
from provisioner.workflows.import_files import environment_path, plan_command, require_readable, write_import
from provisioner.workflows.import_org import import_snapshot, target_of
from provisioner.workflows.prepare import observe_for_import
from provisioner.workflows.schema_files import SchemaFiles

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
        raise RefusedError(
            f"{path} already exists, and provisioner never overwrites files.",
            next=f"Give the new environment another name: provisioner init --from-sf {shlex.quote(alias)} --env NAME",
            code="already-there",
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
