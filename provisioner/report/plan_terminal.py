"""A plan at a terminal."""

from __future__ import annotations

from provisioner.planning.plan import Plan
from provisioner.report.plan_view import plan_view
from provisioner.report.style import Style
from provisioner.report.terminal import terminal


def plan_terminal(plan: Plan, style: Style) -> str:
    """Return the plan as text for a terminal."""
    return terminal(plan_view(plan), style)
