"""A plan without an org: the changes between two declarations under one environment."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from provisioner.errors import InputError
from provisioner.planning.guards import Allowed
from provisioner.planning.plan import Plan
from provisioner.workflows.console import Console
from provisioner.workflows.prepare import FindingsError, Prepared, prepare


def offline_plan(console: Console, name: str, base: Path, targets: Sequence[str]) -> Plan:
    """Return the plan of the declaration for an org that runs the declaration in the folder ``base``.

    Nothing is asked over a network and no reference is resolved. Raises :class:`FindingsError` for the declaration, and
    :class:`InputError` for the one in ``base``.
    """
    from provisioner.planning.declared_snapshot import declared_snapshot

    prepared = prepare(console, name)
    before = _base(console, name, base)
    snapshot = declared_snapshot(before.estate, before.jwks, prepared.estate.channels, str(base))
    return prepared.planner(console, Allowed(production=prepared.environment.production), targets)(snapshot)


def _base(console: Console, name: str, base: Path) -> Prepared:
    from provisioner.declaration.load import ConfigDirectory

    try:
        config = ConfigDirectory(base)
    except InputError as error:
        raise InputError(
            f"{base} cannot be compared with: {error}", next="Name a config directory with --base DIR.", code=error.code
        ) from None
    try:
        return prepare(console, name, config)
    except FindingsError:
        raise InputError(
            f"The declaration in {base} has errors under environment {name}, so nothing can be compared with it.",
            next=f"Run `provisioner validate --config {base} --env {name}`.",
            code="invalid-base",
        ) from None
