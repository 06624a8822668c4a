"""The drift for a person: what the org has, what is declared, and who changed the component last."""

from __future__ import annotations

from collections.abc import Sequence

from provisioner.diagnostics import Location
from provisioner.errors import ProvisionerError
from provisioner.planning.drift import Difference, Drift, Drifted, DriftedField
from provisioner.report import drift_words, plan_words
from provisioner.report.failures import FailuresTerminal, failure_state
from provisioner.report.findings_terminal import ReadLines
from provisioner.report.style import Look, Part, Row, Span, Style

_LOOKS = {Difference.MISSING: Look.BAD, Difference.DIFFERS: Look.CHANGED, Difference.LEFT_OVER: Look.CAREFUL}
_ORG, _DECLARED = "org       ", "declared  "


def drift_terminal(drift: Drift, style: Style, *, unmanaged: bool = False) -> str:
    """One environment; its last line is its sum, or exactly ``No drift.``"""
    sections = [_head(drift, style)]
    sections += [_component(each, style) for each in drift.components]
    if unmanaged:
        sections.append(_unmanaged(drift, style))
    sections += filter(None, (_warnings(drift, style), _unreadable(drift, style), _errors(drift, style)))
    if drift.components:
        sections.append(style.lines(Span("Next:", Look.STRONG), " " + drift_words.ways_out(drift), hang=2))
    look = Look.GOOD if drift.is_none else Look.STRONG
    # Never broken: whoever looks for the last line finds all of it there.
    sections.append([style.paint(drift_words.last_line(drift), look)])
    return "\n\n".join("\n".join(section) for section in sections)


def drifts_terminal(
    drifts: Sequence[tuple[str, Drift | ProvisionerError]],
    style: Style,
    read_lines: ReadLines = lambda _: (),
    *,
    unmanaged: bool = False,
) -> str:
    """Several environments, one after another, and a table of all at the end."""
    failures = FailuresTerminal(style, read_lines)
    parts = [
        drift_terminal(each, style, unmanaged=unmanaged)
        if isinstance(each, Drift)
        else failures.text("Drift of", name, each)
        for name, each in drifts
    ]
    return "\n\n\n".join([*parts, "\n".join(_table(drifts, style))])


def _head(drift: Drift, style: Style) -> list[str]:
    lines = style.lines(Span(f"Drift of {drift.environment}", Look.STRONG))
    org = plan_words.org_line(drift)
    lines += style.lines(Span(org, Look.FAINT), indent=2)
    if drift.components:
        lines += style.lines(drift_words.WHICH_SIDE, indent=2)
    return lines


def _component(drifted: Drifted, style: Style) -> list[str]:
    lines = style.lines(Span(drifted.address, Look.STRONG, whole=True), *_at(drifted.declared_at), hang=4)
    label, _, meaning = drift_words.what(drifted).partition(":")
    lines += style.lines(Span(label, _LOOKS[drifted.difference]), f":{meaning}", indent=4, hang=6)
    lines += style.lines(drift_words.last_changed(drifted.last_change), indent=4, hang=6)
    for field in drifted.fields:
        lines += _field(field, drifted, style)
    return lines


def _field(field: DriftedField, drifted: Drifted, style: Style) -> list[str]:
    place: list[Part] = []
    at = field.declared_at
    if at is not None and at != drifted.declared_at:
        same_file = drifted.declared_at is not None and drifted.declared_at.file == at.file
        place = ["  ", Span(f"line {at.line}" if same_file else str(at), Look.FAINT, whole=True)]
    hang = 6 + len(_ORG)
    org, declared = (plan_words.value(field.path, value) for value in (field.org, field.declared))
    return [
        *style.lines(Span(field.path, whole=True), *place, indent=4, hang=6),
        *style.lines(Span(_ORG, Look.FAINT, whole=True), org, indent=6, hang=hang),
        *style.lines(Span(_DECLARED, Look.FAINT, whole=True), declared, indent=6, hang=hang),
    ]


def _at(place: Location | None) -> list[Part]:
    return ["  ", Span(str(place), Look.FAINT, whole=True)] if place else []


def _unmanaged(drift: Drift, style: Style) -> list[str]:
    if not drift.unmanaged:
        return style.lines("The org has nothing that the declaration does not name.")
    lines = style.lines("Not declared (no drift: the org has them, the declaration does not name them):")
    for each in drift.unmanaged:
        words = drift_words.last_changed(each.last_change)
        lines += style.lines(Span(each.address, whole=True), "  ", Span(words, Look.FAINT), indent=2, hang=4)
    return lines


def _warnings(drift: Drift, style: Style) -> list[str]:
    lines: list[str] = []
    for each in drift.warnings:
        look = Look.DANGER if each.is_error else Look.CAREFUL
        about: list[Part] = ["  ", Span(each.address, whole=True)] if each.address else []
        lines += style.lines(Span(each.severity.value, look), f" {each.rule}", *about, *_at(each.location), hang=4)
        lines += style.lines(each.message, indent=4)
        lines += style.lines(Span("Fix:", Look.STRONG), " " + each.fix, indent=4, hang=6)
    return lines


def _unreadable(drift: Drift, style: Style) -> list[str]:
    if not drift.unreadable:
        return []
    lines = style.lines(Span("Could not be read; whether it drifted is not known:", Look.DANGER))
    for address, why in drift.unreadable.items():
        lines += style.lines(Span("!", Look.DANGER), " ", Span(address, Look.STRONG, whole=True), indent=2, hang=4)
        lines += style.lines(why.reason, indent=4)
        lines += style.lines(Span("Needed:", Look.STRONG), " " + why.permission, indent=4, hang=6)
    return lines


def _errors(drift: Drift, style: Style) -> list[str]:
    if not drift.errors:
        return []
    lines = style.lines(Span("The declaration and the org do not go together:", Look.DANGER))
    for each in drift.errors:
        about: list[Part] = ["  ", Span(each.address, Look.STRONG, whole=True)] if each.address else []
        lines += style.lines(Span("!", Look.DANGER), f" {each.guard}", *about, *_at(each.declared_at), indent=2, hang=4)
        lines += style.lines(each.message, indent=4)
        lines += style.lines(Span("Next:", Look.STRONG), " " + each.next, indent=4, hang=6)
    return lines


def _table(drifts: Sequence[tuple[str, Drift | ProvisionerError]], style: Style) -> list[str]:
    head = ("environment", *drift_words.LABELS.values(), "as declared", "state")
    rows: list[Row] = [[Span(word, Look.STRONG) for word in head]]
    for name, each in drifts:
        if isinstance(each, Drift):
            numbers = [str(each.count(difference)) for difference in drift_words.LABELS]
            rows.append([name, *numbers, str(len(each.as_declared)), Span(drift_words.state(each), _state_look(each))])
        else:
            rows.append([name, "-", "-", "-", "-", failure_state(each)])
    return style.table(rows, right=(1, 2, 3, 4))


def _state_look(drift: Drift) -> Look:
    if drift.errors or drift.unreadable:
        return Look.DANGER
    return Look.CHANGED if drift.components else Look.GOOD
