"""The plan as a comment on a pull request: the important parts visible, the fields folded.

A comment holds 65,536 characters. The comment omits what does not fit and says so: first the fields of harmless
changes, then all fields, then the rows of harmless changes, then the impact. After that only the names of changes with
a risk remain, then the first of them and the number of the others, then the sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from provisioner.errors import ProvisionerError
from provisioner.model.names import environment_option
from provisioner.model.types import Risk
from provisioner.planning.plan import Action, Change, FieldChange, Plan
from provisioner.report import plan_words
from provisioner.report.errors import failure_markdown
from provisioner.report.fitting import BADGES, LONGEST, by_kind, names_by_risk, number_that_fits, worst_first
from provisioner.report.json import place
from provisioner.report.markdown import code, fenced, html_code, plain
from provisioner.words import counted

__all__ = ["LONGEST", "plan_markdown", "plans_markdown"]

#: The lines of the table above its rows.
_HEAD = 2
_SAID = "Left out, to fit into a comment:"


class _Level(IntEnum):
    """The amount of detail."""

    ALL = 0
    RISKY_FIELDS = 1
    NO_FIELDS = 2
    RISKY_ROWS = 3
    NO_IMPACT = 4
    NAMES = 5
    SUMS = 6


_LEFT_OUT = {
    _Level.RISKY_FIELDS: "the fields of changes without risk",
    _Level.NO_FIELDS: "the fields of all changes, and the names of what is not managed",
    _Level.RISKY_ROWS: "all fields, and the changes without risk",
    _Level.NO_IMPACT: "all fields, the changes without risk, and what the changes mean for customers",
    _Level.NAMES: "everything but the sums and the names of changes with a risk",
    _Level.SUMS: "everything but the sums",
}


def plan_markdown(plan: Plan) -> str:
    """Return one plan, in at most 65,000 characters."""
    return plans_markdown([(plan.environment, plan)])


def plans_markdown(plans: Sequence[tuple[str, Plan | ProvisionerError]]) -> str:
    """Return several environments, one after another and a table at the end, in at most 65,000 characters together."""
    texts = (_told(plans, level) for level in _Level)
    return next((text for text in texts if len(text) <= LONGEST), None) or _table_alone(plans)


def _told(plans: Sequence[tuple[str, Plan | ProvisionerError]], level: _Level) -> str:
    """Return the text at a level; at ``NAMES``, with as many names of each environment as fit."""
    text = _all(plans, level)
    if level is not _Level.NAMES:
        return text
    names = [[code(change.address) for change in worst_first(_risky(each))] for _, each in plans]
    return _all(plans, level, number_that_fits(LONGEST - len(text), names))


def _all(plans: Sequence[tuple[str, Plan | ProvisionerError]], level: _Level, most: int = 0) -> str:
    parts = [_one(name, each, level, most) for name, each in plans]
    if len(plans) > 1:
        parts.append(_sums(plans))
    return "\n\n".join(parts) + "\n"


def _table_alone(plans: Sequence[tuple[str, Plan | ProvisionerError]]) -> str:
    """Return the table of all environments, with as many rows as fit."""
    said = f"{_SAID} everything but this table. All of it: {code('provisioner plan --env NAME')}"
    rows = _sums(plans).splitlines()
    most = number_that_fits(LONGEST - 1_000, [rows]) - _HEAD
    parts = ["### Plan", said, "\n".join(rows[: _HEAD + most])]
    if rest := plans[most:]:
        risky = sum(len(_risky(each)) for _, each in rest)
        parts.append(f"And {counted(len(rest), 'more environment')} with {counted(risky, 'change')} with a risk.")
    return "\n\n".join(parts) + "\n"


def _risky(plan: Plan | ProvisionerError) -> list[Change]:
    changes = plan.changes if isinstance(plan, Plan) else ()
    return [each for each in changes if each.risk is not Risk.NONE]


def _sums(plans: Sequence[tuple[str, Plan | ProvisionerError]]) -> str:
    rows = []
    for name, each in plans:
        if isinstance(each, Plan):
            numbers = " | ".join(str(each.count(action)) for action in Action)
            row = f"{numbers} | {len(each.unchanged)} | {BADGES[each.risk]} | {plan_words.state(each)}"
        else:
            row = f"- | - | - | - | - | error: {code(each.code)}"
        rows.append(f"| {code(name)} | {row} |")
    head = "| Environment | Create | Update | Delete | Unchanged | Risk | State |"
    return "\n".join((head, "|---|--:|--:|--:|--:|---|---|", *rows))


def _one(name: str, plan: Plan | ProvisionerError, level: _Level, most: int) -> str:
    if not isinstance(plan, Plan):
        return failure_markdown("Plan for", name, plan, listed=level < _Level.NAMES)
    parts = [
        f"### Plan for {code(plan.environment)}",
        f"**{plan_words.last_line(plan)}**",
        _org(plan),
    ]
    if plan.narrowed:
        parts.append("Only the targets were planned; the rest of the declaration was not compared.")
    if level in _LEFT_OUT:
        parts.append(f"{_SAID} {_LEFT_OUT[level]}. All of it: {code(_command(plan))}")
    if level is _Level.NAMES:
        parts += [*_counted_obstacles(plan), *names_by_risk(_risky(plan), most)]
    if level < _Level.NAMES:
        parts += [*_obstacles(plan), *_table(plan, level), *_impact(plan, level), *_details(plan, level)]
        parts += [*_rest(plan, level), *_warnings(plan)]
    return "\n\n".join(parts)


def _org(plan: Plan) -> str:
    if plan.compared_with is not None:
        return f"No org was read: compared with the declaration in {code(plan.compared_with)}."
    org = f"Org {code(plan.org.id)} ({plain(plan_words.org_kind(plan.org))}) at {code(plan.org.instance_url)}"
    return f"{org}, API version {plain(plan.api_version)}."


def _command(plan: Plan) -> str:
    offline = f" --offline --base {plan.compared_with}" if plan.compared_with is not None else ""
    return f"provisioner plan {environment_option(plan.environment)}{offline}"


def _obstacles(plan: Plan) -> list[str]:
    unread = [
        f"- {code(each.what)} could not be read: {plain(each.reason)} **Needed:** {plain(each.needed)}"
        for each in plan_words.unread(plan)
    ]
    lines = []
    for each in plan_words.guards(plan):
        at = f" ({code(str(each.declared_at))})" if each.declared_at else ""
        lines.append(f"- **{plain(each.guard)}**{at}: {plain(each.message)} **Next:** {plain(each.next)}")
    parts = ["**This plan is incomplete, and apply refuses it:**\n\n" + "\n".join(unread)] if unread else []
    return [*parts, "**Blocked. Apply refuses this plan:**\n\n" + "\n".join(lines)] if lines else parts


def _counted_obstacles(plan: Plan) -> list[str]:
    parts = []
    if unread := plan_words.unread(plan):
        parts.append(f"**This plan is incomplete, and apply refuses it:** {counted(len(unread), 'part')} not read.")
    if guards := plan_words.guards(plan):
        parts.append(f"**Blocked. Apply refuses this plan:** {by_kind(each.guard for each in guards)}.")
    if plan.warnings:
        parts.append(f"Warnings: {by_kind(each.rule for each in plan.warnings)}.")
    return parts


def _shown(plan: Plan, level: _Level) -> list[Change]:
    return [each for each in plan.changes if level < _Level.RISKY_ROWS or each.risk is not Risk.NONE]


def _table(plan: Plan, level: _Level) -> list[str]:
    rows = [
        f"| {code(plan_words.SIGNS[each.action])} {each.action.value} | {code(each.address)} | {BADGES[each.risk]} "
        f"| {code(str(each.declared_at)) if each.declared_at else ''} |"
        for each in _shown(plan, level)
    ]
    return ["\n".join(("| Action | Component | Risk | Declared at |", "|---|---|---|---|", *rows))] if rows else []


def _impact(plan: Plan, level: _Level) -> list[str]:
    if level >= _Level.NO_IMPACT:
        return []
    lines = [f"- {code(each.address)}: {plain(words)}" for each in _shown(plan, level) for words in each.impact]
    return ["**What it means for customers:**\n\n" + "\n".join(lines)] if lines else []


def _details(plan: Plan, level: _Level) -> list[str]:
    if level >= _Level.NO_FIELDS:
        return []
    changes = [each for each in plan.changes if level is _Level.ALL or each.risk is not Risk.NONE]
    return [_folded(html_code(each.address) + f" {each.action.value}", _diff(each)) for each in changes]


def _folded(summary: str, body: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


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
    if isinstance(before, tuple) and isinstance(after, tuple) and before and after:
        return [
            f"  {field.path}:{tail}",
            *(f"-   {name}" for name in before if name not in after),
            *(f"+   {name}" for name in after if name not in before),
            *(f"    {name}" for name in after if name in before),
        ]
    lines = [f"- {field.path}: {plan_words.value(before)}"] if before not in (None, ()) else []
    if after not in (None, ()):
        lines.append(f"+ {field.path}: {plan_words.value(after)}")
    return [*lines[:-1], lines[-1] + tail] if lines else []


def _rest(plan: Plan, level: _Level) -> list[str]:
    parts = []
    if plan.unmanaged and level < _Level.NO_FIELDS:
        body = ", ".join(code(each.address) for each in plan.unmanaged)
        parts.append(_folded(f"Not managed, left alone: {len(plan.unmanaged)}", body))
    elif plan.unmanaged:
        parts.append(f"Not managed, left alone: {len(plan.unmanaged)}.")
    if plan.external:
        names = ", ".join(code(each.address) for each in plan.external)
        parts.append(f"{plan_words.OWNED_ELSEWHERE}: {names if level < _Level.NO_FIELDS else len(plan.external)}.")
    if plan.preserved:
        parts.append("\n".join(f"- {code(each.address)}: {plain(each.what)}" for each in plan.preserved))
    if plan.not_in_force and level < _Level.NO_FIELDS:
        lines = (f"- {code(each.address)}: {plain(plan_words.not_in_force(each))}" for each in plan.not_in_force)
        parts.append(_folded(f"{plan_words.NOT_IN_FORCE}: {len(plan.not_in_force)}", "\n".join(lines)))
    elif plan.not_in_force:
        parts.append(f"{plan_words.NOT_IN_FORCE}: {len(plan.not_in_force)}.")
    return parts


def _warnings(plan: Plan) -> list[str]:
    lines = []
    for each in plan.warnings:
        at = f" ({code(str(each.location))})" if each.location else ""
        lines.append(f"- {each.severity.value} {code(each.rule)}{at}: {plain(each.message)} **Fix:** {plain(each.fix)}")
    return ["\n".join(lines)] if lines else []
