"""``export``: everything that is declared, as the files of a project of the official CLI."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from provisioner.components.deployments import deployment_files
from provisioner.components.desired_xml import desired_xml
from provisioner.components.package import Package
from provisioner.components.snapshot import Snapshot, Unreadable
from provisioner.components.source_project import (
    PROJECT_FILE,
    Layout,
    component_files,
    ignore_lines,
    project_file,
)
from provisioner.errors import InputError, ProvisionerError, RefusedError
from provisioner.model.types import TYPES
from provisioner.planning.external import owned_elsewhere_in
from provisioner.planning.plan import Blocked
from provisioner.report.written import Exported
from provisioner.words import enumerated
from provisioner.workflows.connect import connected
from provisioner.workflows.console import Console
from provisioner.workflows.prepare import EVERYTHING_ALLOWED, Prepared, observe, prepare
from provisioner.workflows.source_project import FORCEIGNORE, find_project, with_lines, write_into


class BlockedError(ProvisionerError):
    """Apply would refuse this plan, too."""

    def __init__(self, blocked: Blocked) -> None:
        super().__init__(f"{blocked.message} Nothing was written.", next=blocked.next, code=blocked.guard)
        self.exit_status = blocked.exit_status


def export(console: Console, directory: Path, *, forceignore: bool = False) -> Exported:
    """Write a project to a new or empty directory, or into the project that the directory is in.

    ``forceignore`` adds the components to the project's ``.forceignore``. Raises if apply would refuse, too, if a name
    is no file name, or if files of the project would be replaced and the person does not agree.
    """
    prepared = prepare(console, console.one_environment())
    project = find_project(directory)
    if project is None:
        _must_be_empty(directory)
    layout, root = (project.layout(), project.root) if project is not None else (Layout(), directory)
    with connected(console, prepared.environment) as org:
        snapshot = observe(console, org, prepared.environment, prepared.estate)
    package = _package(console, prepared, snapshot)
    files = _files(package, snapshot.api_version, layout)
    if project is None:
        files[PROJECT_FILE] = project_file(snapshot.api_version)
    ignored = ignore_lines(package)
    missing = with_lines(root, ignored)
    added = {FORCEIGNORE: missing} if forceignore and missing is not None else {}
    written = write_into(console, root, files, agreed=added)
    if added:
        console.say(f"Added to {FORCEIGNORE}: {', '.join(ignored)}.")
    external = tuple(kind.address(name) for kind in TYPES for name in prepared.loaded.estate.external.names(kind))
    if external:
        console.say(f"Not in the project, because another team owns it: {enumerated(external)}. The org must have it.")
    web = [each.name for each in prepared.estate.deployments.values() if each.create is not None and each.type == "web"]
    if web:
        console.say(f"Not in the project, because no metadata creates a web deployment: {enumerated(web)}.")
    return Exported(
        environment=prepared.environment.name,
        api_version=snapshot.api_version,
        directory=_shown(root, directory),
        files=tuple(sorted((*written.made, *written.replaced))),
        unchanged=tuple(sorted(written.unchanged)),
        components=tuple(kind.address(name) for kind, name in package.components),
        deletions=tuple(kind.address(name) for kind, name in package.deletions),
        external=external,
        forceignore=tuple(ignored) if project is not None and missing is not None and not forceignore else (),
        next=f"provisioner apply --env {prepared.environment.name}"
        if forceignore
        else _deploy_command(_shown(root, directory), layout, files),
    )


def _files(package: Package, api_version: str, layout: Layout) -> dict[str, bytes]:
    try:
        return component_files(package, api_version, layout)
    except ValueError as error:
        raise InputError(
            f"{error} is not a valid file name, so this component cannot be exported. Nothing was written.",
            next="Use `provisioner apply` for this component: apply needs no file name for it.",
            code="name-not-exportable",
        ) from None


def _shown(root: Path, directory: Path) -> str:
    """Return the project's folder as the person would name it."""
    if os.path.realpath(directory) == os.path.realpath(root):
        return str(directory)
    return os.path.relpath(root)


def _deploy_command(directory: str, layout: Layout, files: Mapping[str, bytes]) -> str:
    """Return the command of the official CLI that deploys the project."""
    post = f" --post-destructive-changes {layout.deletions}" if layout.deletions in files else ""
    go = "" if directory == "." else f"cd {shlex.quote(directory)} && "
    return f"{go}sf project deploy start --manifest {layout.manifest}{post} --target-org ALIAS"


def _must_be_empty(directory: Path) -> None:
    try:
        is_free = not directory.exists() or not any(directory.iterdir())
    except OSError as error:
        raise InputError(
            f"{directory} cannot be used: {(error.strerror or 'error').lower()}.",
            next="Name a directory that is new or empty.",
            code="not-writable",
        ) from None
    if not is_free:
        raise RefusedError(
            f"{directory} is not empty, and provisioner never overwrites files.",
            next="Name a directory that is new or empty, or one of a Salesforce CLI project (with sfdx-project.json).",
            code="already-there",
        )


def _package(console: Console, prepared: Prepared, snapshot: Snapshot) -> Package:
    """Return the package of the whole declaration. Raises :class:`BlockedError` if apply would refuse it, too."""
    estate = prepared.estate
    external = owned_elsewhere_in(snapshot, estate)  # the target org must have these already
    types = {
        kind: observed
        if isinstance(observed, Unreadable) or not kind.creatable
        else {name: found for name, found in observed.items() if name in external[kind]}
        for kind, observed in snapshot.types.items()
    }
    bare = replace(snapshot, types=types)
    plan = prepared.planner(console, EVERYTHING_ALLOWED)(bare)
    if plan.blocked:
        raise BlockedError(plan.blocked[0])
    components = {}
    for kind in TYPES:
        present = bare.present(kind)
        for name in estate.components(kind):
            found = present[name].xml if name in present else None
            components[kind, name] = desired_xml(estate, prepared.jwks, (kind, name), found, snapshot.api_version)
    components |= deployment_files(estate, snapshot.api_version)
    return Package(components, [(kind, name) for kind in reversed(TYPES) for name in estate.removed.names(kind)])
