"""The drift as the body of an issue: the differences first, the fields of each component below them.

An issue holds 65,536 characters. The text omits what does not fit and says so: first components that are not declared
and the fields, then everything but the names, then the last names, then everything but the table of all environments.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from provisioner.errors import ProvisionerError
from provisioner.model.names import environment_option
from provisioner.planning.drift import Drift, LastChange
from provisioner.planning.plan import Change, OwnedElsewhere, Unmanaged
from provisioner.report import drift_words, plan_words
from provisioner.report.errors import failure_markdown
from provisioner.report.fitting import LONGEST, by_kind, names_by_risk, number_that_fits, worst_first
from provisioner.report.markdown import code, plain
from provisioner.words import counted

__all__ = ["FIELDS_IN_SIGHT", "LONGEST", "drift_markdown", "drifts_markdown"]

#: A longer list of fields is folded.
FIELDS_IN_SIGHT = 20

#: The lines of the table above its rows.
_HEAD = 2
_SAID = "Left out, to fit into an issue:"


class _Level(IntEnum):
    """The amount of detail."""

    ALL = 0
    NO_FIELDS = 1
    NAMES = 2
    SUMS = 3


_LEFT_OUT = {
    _Level.NO_FIELDS: "the fields, and what is not declared",
    _Level.NAMES: "everything but the sums and the names",
    _Level.SUMS: "everything but the sums",
}


def drift_markdown(drift: Drift, *, unmanaged: bool = False) -> str:
    """Return one environment, in at most 65,000 characters."""
    return drifts_markdown([(drift.environment, drift)], unmanaged=unmanaged)


def drifts_markdown(drifts: Sequence[tuple[str, Drift | ProvisionerError]], *, unmanaged: bool = False) -> str:
    """Return several environments, one after another and a table at the end, in at most 65,000 characters together."""
    texts = (_told(drifts, level, unmanaged) for level in _Level)
    return next((text for text in texts if len(text) <= LONGEST), None) or _table_alone(drifts, unmanaged)


def _told(drifts: Sequence[tuple[str, Drift | ProvisionerError]], level: _Level, unmanaged: bool) -> str:
    """Return the text at a level; at ``NAMES``, with as many names of each environment as fit."""
    text = _all(drifts, level, unmanaged)
    if level is not _Level.NAMES:
        return text
    names = [[code(change.address) for change in worst_first(_changes(each))] for _, each in drifts]
    return _all(drifts, level, unmanaged, number_that_fits(LONGEST - len(text), names))


def _all(drifts: Sequence[tuple[str, Drift | ProvisionerError]], level: _Level, unmanaged: bool, most: int = 0) -> str:
    parts = [_one(name, each, level, unmanaged, most) for name, each in drifts]
    if len(drifts) > 1:
        parts.append(_sums(drifts))
    return "\n\n".join(parts) + "\n"


def _table_alone(drifts: Sequence[tuple[str, Drift | ProvisionerError]], unmanaged: bool) -> str:
    """Return the table of all environments, with as many rows as fit."""
    command = "provisioner drift --env NAME" + (" --unmanaged" if unmanaged else "")
    rows = _sums(drifts).splitlines()
    most = number_that_fits(LONGEST - 1_000, [rows]) - _HEAD
    said = f"{_SAID} everything but this table. All of it: {code(command)}"
    parts = ["### Drift", said, "\n".join(rows[: _HEAD + most])]
    if rest := drifts[most:]:
        different = sum(len(_changes(each)) for _, each in rest)
        parts.append(f"And {counted(len(rest), 'more environment')} with {counted(different, 'difference')}.")
    return "\n\n".join(parts) + "\n"


def _changes(drift: Drift | ProvisionerError) -> Sequence[Change]:
    return drift.plan.changes if isinstance(drift, Drift) else ()


def _one(name: str, drift: Drift | ProvisionerError, level: _Level, unmanaged: bool, most: int) -> str:
    if not isinstance(drift, Drift):
        return failure_markdown("Drift of", name, drift, listed=level < _Level.NAMES)
    org = drift.plan.org
    where = f"Org {code(org.id)} ({plain(plan_words.org_kind(org))}) at {code(org.instance_url)}"
    parts = [
        f"### Drift of {code(drift.environment)}",
        f"**{drift_words.last_line(drift)}**",
        f"{where}, API version {plain(drift.plan.api_version)}.",
    ]
    if level in _LEFT_OUT:
        command = f"provisioner drift {environment_option(drift.environment)}" + (" --unmanaged" if unmanaged else "")
        parts.append(f"{_SAID} {_LEFT_OUT[level]}. All of it: {code(command)}")
    if level is _Level.NAMES:
        parts += [*_counted_obstacles(drift), *names_by_risk(drift.plan.changes, most)]
    if level < _Level.NAMES:
        parts += [*_obstacles(drift), *_table(drift)]
    if level is _Level.ALL:
        parts += _all_fields(drift)
        another = drift_words.changed_by_another(drift)
        parts += [*([plain(another)] if another else []), *_external(drift)]
        parts += _unmanaged(drift) if unmanaged else []
    if level < _Level.NAMES:
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


def _counted_obstacles(drift: Drift) -> list[str]:
    parts = []
    if unread := drift.plan.unreadable:
        parts.append(f"**Could not be read; whether it drifted is not known:** {counted(len(unread), 'component')}.")
    if drift.errors:
        kinds = by_kind(each.guard for each in drift.errors)
        parts.append(f"**The declaration and the org do not fit together:** {kinds}.")
    if drift.plan.warnings:
        parts.append(f"Warnings: {by_kind(each.rule for each in drift.plan.warnings)}.")
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
    """Return two cells: the author and the time of the last change."""
    another = f" ({drift_words.ANOTHER_USER})" if change.by_another else ""
    return f"{plain(drift_words.by(change) + another)} | {plain(drift_words.when(change))}"


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
    return _with_last_change("Not declared (no drift)", drift, drift.plan.unmanaged)


def _external(drift: Drift) -> list[str]:
    return _with_last_change("Owned elsewhere (external)", drift, drift.plan.external) if drift.plan.external else []


def _with_last_change(title: str, drift: Drift, components: Sequence[Unmanaged | OwnedElsewhere]) -> list[str]:
    rows = [f"| {code(each.address)} | {_last_change(drift.last_change(each))} |" for each in components]
    return ["\n".join((f"| {title} | Last changed by | Last changed |", "|---|---|---|", *rows))]


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
