"""The view of a plan: every change field by field, its impact, and the guards that refuse it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from provisioner.errors import ProvisionerError
from provisioner.model.types import Risk
from provisioner.planning.plan import Action, Change, OwnedElsewhere, Plan, Unmanaged
from provisioner.report import plan_words
from provisioner.report.document import Block, Fitted, Sum, heading, joined, line, table
from provisioner.report.failures import FailuresView, failure_state
from provisioner.report.findings_view import ReadLines
from provisioner.report.plan_fields import RISK_LOOKS, field_lines
from provisioner.report.plan_parts import at, guard_lines, unread_lines, warning_lines
from provisioner.report.style import Look, Part, Row, Span, Style
from provisioner.report.terminal import terminal

ACTION_LOOKS = {Action.CREATE: Look.GOOD, Action.UPDATE: Look.CHANGED, Action.DELETE: Look.BAD}


def plan_view(plan: Plan, title: str = "Plan for", affected: str = "customers") -> list[Block]:
    """Return the whole plan; its last line is its sum, or exactly ``No changes.``

    ``title`` precedes the environment's name; ``affected`` names the users who notice an impact.
    """
    unread = ((each.what, each.reason, each.needed) for each in plan_words.unread(plan))
    look = Look.GOOD if plan_words.has_nothing_to_do(plan) else Look.STRONG
    return joined([
        _head(plan, title),
        unread_lines("This plan is incomplete, and apply refuses it. Could not be read:", unread),
        [_legend(affected)] if plan.changes else [],
        *map(_change, plan.changes),
        _unmanaged(plan),
        _external(plan),
        _preserved(plan),
        _not_in_force(plan),
        warning_lines(plan.warnings),
        guard_lines("Blocked. Apply refuses this plan:", plan_words.guards(plan)),
        [Sum(plan_words.last_line(plan), look)],
    ])  # fmt: skip


def plans_view(
    plans: Sequence[tuple[str, Plan | ProvisionerError]], read_lines: ReadLines = lambda _: ()
) -> list[Block]:
    """Return several environments, one after another, and a table of all if there are several."""
    failures = FailuresView(read_lines)
    parts = [
        plan_view(each) if isinstance(each, Plan) else failures.blocks("Plan for", name, each) for name, each in plans
    ]
    if len(plans) > 1:
        parts.append([_table(plans)])
    return joined(parts, gap=2)


def _head(plan: Plan, title: str) -> list[Block]:
    lines = [heading(f"{title} {plan.environment}")]
    lines.append(line(Span(plan_words.org_line(plan), Look.FAINT), indent=2))
    if plan.narrowed:
        lines.append(line("Only the targets were planned; the rest of the declaration was not compared.", indent=2))
    return lines


def _legend(affected: str) -> Block:
    parts: list[Part] = []
    for action, sign in plan_words.SIGNS.items():
        parts += [Span(sign, ACTION_LOOKS[action]), f" {action.value}   "]
    return line(*parts, Span("!", Look.CAREFUL), f" what it means for {affected}", indent=2)


def _change(change: Change) -> list[Block]:
    look = ACTION_LOOKS[change.action]
    parts: list[Part] = [
        Span(change.address, Look.STRONG, whole=True),
    ]
    lines = [line(*parts, *at(change.declared_at), mark=Span(plan_words.SIGNS[change.action], look), hang=4)]
    risk = Span(f"risk: {change.risk.value}", RISK_LOOKS[change.risk], whole=True)
    lines.append(line(f"{plan_words.why(change)};  ", risk, indent=4))
    lines.append(Fitted(partial(field_lines, change), "diff"))
    lines += [line(removal, mark=Span("-", Look.BAD), indent=4, hang=6) for removal in change.removals]
    lines += [line(f"impact: {sentence}", mark=Span("!", Look.CAREFUL), indent=4, hang=6) for sentence in change.impact]
    return lines


def _unmanaged(plan: Plan) -> list[Block]:
    if not plan.unmanaged:
        return []
    lines = [line("Not managed (the org has them, the declaration does not name them; they are left alone):")]
    return [*lines, _addresses(plan.unmanaged)]


def _external(plan: Plan) -> list[Block]:
    return [line(f"{plan_words.OWNED_ELSEWHERE}:"), _addresses(plan.external)] if plan.external else []


def _addresses(components: Sequence[Unmanaged | OwnedElsewhere]) -> Block:
    addresses: list[Part] = []
    for each in components:
        addresses += [", "] if addresses else []
        addresses.append(Span(each.address, whole=True))
    return line(*addresses, indent=2)


def _preserved(plan: Plan) -> list[Block]:
    if not plan.preserved:
        return []
    lines = [line("Kept as it is:")]
    lines += [line(Span(each.address, whole=True), "  " + each.what, indent=2, hang=4) for each in plan.preserved]
    return lines


def _not_in_force(plan: Plan) -> list[Block]:
    if not plan.not_in_force:
        return []
    lines = [line(f"{plan_words.NOT_IN_FORCE}:")]
    for each in plan.not_in_force:
        words = "  " + plan_words.not_in_force(each)
        lines.append(line(Span(each.address, whole=True), words, *at(each.declared_at), indent=2, hang=4))
    return lines


def _table(plans: Sequence[tuple[str, Plan | ProvisionerError]]) -> Block:
    head = ("environment", "create", "update", "delete", "unchanged", "risk", "state")
    rows: list[Row] = []
    for name, each in plans:
        if isinstance(each, Plan):
            numbers = [str(each.count(action)) for action in Action]
            risk = Span(each.risk.value, RISK_LOOKS[each.risk] if each.risk is not Risk.NONE else Look.PLAIN)
            rows.append([name, *numbers, str(len(each.unchanged)), risk, _state(each)])
        else:
            rows.append([name, "-", "-", "-", "-", "-", failure_state(each)])
    return table(rows, head=head, right=(1, 2, 3, 4))


def _state(plan: Plan) -> Span:
    look = Look.GOOD if plan.is_empty else Look.CHANGED
    return Span(plan_words.state(plan), Look.DANGER if plan_words.obstacles(plan) else look)


def plan_terminal(plan: Plan, style: Style) -> str:
    """Return the plan as text for a terminal."""
    return terminal(plan_view(plan), style)
