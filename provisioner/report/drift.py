"""A drift: the org's values, the declared ones, and who changed the component last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from provisioner.errors import ProvisionerError
from provisioner.planning.drift import Drift, LastChange
from provisioner.planning.plan import Change, FieldChange, OwnedElsewhere, Reason, Unmanaged
from provisioner.report import drift_words, plan_words
from provisioner.report.document import Block, Sum, at, heading, joined, labelled, line, table
from provisioner.report.drift_words import LABELS
from provisioner.report.errors import environments_json, environments_views, failure_state
from provisioner.report.findings import ReadLines
from provisioner.report.json import FORMAT_VERSION, Json, finding_json, members, place
from provisioner.report.junit import Case, Suite, case_of, error_cases, finding_case
from provisioner.report.plan_json import component_json, org_json, sentence, structured
from provisioner.report.plan_view import at_field, guard_case, guard_lines, unread_lines, warning_lines
from provisioner.report.style import Look, Row, Span

_LOOKS = {Reason.NOT_IN_ORG: Look.BAD, Reason.DIFFERS: Look.CHANGED, Reason.TOMBSTONE: Look.CAREFUL}
_ORG, _DECLARED = "org       ", "declared  "


def drift_view(drift: Drift, *, unmanaged: bool = False) -> list[Block]:
    """Return one environment; its last line is its sum, or exactly ``No drift.``"""
    unread = ((each.what, each.reason, each.needed) for each in plan_words.unread(drift.plan))
    look = Look.GOOD if drift.is_none else Look.STRONG
    return joined([
        _head(drift),
        *(_component(each, drift.last_change(each)) for each in drift.plan.changes),
        [line(another, hang=2)] if (another := drift_words.changed_by_another(drift)) else [],
        _external(drift),
        _unmanaged(drift) if unmanaged else [],
        warning_lines(drift.plan.warnings),
        unread_lines(f"{drift_words.UNREADABLE}:", unread),
        guard_lines(f"{drift_words.ERRORS}:", drift.errors),
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
    parts = environments_views("Drift of", drifts, partial(drift_view, unmanaged=unmanaged), read_lines)
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
    hang = 6 + len(_ORG)
    org, declared = (plan_words.value(value) for value in (field.before, field.after))
    return [
        line(Span(field.path, whole=True), *at_field(field, change), indent=4, hang=6),
        line(Span(_ORG, Look.FAINT, whole=True), org, indent=6, hang=hang),
        line(Span(_DECLARED, Look.FAINT, whole=True), declared, indent=6, hang=hang),
    ]


def _unmanaged(drift: Drift) -> list[Block]:
    if not drift.plan.unmanaged:
        return [line(drift_words.NOTHING_UNMANAGED)]
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
    if drift.errors or drift.plan.unread:
        return Look.DANGER
    return Look.CHANGED if drift.plan.changes else Look.GOOD


def drift_json(drift: Drift, *, unmanaged: bool = False) -> Json:
    """Return the JSON of ``drift --format json`` for one environment.

    ``unmanaged`` is null if it was not requested. Null means "missing" in ``org`` and ``declared``, and "not returned
    by the org" in ``last_modified_by`` and ``last_modified_date``. ``last_modified_by_another``: a user other than
    this run's login made the last change; null if that is not known. ``changed_by_another`` holds such components
    among ``as_declared``.
    """
    plan = drift.plan
    return {
        "format_version": FORMAT_VERSION,
        "environment": plan.environment,
        "org": org_json(plan.org),
        **members(plan, "api_version", "newest_api_version", "declaration_digest"),
        "summary": {
            **{label.replace(" ", "_"): drift.count(reason) for reason, label in LABELS.items()},
            "as_declared": len(plan.unchanged),
            "unmanaged": len(plan.unmanaged),
        },
        "drift": [_drifted(each, drift.last_change(each)) for each in plan.changes],
        "as_declared": list(plan.unchanged),
        "changed_by_another": list(drift.changed_by_another),
        "unmanaged": [_undeclared(each, drift.last_change(each)) for each in plan.unmanaged] if unmanaged else None,
        "external": [_undeclared(each, drift.last_change(each)) for each in plan.external],
        "errors": [members(each, "guard", "address", "message", "next", "declared_at") for each in drift.errors],
        "unreadable": [
            {"address": each.address, "reason": each.reason, "permission": each.needed}
            for each in plan_words.unread(plan)
        ],
        "warnings": [finding_json(each) for each in plan.warnings],
    }


def drifts_json(drifts: Iterable[tuple[str, Drift | ProvisionerError]], *, unmanaged: bool = False) -> Json:
    """Return several environments, in the order given, each with its drift or its error."""
    return environments_json(drifts, partial(drift_json, unmanaged=unmanaged))


def _drifted(change: Change, last: LastChange) -> Json:
    return {
        **component_json(change),
        "difference": LABELS[change.reason].replace(" ", "-"),
        "fields": [_field_json(each) for each in change.fields],
        **_last_change(last),
        "declared_at": place(change.declared_at),
    }


def _field_json(field: FieldChange) -> Json:
    return {
        "path": field.path,
        "org": sentence(field.before),
        "declared": sentence(field.after),
        "org_value": structured(field.before),
        "declared_value": structured(field.after),
        "declared_at": place(field.declared_at),
    }


def _undeclared(each: Unmanaged | OwnedElsewhere, last: LastChange) -> Json:
    return {**component_json(each), **_last_change(last)}


def _last_change(change: LastChange) -> Json:
    """Return the org's own texts; the date keeps its form."""
    return members(change, "last_modified_by=by", "last_modified_date=date", "last_modified_by_another=by_another")


def drifts_suites(drifts: Sequence[tuple[str, Drift | ProvisionerError]]) -> list[Suite]:
    """Return a suite for each environment, with a case for each declared component."""
    return [Suite(name, tuple(_cases(each))) for name, each in drifts]


def _cases(drift: Drift | ProvisionerError) -> Iterable[Case]:
    if isinstance(drift, ProvisionerError):
        yield from error_cases(drift)
        return
    for part in plan_words.unread(drift.plan):
        yield case_of(part.what, True, f"Could not be read: {part.reason}", f"Needed: {part.needed}")
    for guard in drift.errors:
        yield guard_case(guard, True)
    for each in drift.plan.changes:
        fields = (
            f"{field.path}: org {plan_words.value(field.before)}, declared {plan_words.value(field.after)}"
            for field in each.fields
        )
        said = f"{drift_words.LABELS[each.reason]}: {drift_words.what(each)}"
        yield case_of(each.address, True, said, drift_words.last_changed(drift.last_change(each)), *fields)
    yield from (Case(address) for address in drift.plan.unchanged)
    yield from (finding_case(each, fails=False) for each in drift.plan.warnings)
