"""Why Salesforce would refuse a token, for a person: the verdict and the fixes first, the evidence below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.report.style import Look, Row, Span, Style
from provisioner.report.token_shown import as_text, claim_values, header_values
from provisioner.tokens.check import Check, Note, Status
from provisioner.tokens.explain import Explanation
from provisioner.words import counted

_LOOKS = {Status.FAILED: Look.DANGER, Status.UNKNOWN: Look.CAREFUL, Status.OK: Look.GOOD}


def token_terminal(explanation: Explanation, against: str, style: Style, *, show_claims: bool = False) -> str:
    """The verdict, what failed with its fix, what cannot be known, what hurts, what is in it, and what is right.

    ``against`` says what it was judged by: ``the declaration under local``.
    """
    sections = [_verdict(explanation, against, style)]
    sections += [_check(check, style) for check in explanation.with_status(Status.FAILED)]
    unknown = explanation.with_status(Status.UNKNOWN)
    sections += [_check(check, style) for check in unknown if check.fix is not None]
    hanging = [check for check in unknown if check.fix is None]
    if hanging:
        sections.append(_hanging(hanging, style))
    sections += [_note(note, style) for note in explanation.notes]
    sections += _token(explanation, style, show_claims)
    right = explanation.with_status(Status.OK)
    if right:
        rows: list[Row] = [(Span("ok", Look.GOOD), check.id.value, check.message) for check in right]
        sections.append(style.table(rows))
    return "\n\n".join("\n".join(section) for section in sections)


def _verdict(explanation: Explanation, against: str, style: Style) -> list[str]:
    failed = len(explanation.with_status(Status.FAILED))
    unknown = len(explanation.with_status(Status.UNKNOWN))
    match explanation.accepted:
        case False:
            head = Span("Refused", Look.DANGER)
            tail = f": {counted(failed, 'check')} failed against {against}."
        case True:
            head = Span("Accepted", Look.GOOD)
            tail = f": every check is ok against {against}. `provisioner verify` proves it at the chat itself."
        case _:
            head = Span("Not refused", Look.CAREFUL)
            tail = f" by {against}; {counted(unknown, 'check')} cannot be known from here."
    lines = style.lines(head, tail, hang=2)
    if explanation.recognised is not None:
        lines += style.lines(Span(explanation.recognised.message, Look.STRONG), hang=2)
        lines += style.lines(Span("Next:", Look.STRONG), f" {explanation.recognised.next}", hang=2)
    return lines


def _check(check: Check, style: Style) -> list[str]:
    lines = style.lines(Span(check.status.value, _LOOKS[check.status]), "  ", Span(check.id.value, Look.STRONG))
    lines += style.lines(check.message, indent=2)
    if check.fix is not None:
        lines += style.lines(Span("Fix:", Look.STRONG), f" {check.fix}", indent=2, hang=4)
    return lines


def _hanging(checks: list[Check], style: Style) -> list[str]:
    """What was not looked into, by what it hangs on."""
    lines = []
    for message in dict.fromkeys(check.message for check in checks):
        names = ", ".join(check.id.value for check in checks if check.message == message)
        lines += style.lines(Span("not known", Look.CAREFUL), f"  {names}", hang=4)
        lines += style.lines(message, indent=2)
    return lines


def _note(note: Note, style: Style) -> list[str]:
    lines = style.lines(Span("note", Look.CHANGED), f"  {note.id}")
    lines += style.lines(note.message, indent=2)
    return lines + style.lines(Span("Advice:", Look.STRONG), f" {note.fix}", indent=2, hang=4)


def _token(explanation: Explanation, style: Style, show: bool) -> list[list[str]]:
    token = explanation.token
    if token is None:
        return []
    rows: list[Row] = []
    if token.header is not None:
        rows += _rows("header", header_values(token.header, show=show))
    if token.claims is not None:
        rows += _rows("claim", claim_values(token.claims, show=show))
    if not rows:
        return []
    hint = "" if show else " (--show-claims shows the rest)"
    return [[*style.lines(Span("In it", Look.STRONG), f"{hint}:"), *style.table(rows, indent=2)]]


def _rows(kind: str, values: Mapping[str, Any]) -> list[Row]:
    return [(kind, name[:40], as_text(name, value)) for name, value in values.items()]
