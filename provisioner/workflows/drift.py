"""``drift``: the differences of one or several environments from the declaration."""

from __future__ import annotations

from collections.abc import Sequence

from provisioner.errors import ProvisionerError
from provisioner.planning.drift import Drift, drift_of
from provisioner.planning.guards import Allowed
from provisioner.workflows.connect import connected
from provisioner.workflows.console import Console
from provisioner.workflows.prepare import observe, prepare
from provisioner.workflows.side_by_side import side_by_side


def drift_all(console: Console, names: Sequence[str], *, several: bool) -> list[tuple[str, Drift | ProvisionerError]]:
    """Return the drift of each environment, or its error. Without ``several`` there is one, and its error is raised."""
    if not several:
        return [(names[0], _drift(console, names[0]))]
    return side_by_side(names, lambda name: _drift(console, name))


def _drift(console: Console, name: str) -> Drift:
    prepared = prepare(console, name)
    with connected(console, prepared.environment) as org:
        snapshot = observe(console, org, prepared.environment, prepared.estate)
        user_id = org.session.user_id
    allowed = Allowed(production=prepared.environment.production)
    return drift_of(prepared.planner(console, allowed, ())(snapshot), snapshot, user_id)
