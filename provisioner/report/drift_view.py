"""The view of a drift: the org's values, the declared ones, and who changed the component last."""

from __future__ import annotations

from collections.abc import Sequence

from provisioner.errors import ProvisionerError
from provisioner.planning.drift import Drift, LastChange
from provisioner.planning.plan import Change, FieldChange, OwnedElsewhere, Reason, Unmanaged
from provisioner.report import drift_words, plan_words
from provisioner.report.document import Block, Sum, heading, joined, labelled, line, table
from provisioner.report.failures import FailuresView, failure_state
from provisioner.report.findings_view import ReadLines
from provisioner.report.plan_parts import at, guard_lines, unread_lines, warning_lines
from provisioner.report.style import Look, Part, Row, Span

_LOOKS = {Reason.NOT_IN_ORG: Look.BAD, Reason.DIFFERS: Look.CHANGED, Reason.TOMBSTONE: Look.CAREFUL}
_ORG, _DECLARED = "org       ", "declared  "


def drift_view(drift: Drift, *, unmanaged: bool = False) -> list[Block]:
    """Return one environment; its last line is its sum, or exactly ``No drift.``"""
    unread = ((address, why.reason, why.permission) for address, why in drift.plan.unreadable.items())
    look = Look.GOOD if drift.is_none else Look.STRONG
    return joined([
        _head(drift),
        *(_component(each, drift.last_change(each)) for each in drift.plan.changes),
        [line(another, hang=2)] if (another := drift_words.changed_by_another(drift)) else [],
        _external(drift),
        _unmanaged(drift) if unmanaged else [],
        warning_lines(drift.plan.warnings),
        unread_lines("Could not be read; whether it drifted is not known:", unread),
        guard_lines("The declaration and the org do not fit together:", drift.errors),
        [labelled("Next:", drift_words.ways_out(drift))] if drift.plan.changes else [],
        [Sum(drift_words.last_line(drift), look)],
    ])  # fmt: skip


def drifts_view(
    drifts: Sequence[tuple[str, Drift | ProvisionerError]],
    read_lines: ReadLines = lambda _: (),
    *,
    unmanaged: bool = False,
) -> list[Block]:
    """Return several environments, one after another, and a table of all at the end."""
    failures = FailuresView(read_lines)
    parts = [
        drift_view(each, unmanaged=unmanaged) if isinstance(each, Drift) else failures.blocks("Drift of", name, each)
        for name, each in drifts
    ]
    return joined([*parts, [_table(drifts)]], gap=2)


def _head(drift: Drift) -> list[Block]:
    lines = [heading(f"Drift of {drift.environment}")]
    org = plan_words.org_line(drift.plan)
    lines.append(line(Span(org, Look.FAINT), indent=2))
    if drift.plan.changes:
        lines.append(line(drift_words.WHICH_SIDE, indent=2))
    return lines


def _component(change: Change, last: LastChange) -> list[Block]:
    label = Span(drift_words.LABELS[change.reason], _LOOKS[change.reason])
    lines = [
        line(Span(change.address, Look.STRONG, whole=True), *at(change.declared_at), hang=4),
        line(label, f": {drift_words.what(change)}", indent=4, hang=6),
        line(drift_words.last_changed(last), indent=4, hang=6),
    ]
    for field in change.fields:
        lines += _field(field, change)
    return lines


def _field(field: FieldChange, change: Change) -> list[Block]:
    place: list[Part] = []
    if field.declared_at is not None and field.declared_at != change.declared_at:
        same_file = change.declared_at is not None and change.declared_at.file == field.declared_at.file
        shown = f"line {field.declared_at.line}" if same_file else str(field.declared_at)
        place = ["  ", Span(shown, Look.FAINT, whole=True)]
    hang = 6 + len(_ORG)
    org, declared = (plan_words.value(value) for value in (field.before, field.after))
    return [
        line(Span(field.path, whole=True), *place, indent=4, hang=6),
        line(Span(_ORG, Look.FAINT, whole=True), org, indent=6, hang=hang),
        line(Span(_DECLARED, Look.FAINT, whole=True), declared, indent=6, hang=hang),
    ]


def _unmanaged(drift: Drift) -> list[Block]:
    if not drift.plan.unmanaged:
        return [line("The org has nothing that the declaration does not name.")]
    lines = [line("Not declared (no drift: the org has them, the declaration does not name them):")]
    return [*lines, *_with_last_change(drift, drift.plan.unmanaged)]


def _external(drift: Drift) -> list[Block]:
    if not drift.plan.external:
        return []
    return [line(f"{plan_words.OWNED_ELSEWHERE}:"), *_with_last_change(drift, drift.plan.external)]


def _with_last_change(drift: Drift, components: Sequence[Unmanaged | OwnedElsewhere]) -> list[Block]:
    lines: list[Block] = []
    for each in components:
        words = drift_words.last_changed(drift.last_change(each))
        lines.append(line(Span(each.address, whole=True), "  ", Span(words, Look.FAINT), indent=2, hang=4))
    return lines


def _table(drifts: Sequence[tuple[str, Drift | ProvisionerError]]) -> Block:
    head = ("environment", *drift_words.LABELS.values(), "as declared", "state")
    rows: list[Row] = []
    for name, each in drifts:
        if isinstance(each, Drift):
            numbers = [str(each.count(difference)) for difference in drift_words.LABELS]
            rows.append(
                [name, *numbers, str(len(each.plan.unchanged)), Span(drift_words.state(each), _state_look(each))]
            )
        else:
            rows.append([name, "-", "-", "-", "-", failure_state(each)])
    return table(rows, head=head, right=(1, 2, 3, 4))


def _state_look(drift: Drift) -> Look:
    if drift.errors or drift.plan.unreadable:
        return Look.DANGER
    return Look.CHANGED if drift.plan.changes else Look.GOOD
