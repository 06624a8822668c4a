"""``export``: everything that is declared, as the files of a project of the official CLI."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.components.deployments import deployment_files
from provisioner.components.desired_xml import desired_xml
from provisioner.components.metadata import TYPES
from provisioner.components.package import Package
from provisioner.components.snapshot import Unreadable
from provisioner.components.source_project import DELETIONS, MANIFEST, project_files
from provisioner.errors import InputError, ProvisionerError, RefusedError
from provisioner.planning.external import owned_elsewhere_in
from provisioner.planning.guards import Allowed
from provisioner.report.written import Exported
from provisioner.words import enumerated
from provisioner.workflows.connect import connected
from provisioner.workflows.console import Console
from provisioner.workflows.new_files import PUBLIC, NewFiles
from provisioner.workflows.prepare import Prepared, observe, prepare

if TYPE_CHECKING:
    from provisioner.components.snapshot import Snapshot
    from provisioner.planning.plan import Blocked


class BlockedError(ProvisionerError):
    """Apply would refuse this plan, too."""

    def __init__(self, blocked: Blocked) -> None:
        super().__init__(f"{blocked.message} Nothing was written.", next=blocked.next, code=blocked.guard)
        self.exit_status = blocked.exit_status


def export(console: Console, directory: Path) -> Exported:
    """Write the project to a new or empty directory. Raises if apply would refuse, too, or a name is no file name."""
    prepared = prepare(console, console.one_environment())
    _must_be_empty(directory)
    with connected(console, prepared.environment) as org:
        snapshot = observe(console, org, prepared.environment, prepared.estate)
    package = _package(console, prepared, snapshot)
    try:
        files = project_files(package, snapshot.api_version)
    except ValueError as error:
        raise InputError(
            f"{error} is not a valid file name, so this component cannot be exported. Nothing was written.",
            next="Use `provisioner apply` for this component: apply needs no file name for it.",
            code="name-not-exportable",
        ) from None
    with NewFiles() as made:
        for path, content in files.items():
            made.write(directory / path, content, PUBLIC)
    external = tuple(kind.address(name) for kind in TYPES for name in prepared.loaded.estate.external.names(kind))
    if external:
        console.say(f"Not in the project, because somebody else owns it: {enumerated(external)}. The org must have it.")
    web = [each.name for each in prepared.estate.deployments.values() if each.create is not None and each.type == "web"]
    if web:
        console.say(f"Not in the project, because no metadata creates a web deployment: {enumerated(web)}.")
    post = f" --post-destructive-changes {DELETIONS}" if DELETIONS in files else ""
    return Exported(
        environment=prepared.environment.name,
        api_version=snapshot.api_version,
        directory=str(directory),
        files=tuple(sorted(files)),
        components=tuple(kind.address(name) for kind, name in package.components),
        deletions=tuple(kind.address(name) for kind, name in package.deletions),
        external=external,
        next=f"cd {shlex.quote(str(directory))} && sf project deploy start --manifest {MANIFEST}{post} "
        "--target-org ALIAS",
    )


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
            next="Name a directory that is new or empty.",
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
    allowed = Allowed(destroy=True, old_api=True, production=True, permanent=True)
    plan = prepared.planner(console, allowed, ())(bare)
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
