"""The drift of one environment: its plan, seen from the org's side."""

from __future__ import annotations

from provisioner.planning.drift import Drift, drift_of
from provisioner.planning.guards import Allowed
from provisioner.workflows.connect import connected
from provisioner.workflows.console import Console
from provisioner.workflows.prepare import observe, prepare


def environment_drift(console: Console, name: str) -> Drift:
    """Read the org of an environment, and return its differences from the declaration."""
    prepared = prepare(console, name)
    with connected(console, prepared.environment) as org:
        snapshot = observe(console, org, prepared.environment, prepared.estate)
        user_id = org.session.user_id
    allowed = Allowed(production=prepared.environment.production)
    return drift_of(prepared.planner(console, allowed, ())(snapshot), snapshot, user_id)
