"""The drift as the body of an issue: the differences first, the fields of each component below them.

The text omits what does not fit: first components that are not declared and the fields, then everything but the names.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from provisioner.errors import ProvisionerError
from provisioner.model.names import environment_option
from provisioner.planning.drift import Drift, LastChange
from provisioner.planning.plan import Change, OwnedElsewhere, Unmanaged
from provisioner.report import comments, drift_words, plan_words
from provisioner.report.comments import LONGEST, Comment, Level, place_of
from provisioner.report.markdown import code, plain, table_of
from provisioner.words import counted

__all__ = ["FIELDS_IN_SIGHT", "LONGEST", "drift_markdown", "drifts_markdown"]

#: A longer list of fields is folded.
FIELDS_IN_SIGHT = 20
_LEFT_OUT = {
    Level.NO_FIELDS: "the fields, and what is not declared",
    Level.NAMES: "everything but the sums and the names",
    Level.SUMS: "everything but the sums",
}


def drift_markdown(drift: Drift, *, unmanaged: bool = False) -> str:
    """Return one environment, in at most 65,000 characters."""
    return drifts_markdown([(drift.environment, drift)], unmanaged=unmanaged)


def drifts_markdown(drifts: Sequence[tuple[str, Drift | ProvisionerError]], *, unmanaged: bool = False) -> str:
    """Return several environments, one after another and a table at the end, in at most 65,000 characters together."""
    return _comment(unmanaged).of(drifts)


def _comment(unmanaged: bool) -> Comment[Drift]:
    return Comment(
        title="Drift of",
        place="an issue",
        left_out=_LEFT_OUT,
        one=partial(_one, unmanaged),
        table=_sums,
        named=lambda drift: drift.plan.changes,
        number=lambda number: counted(number, "difference"),
        command=_command("--env NAME", unmanaged),
    )


def _command(environment: str, unmanaged: bool) -> str:
    return f"provisioner drift {environment}" + (" --unmanaged" if unmanaged else "")


def _one(unmanaged: bool, drift: Drift, level: Level, most: int) -> list[str]:
    command = _command(environment_option(drift.environment), unmanaged)
    parts = [f"**{drift_words.last_line(drift)}**", comments.org_sentence(drift.plan)]
    parts += _comment(unmanaged).omission(level, command)
    if level is Level.NAMES:
        parts += [*_counted_obstacles(drift), *comments.names_by_risk(drift.plan.changes, most)]
    if level < Level.NAMES:
        unread = (
            f"{code(each.what)}: {plain(each.reason)} **Needed:** {plain(each.needed)}"
            for each in plan_words.unread(drift.plan)
        )
        parts += comments.section(drift_words.UNREADABLE, unread)
        parts += [*comments.guards(drift_words.ERRORS, drift.errors), *_table(drift)]
    if level is Level.ALL:
        parts += _all_fields(drift)
        another = drift_words.changed_by_another(drift)
        parts += [*([plain(another)] if another else []), *_external(drift)]
        parts += _unmanaged(drift) if unmanaged else []
    if level < Level.NAMES:
        parts += comments.findings(drift.plan.warnings)
    return [*parts, *([f"**Next:** {drift_words.ways_out(drift, code)}"] if drift.plan.changes else [])]


def _counted_obstacles(drift: Drift) -> list[str]:
    unread = len(plan_words.unread(drift.plan))
    return [
        *([f"**{drift_words.UNREADABLE}:** {counted(unread, 'part')}."] if unread else []),
        *comments.by_kind(f"**{drift_words.ERRORS}:**", (each.guard for each in drift.errors)),
        *comments.by_kind("Warnings:", (each.rule for each in drift.plan.warnings)),
    ]


def _table(drift: Drift) -> list[str]:
    if not drift.plan.changes:
        return []
    head = ("Component", "In the org", "Last changed by", "Last changed", "Declared at")
    rows = (
        (
            code(each.address),
            drift_words.LABELS[each.reason],
            *_last_change(drift.last_change(each)),
            place_of(each.declared_at),
        )
        for each in drift.plan.changes
    )
    return [table_of(head, rows), drift_words.WHICH_SIDE]


def _last_change(change: LastChange) -> tuple[str, str]:
    """Return two cells: the author and the time of the last change."""
    another = f" ({drift_words.ANOTHER_USER})" if change.by_another else ""
    return plain(drift_words.by(change) + another), plain(drift_words.when(change))


def _all_fields(drift: Drift) -> list[str]:
    tables = [_fields(each) for each in drift.plan.changes if each.fields]
    number = sum(len(each.fields) for each in drift.plan.changes)
    return tables if number <= FIELDS_IN_SIGHT else [comments.folded(f"Field by field: {number}", *tables)]


def _fields(change: Change) -> str:
    rows = (
        (
            code(each.path),
            code(plan_words.value(each.before)),
            code(plan_words.value(each.after)),
            place_of(each.declared_at),
        )
        for each in change.fields
    )
    return f"#### {code(change.address)}\n\n{table_of(('Field', 'Org', 'Declared', 'Declared at'), rows)}"


def _unmanaged(drift: Drift) -> list[str]:
    if not drift.plan.unmanaged:
        return [drift_words.NOTHING_UNMANAGED]
    return [_with_last_change("Not declared (no drift)", drift, drift.plan.unmanaged)]


def _external(drift: Drift) -> list[str]:
    return [_with_last_change("Owned elsewhere (external)", drift, drift.plan.external)] if drift.plan.external else []


def _with_last_change(title: str, drift: Drift, components: Sequence[Unmanaged | OwnedElsewhere]) -> str:
    rows = ((code(each.address), *_last_change(drift.last_change(each))) for each in components)
    return table_of((title, "Last changed by", "Last changed"), rows)


def _sums(drifts: Sequence[tuple[str, Drift | ProvisionerError]]) -> str:
    head = ("Environment", *(label.capitalize() for label in drift_words.LABELS.values()), "As declared", "State")
    rows: list[list[str]] = []
    for name, each in drifts:
        if isinstance(each, Drift):
            numbers = [str(each.count(difference)) for difference in drift_words.LABELS]
            rows.append([code(name), *numbers, str(len(each.plan.unchanged)), drift_words.state(each)])
        else:
            rows.append([code(name), *"----", f"error: {code(each.code)}"])
    return table_of(head, rows, right=range(1, 5))
