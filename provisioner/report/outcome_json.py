"""The outcome of an apply, for programs."""

from __future__ import annotations

from provisioner.execution.outcome import Outcome, Problem
from provisioner.report.shapes import FORMAT_VERSION, Json, place


def outcome_json(outcome: Outcome) -> Json:
    """Return the JSON of ``apply --format json``; ``summary`` is that of the applied plan."""
    return {
        "format_version": FORMAT_VERSION,
        "outcome": outcome.result.value,
        "environment": outcome.plan.environment,
        "org": {"id": outcome.plan.org.id, "instance_url": outcome.plan.org.instance_url},
        "deploy_id": outcome.deploy_id,
        "phase": outcome.phase,
        "converged": outcome.converged,
        "problems": [_problem(each) for each in outcome.problems],
        "summary": dict(outcome.plan.summary),
        "changes": [
            {"address": each.address, "action": each.action.value, "risk": each.risk.value}
            for each in outcome.plan.changes
        ],
        "notes": list(outcome.notes),
        "next": outcome.next,
        "exit_status": int(outcome.exit_status),
        "by": outcome.by.to_json() if outcome.by is not None else None,
    }


def _problem(problem: Problem) -> Json:
    return {
        "address": problem.address,
        "problem": problem.problem,
        "meaning": problem.meaning,
        "declared_at": place(problem.declared_at),
    }
