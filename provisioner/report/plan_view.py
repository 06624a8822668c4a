"""The view of a plan: every change field by field, its impact, and the guards that refuse it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from provisioner.diagnostics import Diagnostic
from provisioner.errors import ExitStatus, ProvisionerError
from provisioner.model.types import Risk
from provisioner.planning.plan import Action, Blocked, Change, FieldChange, OwnedElsewhere, Plan, Unmanaged
from provisioner.report import plan_words
from provisioner.report.document import Block, Fitted, Sum, at, heading, joined, labelled, line, table
from provisioner.report.errors import environments_views, failure_state
from provisioner.report.findings import ReadLines, rule_lines
from provisioner.report.junit import Case, Suite, case_of, error_cases, finding_case
from provisioner.report.style import Look, Part, Row, Span, Style
from provisioner.report.visible import cells, visible

if TYPE_CHECKING:
    from provisioner.planning.saved_plan import SavedPlan

ACTION_LOOKS = {Action.CREATE: Look.GOOD, Action.UPDATE: Look.CHANGED, Action.DELETE: Look.BAD}
_SIGN = Span("!", Look.DANGER)


def plan_view(plan: Plan, title: str = "Plan for", affected: str = "customers") -> list[Block]:
    """Return the whole plan; its last line is its sum, or exactly ``No changes.``

    ``title`` precedes the environment's name; ``affected`` names the users who notice an impact.
    """
    unread = ((each.what, each.reason, each.needed) for each in plan_words.unread(plan))
    look = Look.GOOD if plan_words.has_nothing_to_do(plan) else Look.STRONG
    return joined([
        _head(plan, title),
        unread_lines(f"{plan_words.INCOMPLETE}. Could not be read:", unread),
        [_legend(affected)] if plan.changes else [],
        *map(_change, plan.changes),
        _unmanaged(plan),
        _external(plan),
        _preserved(plan),
        _not_in_force(plan),
        warning_lines(plan.warnings),
        guard_lines(f"{plan_words.BLOCKED}:", plan_words.guards(plan)),
        [Sum(plan_words.last_line(plan), look)],
    ])  # fmt: skip


def plans_view(
    plans: Sequence[tuple[str, Plan | ProvisionerError]], read_lines: ReadLines = lambda _: ()
) -> list[Block]:
    """Return several environments, one after another, and a table of all if there are several."""
    parts = environments_views("Plan for", plans, plan_view, read_lines)
    if len(plans) > 1:
        parts.append([_table(plans)])
    return joined(parts, gap=2)


def _head(plan: Plan, title: str) -> list[Block]:
    lines = [heading(f"{title} {plan.environment}")]
    lines.append(line(Span(plan_words.org_line(plan), Look.FAINT), indent=2))
    if plan.narrowed:
        lines.append(line(plan_words.NARROWED, indent=2))
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


def warning_lines(warnings: Iterable[Diagnostic]) -> list[Block]:
    """Return each warning with its fix."""
    blocks: list[Block] = []
    for each in warnings:
        about: list[Part] = ["  ", Span(each.address, whole=True)] if each.address else []
        blocks += rule_lines(each, *about, *at(each.location), below=4)
    return blocks


def unread_lines(title: str, parts: Iterable[tuple[str, str, str]]) -> list[Block]:
    """Return the unreadable parts, each with the reason and the required permission; nothing if everything was read."""
    blocks: list[Block] = []
    for what, reason, needed in parts:
        blocks.append(line(Span(what, Look.STRONG, whole=True), mark=_SIGN, indent=2, hang=4))
        blocks += [line(reason, indent=4), labelled("Needed:", needed, indent=4)]
    return [line(Span(title, Look.DANGER)), *blocks] if blocks else []


def guard_lines(title: str, guards: Sequence[Blocked]) -> list[Block]:
    """Return the guards that refuse a plan, each with its next step; nothing if there are none."""
    blocks: list[Block] = []
    for each in guards:
        about: list[Part] = ["  ", Span(each.address, Look.STRONG, whole=True)] if each.address else []
        blocks.append(line(each.guard, *about, *at(each.declared_at), mark=_SIGN, indent=2, hang=4))
        blocks += [line(each.message, indent=4), labelled("Next:", each.next, indent=4)]
    return [line(Span(title, Look.DANGER)), *blocks] if blocks else []


def saved_plan_view(name: str, saved: SavedPlan, plan: Plan) -> list[Block]:
    """Return the plan in the file ``name``, below a line about the file."""
    file = line("Saved plan ", Span(name, whole=True), Span(f", {plan_words.seal(saved)}", Look.FAINT), hang=2)
    return joined([[file], plan_view(plan)])


def plans_suites(plans: Sequence[tuple[str, Plan | ProvisionerError]], *, detailed: bool) -> list[Suite]:
    """Return a suite for each environment. Changes fail only if ``detailed`` makes them an exit status."""
    return [Suite(name, tuple(_cases(each, detailed))) for name, each in plans]


def _cases(plan: Plan | ProvisionerError, detailed: bool) -> Iterable[Case]:
    if isinstance(plan, ProvisionerError):
        yield from error_cases(plan)
        return
    for part in plan_words.unread(plan):
        yield case_of(part.what, True, f"Could not be read: {part.reason}", f"Needed: {part.needed}")
    for guard in plan_words.guards(plan):
        yield guard_case(guard, guard.exit_status is ExitStatus.WRONG_INPUT)
    for change in plan.changes:
        yield case_of(change.address, detailed, plan_words.why(change), *_change_text(change))
    yield from (Case(address) for address in plan.unchanged)
    yield from (finding_case(each, fails=False) for each in plan.warnings)


def _change_text(change: Change) -> Iterable[str]:
    for field in change.fields:
        before, after = (plan_words.value(value) for value in (field.before, field.after))
        yield f"{field.path}: {before} -> {after}"
    yield from change.impact
    yield f"risk: {change.risk.value}"


def guard_case(guard: Blocked, fails: bool) -> Case:
    """Return the case of a guard."""
    where = [f"At: {guard.declared_at}"] if guard.declared_at else []
    name = " ".join(filter(None, (guard.guard, guard.address)))
    return case_of(name, fails, guard.message, f"Next: {guard.next}", *where)


_INDENT = 4
#: "+ " before a field's path.
_SIGN_WIDTH = 2
_ARROW = "  ->  "
_SIGN_LOOKS = {"+": Look.GOOD, "-": Look.BAD, "~": Look.CHANGED, " ": Look.PLAIN}
RISK_LOOKS = {
    Risk.NONE: Look.FAINT,
    Risk.DISRUPTIVE: Look.CAREFUL,
    Risk.PERMANENT: Look.DANGER,
    Risk.DESTRUCTIVE: Look.DANGER,
}


def field_lines(change: Change, style: Style) -> list[str]:
    """Return all fields of a change, their values aligned."""
    shown = [_Field(field, change) for field in change.fields]
    longest = style.width // 2 - _INDENT
    path_width = max((each.path_width for each in shown if each.path_width <= longest), default=0)
    at = _INDENT + _SIGN_WIDTH + path_width + 2
    room = style.width - at
    in_line = [each for each in shown if each.is_pair and each.path_width <= path_width and each.fits(room)]
    before_width = max((cells(each.before) for each in in_line), default=0)
    lines: list[str] = []
    for each in shown:
        if each in in_line and each.fits(room, before_width):
            lines += each.in_line(style, path_width, before_width)
        else:
            lines += each.stacked(style, path_width, at)
    return lines


def at_field(field: FieldChange, change: Change) -> list[Part]:
    """Return the place after a field, unless it is that of the change; in the same file only the line."""
    place, beside = field.declared_at, change.declared_at
    if place is None or place == beside:
        return []
    return at(f"line {place.line}" if beside is not None and beside.file == place.file else place)


class _Field:
    """One field, with its texts prepared."""

    def __init__(self, field: FieldChange, change: Change) -> None:
        self.field = field
        self.path = visible(field.path)
        self.path_width = cells(self.path)
        self.before, self.after = plan_words.value(field.before), plan_words.value(field.after)
        self.sign = "+" if field.before in (None, ()) else "-" if field.after in (None, ()) else "~"
        self.members = plan_words.changed_members(field.before, field.after)
        self.is_pair = self.sign == "~" and not self.members
        self.tail = [*self._risk(change.action), *at_field(field, change)]

    def _risk(self, action: Action) -> list[Part]:
        """Return the field's own risk, after its value. A deletion shows its risk at the change."""
        if self.field.risk is Risk.NONE or action is Action.DELETE:
            return []
        return ["  ", Span(f"({self.field.risk.value})", RISK_LOOKS[self.field.risk])]

    def fits(self, room: int, before_width: int = 0) -> bool:
        """Return whether before -> after fits into ``room`` columns."""
        return max(before_width, cells(self.before)) + len(_ARROW) + cells(self.after) <= room

    def in_line(self, style: Style, path_width: int, before_width: int) -> list[str]:
        """Return before -> after in columns."""
        parts: list[Part] = [
            Span(self.sign, _SIGN_LOOKS[self.sign]), " ", Span(self.path, whole=True),
            " " * (path_width - self.path_width + 2),
            Span(self.before, whole=True), " " * (before_width - cells(self.before)), _ARROW,
            Span(self.after, Look.STRONG, whole=True),
        ]  # fmt: skip
        return style.lines(*parts, *self.tail, indent=_INDENT, hang=_INDENT + _SIGN_WIDTH + path_width + 2)

    def stacked(self, style: Style, path_width: int, at: int) -> list[str]:
        """Return a value that is too wide for the columns: a list by its members, a pair on separate lines."""
        head: list[Part] = [Span(self.sign, _SIGN_LOOKS[self.sign]), " ", Span(self.path, whole=True)]
        below = _INDENT + _SIGN_WIDTH + 2
        if self.members:
            lines = style.lines(*head, *self.tail, indent=_INDENT, hang=below)
            for sign, member in self.members:
                marked = Span(f"{sign} ", _SIGN_LOOKS[sign], whole=True)
                lines += style.lines(marked, Span(member, whole=True), indent=below)
            return lines
        value: list[Part]
        if self.is_pair:
            value = [self.before, _ARROW, Span(self.after, Look.STRONG)]
        else:
            value = [self.after if self.sign == "+" else self.before]
        if not self.is_pair and self.path_width <= path_width:
            pad = " " * (path_width - self.path_width + 2)
            return style.lines(*head, pad, *value, *self.tail, indent=_INDENT, hang=at)
        in_one = style.lines(*head, "  ", *value, *self.tail, indent=_INDENT)
        if len(in_one) == 1:
            return in_one
        if self.is_pair:
            return [
                *style.lines(*head, *self.tail, indent=_INDENT, hang=below),
                *style.lines(Span("- ", Look.BAD, whole=True), self.before, indent=below, hang=below + 2),
                *style.lines(Span("+ ", Look.GOOD, whole=True), self.after, indent=below, hang=below + 2),
            ]
        return [*style.lines(*head, indent=_INDENT), *style.lines(*value, *self.tail, indent=below)]
