"""The plan as a comment on a pull request: the important parts visible, the fields folded.

The comment omits what does not fit: first the fields of harmless changes, then all fields, then the rows of harmless
changes, then the impact, then everything but the names of changes with a risk.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from provisioner.errors import ProvisionerError
from provisioner.model.names import environment_option
from provisioner.model.types import Risk
from provisioner.planning.plan import Action, Change, FieldChange, Plan
from provisioner.report import comments, plan_words
from provisioner.report.comments import BADGES, LONGEST, Comment, Level, folded, place_of
from provisioner.report.json import place
from provisioner.report.markdown import code, fenced, html_code, plain, table_of
from provisioner.words import counted

if TYPE_CHECKING:
    from provisioner.planning.saved_plan import SavedPlan

__all__ = ["LONGEST", "plan_markdown", "plans_markdown", "saved_plan_markdown"]

_LEFT_OUT = {
    Level.RISKY_FIELDS: "the fields of changes without risk",
    Level.NO_FIELDS: "the fields of all changes, and the names of what is not managed",
    Level.RISKY_ROWS: "all fields, and the changes without risk",
    Level.NO_IMPACT: "all fields, the changes without risk, and what the changes mean for customers",
    Level.NAMES: "everything but the sums and the names of changes with a risk",
    Level.SUMS: "everything but the sums",
}


def plan_markdown(plan: Plan) -> str:
    """Return one plan, in at most 65,000 characters."""
    return plans_markdown([(plan.environment, plan)])


def plans_markdown(plans: Sequence[tuple[str, Plan | ProvisionerError]]) -> str:
    """Return several environments, one after another and a table at the end, in at most 65,000 characters together."""
    return _COMMENT.of(plans)


def saved_plan_markdown(name: str, saved: SavedPlan, plan: Plan) -> str:
    """Return the plan in the file ``name`` as a comment, with a line about the file at its end."""
    return f"{plan_markdown(plan)}\nSaved plan {code(name)}, {plain(plan_words.seal(saved))}.\n"


def _one(plan: Plan, level: Level, most: int) -> list[str]:
    parts = [f"**{plan_words.last_line(plan)}**", _origin(plan)]
    if plan.narrowed:
        parts.append(plan_words.NARROWED)
    parts += _COMMENT.omission(level, _command(plan))
    if level is Level.NAMES:
        return [*parts, *_counted_obstacles(plan), *comments.names_by_risk(_risky(plan), most)]
    if level is Level.SUMS:
        return parts
    unread = (
        f"{code(each.what)} could not be read: {plain(each.reason)} **Needed:** {plain(each.needed)}"
        for each in plan_words.unread(plan)
    )
    parts += comments.section(plan_words.INCOMPLETE, unread)
    parts += comments.guards(plan_words.BLOCKED, plan_words.guards(plan))
    parts += [*_table(plan, level), *_impact(plan, level), *_details(plan, level), *_rest(plan, level)]
    return [*parts, *comments.findings(plan.warnings)]


def _origin(plan: Plan) -> str:
    if plan.compared_with is not None:
        return f"No org was read: compared with the declaration in {code(plan.compared_with)}."
    return comments.org_sentence(plan)


def _command(plan: Plan) -> str:
    offline = f" --offline --base {plan.compared_with}" if plan.compared_with is not None else ""
    return f"provisioner plan {environment_option(plan.environment)}{offline}"


def _counted_obstacles(plan: Plan) -> list[str]:
    unread = plan_words.unread(plan)
    return [
        *([f"**{plan_words.INCOMPLETE}:** {counted(len(unread), 'part')} not read."] if unread else []),
        *comments.by_kind(f"**{plan_words.BLOCKED}:**", (each.guard for each in plan_words.guards(plan))),
        *comments.by_kind("Warnings:", (each.rule for each in plan.warnings)),
    ]


def _risky(plan: Plan) -> list[Change]:
    return [each for each in plan.changes if each.risk is not Risk.NONE]


def _shown(plan: Plan, level: Level) -> Sequence[Change]:
    return plan.changes if level < Level.RISKY_ROWS else _risky(plan)


def _table(plan: Plan, level: Level) -> list[str]:
    rows = [
        (
            f"{code(plan_words.SIGNS[each.action])} {each.action.value}",
            code(each.address),
            BADGES[each.risk],
            place_of(each.declared_at),
        )
        for each in _shown(plan, level)
    ]
    return [table_of(("Action", "Component", "Risk", "Declared at"), rows)] if rows else []


def _impact(plan: Plan, level: Level) -> list[str]:
    if level >= Level.NO_IMPACT:
        return []
    items = (f"{code(each.address)}: {plain(words)}" for each in _shown(plan, level) for words in each.impact)
    return comments.section("What it means for customers", items)


def _details(plan: Plan, level: Level) -> list[str]:
    if level >= Level.NO_FIELDS:
        return []
    changes = plan.changes if level is Level.ALL else _risky(plan)
    return [folded(html_code(each.address) + f" {each.action.value}", _diff(each)) for each in changes]


def _diff(change: Change) -> str:
    lines = [f"# {plan_words.why(change)}; risk: {change.risk.value}"]
    for field in change.fields:
        lines += _field(field)
    lines += [f"- {removal}" for removal in change.removals]
    return fenced(lines, "diff")


def _field(field: FieldChange) -> list[str]:
    at = place(field.declared_at)
    tail = "".join((f"  ({field.risk.value})" if field.risk is not Risk.NONE else "", f"  {at}" if at else ""))
    before, after = field.before, field.after
    if members := plan_words.changed_members(before, after):
        return [f"  {field.path}:{tail}", *(f"{sign}   {name}" for sign, name in members)]
    lines = [f"- {field.path}: {plan_words.value(before)}"] if before not in (None, ()) else []
    if after not in (None, ()):
        lines.append(f"+ {field.path}: {plan_words.value(after)}")
    return [*lines[:-1], lines[-1] + tail] if lines else []


def _rest(plan: Plan, level: Level) -> list[str]:
    """Return the parts of the org that the plan leaves alone: with their names, or their numbers."""
    named = level < Level.NO_FIELDS
    parts = []
    if plan.unmanaged:
        title = f"Not managed, left alone: {len(plan.unmanaged)}"
        parts.append(folded(title, ", ".join(code(each.address) for each in plan.unmanaged)) if named else f"{title}.")
    if plan.external:
        names = ", ".join(code(each.address) for each in plan.external)
        parts.append(f"{plan_words.OWNED_ELSEWHERE}: {names if named else len(plan.external)}.")
    if plan.preserved:
        parts.append("\n".join(f"- {code(each.address)}: {plain(each.what)}" for each in plan.preserved))
    if plan.not_in_force:
        title = f"{plan_words.NOT_IN_FORCE}: {len(plan.not_in_force)}"
        lines = (f"- {code(each.address)}: {plain(plan_words.not_in_force(each))}" for each in plan.not_in_force)
        parts.append(folded(title, "\n".join(lines)) if named else f"{title}.")
    return parts


def _sums(plans: Sequence[tuple[str, Plan | ProvisionerError]]) -> str:
    head = ("Environment", *(action.value.capitalize() for action in Action), "Unchanged", "Risk", "State")
    rows: list[list[str]] = []
    for name, each in plans:
        if isinstance(each, Plan):
            numbers = [str(each.count(action)) for action in Action]
            rows.append([code(name), *numbers, str(len(each.unchanged)), BADGES[each.risk], plan_words.state(each)])
        else:
            rows.append([code(name), *"-----", f"error: {code(each.code)}"])
    return table_of(head, rows, right=range(1, 5))


_COMMENT: Comment[Plan] = Comment(
    title="Plan for",
    place="a comment",
    left_out=_LEFT_OUT,
    one=_one,
    table=_sums,
    named=_risky,
    number=lambda number: f"{counted(number, 'change')} with a risk",
    command="provisioner plan --env NAME",
)
