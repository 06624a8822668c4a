"""The view of a saved plan: the plan, and its file."""

from __future__ import annotations

from provisioner.planning.plan import Plan
from provisioner.planning.saved_plan import SavedPlan
from provisioner.report.document import Block, joined, line
from provisioner.report.markdown import code, plain
from provisioner.report.plan_markdown import plan_markdown
from provisioner.report.plan_view import plan_view
from provisioner.report.style import Look, Span


def saved_plan_view(name: str, saved: SavedPlan, plan: Plan) -> list[Block]:
    """Return the plan in the file ``name``, below a line about the file."""
    file = line("Saved plan ", Span(name, whole=True), Span(f", {_seal(saved)}", Look.FAINT), hang=2)
    return joined([[file], plan_view(plan)])


def saved_plan_markdown(name: str, saved: SavedPlan, plan: Plan) -> str:
    """Return the plan as a comment, with a line about the file at its end."""
    return f"{plan_markdown(plan)}\nSaved plan {code(name)}, {plain(_seal(saved))}.\n"


def _seal(saved: SavedPlan) -> str:
    return f"saved at {saved.saved_at} by provisioner {saved.tool_version}, {saved.document['digest']}"
