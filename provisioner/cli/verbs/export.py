"""``provisioner export``: what apply would send, as a project of the official CLI."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.cli.context import Context
from provisioner.cli.options import add_target_org
from provisioner.components.metadata import TYPES
from provisioner.errors import ExitStatus, InputError, ProvisionerError, RefusedError
from provisioner.planning.guards import Allowed
from provisioner.words import enumerated
from provisioner.workflows.connect import connected
from provisioner.workflows.new_files import PUBLIC, NewFiles
from provisioner.workflows.prepare import Prepared, observe, prepare

if TYPE_CHECKING:
    from provisioner.components.package import Package
    from provisioner.components.snapshot import Snapshot
    from provisioner.planning.plan import Blocked

FORMATS = ("sfdx", "json", "markdown")
DESCRIPTION = """Write a project for the official Salesforce CLI: the same components that apply would send to an
org that has none of your keys and keysets, with the channels as they are in the org now. The command only reads the
org."""
EPILOG = """examples:
  provisioner export --env sandbox --format sfdx chat-project
  cd chat-project && sf project deploy start --manifest manifest/package.xml \\
      --target-org uat

--format json writes the same project and prints the list of files as JSON. A channel file holds the complete
channel of this org, with its queues and texts: deploy it to this org, or adapt it first."""


class BlockedError(ProvisionerError):
    """Something that apply would not send either."""

    def __init__(self, blocked: Blocked) -> None:
        super().__init__(f"{blocked.message} Nothing was written.", next=blocked.next, code=blocked.guard)
        self.exit_status = blocked.exit_status


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("directory", metavar="DIR", help="the project directory: new or empty")
    add_target_org(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.components.source_project import DELETIONS, MANIFEST, project_files

    prepared = prepare(context, context.one_environment())
    directory = Path(arguments.directory)
    _must_be_empty(directory)
    with connected(context, prepared.environment) as org:
        snapshot = observe(context, org, prepared.environment, prepared.estate)
    package = _package(context, prepared, snapshot)
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
    post = f" --post-destructive-changes {DELETIONS}" if DELETIONS in files else ""
    following = (
        f"cd {shlex.quote(str(directory))} && sf project deploy start --manifest {MANIFEST}{post} --target-org ALIAS"
    )
    components = [kind.address(name) for kind, name in package.components]
    deletions = [kind.address(name) for kind, name in package.deletions]
    external = [kind.address(name) for kind in TYPES for name in prepared.loaded.estate.external.names(kind)]
    if external:
        context.say(f"Not in the project, because somebody else owns it: {enumerated(external)}. The org must have it.")
    web = [each.name for each in prepared.estate.deployments.values() if each.create is not None and each.type == "web"]
    if web:
        context.say(f"Not in the project, because no metadata creates a web deployment: {enumerated(web)}.")
    from provisioner.report.written import exported_view

    context.show(
        lambda: exported_view([str(directory / path) for path in sorted(files)], following),
        lambda: {
            "format_version": "1",
            "environment": prepared.environment.name,
            "api_version": snapshot.api_version,
            "directory": str(directory),
            "written": sorted(files),
            "components": components,
            "deletions": deletions,
            "external": external,
            "next": following,
        },
    )
    return ExitStatus.DONE


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


def _package(context: Context, prepared: Prepared, snapshot: Snapshot) -> Package:
    """Everything that is declared. Raises :class:`BlockedError` for what apply would not send either."""
    from provisioner.components.deployments import deployment_files
    from provisioner.components.desired_xml import desired_xml
    from provisioner.components.package import Package
    from provisioner.components.snapshot import Unreadable
    from provisioner.planning.external import owned_elsewhere_in

    estate = prepared.estate
    external = owned_elsewhere_in(snapshot, estate)  # the other org must have these, too
    types = {
        kind: observed
        if isinstance(observed, Unreadable) or not kind.creatable
        else {name: found for name, found in observed.items() if name in external[kind]}
        for kind, observed in snapshot.types.items()
    }
    bare = replace(snapshot, types=types)
    allowed = Allowed(destroy=True, old_api=True, production=True, permanent=True)
    plan = prepared.planner(context, allowed, ())(bare)
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
