"""The plan for a person: every change field by field, what it means, and what stands against it."""

from __future__ import annotations

from collections.abc import Sequence

from provisioner.diagnostics import Location
from provisioner.errors import ProvisionerError
from provisioner.model.types import Risk
from provisioner.planning.plan import Action, Blocked, Change, Plan
from provisioner.report import plan_words
from provisioner.report.failures import FailuresTerminal, failure_state
from provisioner.report.findings_terminal import ReadLines
from provisioner.report.plan_fields import RISK_LOOKS, field_lines
from provisioner.report.style import Look, Part, Row, Span, Style

ACTION_LOOKS = {Action.CREATE: Look.GOOD, Action.UPDATE: Look.CHANGED, Action.DELETE: Look.BAD}


def plan_terminal(plan: Plan, style: Style) -> str:
    """The whole plan; its last line is its sum, or exactly ``No changes.``"""
    sections = [_head(plan, style)]
    if unread := _unread(plan, style):
        sections.append(unread)
    if plan.changes:
        sections.append(_legend(style))
    sections += [_change(change, style) for change in plan.changes]
    sections += filter(
        None,
        (
            _unmanaged(plan, style),
            _preserved(plan, style),
            _not_in_force(plan, style),
            _warnings(plan, style),
            _blocked(plan, style),
        ),
    )
    look = Look.GOOD if plan_words.has_nothing_to_do(plan) else Look.STRONG
    # Never broken: whoever looks for the last line finds all of it there.
    sections.append([style.paint(plan_words.last_line(plan), look)])
    return "\n\n".join("\n".join(section) for section in sections)


def plans_terminal(
    plans: Sequence[tuple[str, Plan | ProvisionerError]], style: Style, read_lines: ReadLines = lambda _: ()
) -> str:
    """Several environments, one after another, and a table of all at the end; one environment has no table."""
    failures = FailuresTerminal(style, read_lines)
    parts = [
        plan_terminal(each, style) if isinstance(each, Plan) else failures.text("Plan for", name, each)
        for name, each in plans
    ]
    if len(plans) > 1:
        parts.append("\n".join(_table(plans, style)))
    return "\n\n\n".join(parts)


def _head(plan: Plan, style: Style) -> list[str]:
    lines = style.lines(Span(f"Plan for {plan.environment}", Look.STRONG))
    lines += style.lines(Span(plan_words.org_line(plan), Look.FAINT), indent=2)
    if plan.narrowed:
        lines += style.lines("Only the targets were planned; the rest of the declaration was not compared.", indent=2)
    return lines


def _legend(style: Style) -> list[str]:
    parts: list[Part] = []
    for action, sign in plan_words.SIGNS.items():
        parts += [Span(sign, ACTION_LOOKS[action]), f" {action.value}   "]
    return style.lines(*parts, Span("!", Look.CAREFUL), " what it means for customers", indent=2)


def _change(change: Change, style: Style) -> list[str]:
    look = ACTION_LOOKS[change.action]
    parts: list[Part] = [
        Span(plan_words.SIGNS[change.action], look),
        " ",
        Span(change.address, Look.STRONG, whole=True),
    ]
    lines = style.lines(*parts, *_at(change.declared_at), hang=4)
    risk = Span(f"risk: {change.risk.value}", RISK_LOOKS[change.risk], whole=True)
    lines += style.lines(f"{plan_words.why(change)};  ", risk, indent=4)
    lines += field_lines(change, style)
    for removal in change.removals:
        lines += style.lines(Span("-", Look.BAD), " " + removal, indent=4, hang=6)
    for sentence in change.impact:
        lines += style.lines(Span("!", Look.CAREFUL), " impact: " + sentence, indent=4, hang=6)
    return lines


def _at(place: Location | None) -> list[Part]:
    return ["  ", Span(str(place), Look.FAINT, whole=True)] if place else []


