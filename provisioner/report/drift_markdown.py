"""The drift as an issue's body: what differs in sight, each component's fields below it.

An issue holds 65,536 characters. What does not fit is left out, and the text says so: first what is not declared and
the fields, then everything but the sums, then everything but the table of all environments.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from provisioner.errors import ProvisionerError
from provisioner.planning.drift import Drift, LastChange
from provisioner.planning.plan import Change
from provisioner.report import drift_words, plan_words
from provisioner.report.failures import failure_markdown
from provisioner.report.markdown import code, plain

LONGEST = 65_000
#: More fields than that are folded away.
FIELDS_IN_SIGHT = 20


class _Level(IntEnum):
    """How much is told."""

    ALL = 0
    NO_FIELDS = 1
    SUMS = 2
    TABLE = 3


_LEFT_OUT = {
    _Level.NO_FIELDS: "the fields, and what is not declared",
    _Level.SUMS: "everything but the sums",
}


def drift_markdown(drift: Drift, *, unmanaged: bool = False) -> str:
    """One environment, in at most 65,000 characters."""
    return drifts_markdown([(drift.environment, drift)], unmanaged=unmanaged)


def drifts_markdown(drifts: Sequence[tuple[str, Drift | ProvisionerError]], *, unmanaged: bool = False) -> str:
    """Several environments, one after another and a table at the end, in at most 65,000 characters together."""
    fitting = (text for level in _Level if len(text := _all(drifts, level, unmanaged)) <= LONGEST)
    return next(fitting, _all(drifts, _Level.TABLE, unmanaged))


def _all(drifts: Sequence[tuple[str, Drift | ProvisionerError]], level: _Level, unmanaged: bool) -> str:
    if level is _Level.TABLE:
        command = "provisioner drift --env NAME" + (" --unmanaged" if unmanaged else "")
        said = f"Left out, to fit into an issue: everything but this table. All of it: {code(command)}"
        return f"### Drift\n\n{said}\n\n{_sums(drifts)}\n"
    parts = [_one(name, each, level, unmanaged) for name, each in drifts]
    if len(drifts) > 1:
        parts.append(_sums(drifts))
    return "\n\n".join(parts) + "\n"


def _one(name: str, drift: Drift | ProvisionerError, level: _Level, unmanaged: bool) -> str:
    if not isinstance(drift, Drift):
        return failure_markdown("Drift of", name, drift, listed=level < _Level.SUMS)
    org = drift.plan.org
    where = f"Org {code(org.id)} ({plain(plan_words.org_kind(org))}) at {code(org.instance_url)}"
    parts = [
        f"### Drift of {code(drift.environment)}",
        f"**{drift_words.last_line(drift)}**",
        f"{where}, API version {plain(drift.plan.api_version)}.",
    ]
    if level in _LEFT_OUT:
        command = f"provisioner drift --env {drift.environment}" + (" --unmanaged" if unmanaged else "")
        parts.append(f"Left out, to fit into an issue: {_LEFT_OUT[level]}. All of it: {code(command)}")
    if level < _Level.SUMS:
        parts += [*_obstacles(drift), *_table(drift)]
    if level is _Level.ALL:
        parts += _all_fields(drift)
        parts += _unmanaged(drift) if unmanaged else []
    if level < _Level.SUMS:
        parts += _warnings(drift)
    if drift.plan.changes:
        parts.append(f"**Next:** {drift_words.ways_out(drift, code)}")
    return "\n\n".join(parts)


def _obstacles(drift: Drift) -> list[str]:
    parts = []
    if drift.plan.unreadable:
        lines = [
            f"- {code(address)}: {plain(why.reason)} **Needed:** {plain(why.permission)}"
            for address, why in drift.plan.unreadable.items()
        ]
        parts.append("**Could not be read; whether it drifted is not known:**\n\n" + "\n".join(lines))
    if drift.errors:
        lines = []
        for each in drift.errors:
            at = f" ({code(str(each.declared_at))})" if each.declared_at else ""
            lines.append(f"- **{plain(each.guard)}**{at}: {plain(each.message)} **Next:** {plain(each.next)}")
        parts.append("**The declaration and the org do not fit together:**\n\n" + "\n".join(lines))
    return parts


def _table(drift: Drift) -> list[str]:
    if not drift.plan.changes:
        return []
    rows = [
        f"| {code(each.address)} | {drift_words.LABELS[each.reason]} | {_last_change(drift.last_change(each))} "
        f"| {code(str(each.declared_at)) if each.declared_at else ''} |"
        for each in drift.plan.changes
    ]
    head = ("| Component | In the org | Last changed by | Last changed | Declared at |", "|---|---|---|---|---|")
    return ["\n".join((*head, *rows)), drift_words.WHICH_SIDE]


def _last_change(change: LastChange) -> str:
    """Two cells: who changed it, and when."""
    return f"{plain(drift_words.by(change))} | {plain(drift_words.when(change))}"


def _all_fields(drift: Drift) -> list[str]:
    tables = [_fields(each) for each in drift.plan.changes if each.fields]
    number = sum(len(each.fields) for each in drift.plan.changes)
    if number <= FIELDS_IN_SIGHT:
        return tables
    return [f"<details><summary>Field by field: {number}</summary>", *tables, "</details>"]


def _fields(change: Change) -> str:
    rows = [
        f"| {code(each.path)} | {code(plan_words.value(each.before))} "
        f"| {code(plan_words.value(each.after))} "
        f"| {code(str(each.declared_at)) if each.declared_at else ''} |"
        for each in change.fields
    ]
    head = (f"#### {code(change.address)}", "", "| Field | Org | Declared | Declared at |", "|---|---|---|---|")
    return "\n".join((*head, *rows))


def _unmanaged(drift: Drift) -> list[str]:
    if not drift.plan.unmanaged:
        return ["The org has nothing that the declaration does not name."]
    rows = [f"| {code(each.address)} | {_last_change(drift.last_change(each))} |" for each in drift.plan.unmanaged]
    head = ("| Not declared (no drift) | Last changed by | Last changed |", "|---|---|---|")
    return ["\n".join((*head, *rows))]


def _warnings(drift: Drift) -> list[str]:
    lines = []
    for each in drift.plan.warnings:
        at = f" ({code(str(each.location))})" if each.location else ""
        lines.append(f"- {each.severity.value} {code(each.rule)}{at}: {plain(each.message)} **Fix:** {plain(each.fix)}")
    return ["\n".join(lines)] if lines else []


def _sums(drifts: Sequence[tuple[str, Drift | ProvisionerError]]) -> str:
    rows = []
    for name, each in drifts:
        if isinstance(each, Drift):
            numbers = " | ".join(str(each.count(difference)) for difference in drift_words.LABELS)
            rows.append(f"| {code(name)} | {numbers} | {len(each.plan.unchanged)} | {drift_words.state(each)} |")
        else:
            rows.append(f"| {code(name)} | - | - | - | - | error: {code(each.code)} |")
    labels = " | ".join(label.capitalize() for label in drift_words.LABELS.values())
    return "\n".join((f"| Environment | {labels} | As declared | State |", "|---|--:|--:|--:|--:|---|", *rows))