def _unmanaged(plan: Plan, style: Style) -> list[str]:
    if not plan.unmanaged:
        return []
    lines = style.lines("Not managed (the org has them, the declaration does not name them; they are left alone):")
    addresses: list[Part] = []
    for each in plan.unmanaged:
        addresses += [", "] if addresses else []
        addresses.append(Span(each.address, whole=True))
    return lines + style.lines(*addresses, indent=2)


def _preserved(plan: Plan, style: Style) -> list[str]:
    if not plan.preserved:
        return []
    lines = style.lines("Kept as it is:")
    for each in plan.preserved:
        lines += style.lines(Span(each.address, whole=True), "  " + each.what, indent=2, hang=4)
    return lines


def _not_in_force(plan: Plan, style: Style) -> list[str]:
    if not plan.not_in_force:
        return []
    lines = style.lines(f"{plan_words.NOT_IN_FORCE}:")
    for each in plan.not_in_force:
        words = "  " + plan_words.not_in_force(each)
        lines += style.lines(Span(each.address, whole=True), words, *_at(each.declared_at), indent=2, hang=4)
    return lines


def _warnings(plan: Plan, style: Style) -> list[str]:
    lines: list[str] = []
    for each in plan.warnings:
        look = Look.DANGER if each.is_error else Look.CAREFUL
        about: list[Part] = [Span(each.address, whole=True), "  "] if each.address else []
        lines += style.lines(
            Span(each.severity.value, look), f" {each.rule}  ", *about, *_at(each.location)[1:], hang=4
        )
        lines += style.lines(each.message, indent=4)
        lines += style.lines(Span("Fix:", Look.STRONG), " " + each.fix, indent=4, hang=6)
    return lines


def _unread(plan: Plan, style: Style) -> list[str]:
    found = plan_words.unread(plan)
    if not found:
        return []
    lines = style.lines(Span("This plan is incomplete, and apply refuses it. Could not be read:", Look.DANGER))
    for each in found:
        lines += style.lines(Span("!", Look.DANGER), " ", Span(each.what, Look.STRONG, whole=True), indent=2, hang=4)
        lines += style.lines(each.reason, indent=4)
        lines += style.lines(Span("Needed:", Look.STRONG), " " + each.needed, indent=4, hang=6)
    return lines


def _blocked(plan: Plan, style: Style) -> list[str]:
    guards = plan_words.guards(plan)
    if not guards:
        return []
    lines = style.lines(Span("Blocked. Apply refuses this plan:", Look.DANGER))
    for each in guards:
        lines += _guard(each, style)
    return lines


def _guard(blocked: Blocked, style: Style) -> list[str]:
    address: list[Part] = ["  ", Span(blocked.address, Look.STRONG, whole=True)] if blocked.address else []
    return [
        *style.lines(
            Span("!", Look.DANGER), f" {blocked.guard}", *address, *_at(blocked.declared_at), indent=2, hang=4
        ),
        *style.lines(blocked.message, indent=4),
        *style.lines(Span("Next:", Look.STRONG), " " + blocked.next, indent=4, hang=6),
    ]


def _table(plans: Sequence[tuple[str, Plan | ProvisionerError]], style: Style) -> list[str]:
    head = ("environment", "create", "update", "delete", "unchanged", "risk", "state")
    rows: list[Row] = [[Span(word, Look.STRONG) for word in head]]
    for name, each in plans:
        if isinstance(each, Plan):
            numbers = [str(each.count(action)) for action in Action]
            risk = Span(each.risk.value, RISK_LOOKS[each.risk] if each.risk is not Risk.NONE else Look.PLAIN)
            rows.append([name, *numbers, str(len(each.unchanged)), risk, _state(each)])
        else:
            rows.append([name, "-", "-", "-", "-", "-", failure_state(each)])
    return style.table(rows, right=(1, 2, 3, 4))


def _state(plan: Plan) -> Span:
    look = Look.GOOD if plan.is_empty else Look.CHANGED
    return Span(plan_words.state(plan), Look.DANGER if plan_words.obstacles(plan) else look)
