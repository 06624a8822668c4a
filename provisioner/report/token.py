"""A token: the explanation of one, with the verdict first; and a minted one.

alg, typ, kid, iss and the times of an explained token are shown, all others only on request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.jose.defects import excerpt, shown
from provisioner.jose.jwk_members import private_members
from provisioner.report.document import Block, joined, labelled, line, table
from provisioner.report.json import FORMAT_VERSION, Json, members
from provisioner.report.junit import Case, Result, Suite
from provisioner.report.style import Look, Row, Span
from provisioner.secrets import MASK
from provisioner.tokens.check import Check, Note, Status
from provisioner.tokens.explain import Explanation
from provisioner.tokens.minted import Minted
from provisioner.tokens.token_checks import MILLISECONDS_FROM, is_number, moment, span
from provisioner.words import counted

_LOOKS = {Status.FAILED: Look.DANGER, Status.UNKNOWN: Look.CAREFUL, Status.OK: Look.GOOD}
_CHECKED = {Status.OK: Result.PASSED, Status.FAILED: Result.FAILED, Status.UNKNOWN: Result.SKIPPED}
_OPEN_HEADER = frozenset({"alg", "typ", "kid"})
_TIMES = frozenset({"exp", "iat", "nbf", "auth_time"})
_OPEN_CLAIMS = frozenset({"iss"}) | _TIMES
#: Salesforce or a reader compares these byte for byte.
_COMPARED = frozenset({"kid", "iss", "sub", "aud"})
#: A token with more members than this is hostile, or a mistake.
_MOST = 40


def token_view(explanation: Explanation, against: str, *, show_claims: bool = False) -> list[Block]:
    """Return the verdict, the failed checks with their fixes, the unknown ones, notes, contents, and the passed checks.

    ``against`` names the origin of the known keys, such as ``the declaration under local``.
    """
    sections = [_verdict(explanation, against)]
    sections += [_check(check) for check in explanation.with_status(Status.FAILED)]
    unknown = explanation.with_status(Status.UNKNOWN)
    sections += [_check(check) for check in unknown if check.fix is not None]
    hanging = [check for check in unknown if check.fix is None]
    if hanging:
        sections.append(_hanging(hanging))
    sections += [_note(note) for note in explanation.notes]
    sections += _token(explanation, show_claims)
    right = explanation.with_status(Status.OK)
    if right:
        rows: list[Row] = [(Span("ok", Look.GOOD), check.id.value, check.message) for check in right]
        sections.append([table(rows)])
    return joined(sections)


def _verdict(explanation: Explanation, against: str) -> list[Block]:
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
    lines = [line(head, tail, hang=2)]
    if explanation.recognised is not None:
        lines.append(line(Span(explanation.recognised.message, Look.STRONG), hang=2))
        lines.append(labelled("Next:", explanation.recognised.next))
    return lines


def _check(check: Check) -> list[Block]:
    lines = [line(Span(check.status.value, _LOOKS[check.status]), "  ", Span(check.id.value, Look.STRONG))]
    lines.append(line(check.message, indent=2))
    if check.fix is not None:
        lines.append(labelled("Fix:", check.fix, indent=2))
    return lines


def _hanging(checks: list[Check]) -> list[Block]:
    """Return the checks that were not possible, by the reason."""
    lines = []
    for message in dict.fromkeys(check.message for check in checks):
        names = ", ".join(check.id.value for check in checks if check.message == message)
        lines.append(line(Span("not known", Look.CAREFUL), f"  {names}", hang=4))
        lines.append(line(message, indent=2))
    return lines


def _note(note: Note) -> list[Block]:
    lines = [line(Span("note", Look.CHANGED), f"  {note.id}")]
    lines.append(line(note.message, indent=2))
    return [*lines, labelled("Advice:", note.fix, indent=2)]


def _token(explanation: Explanation, show: bool) -> list[list[Block]]:
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
    hint = "" if show else " (--show-claims unmasks the rest)"
    return [[line(Span("Contents", Look.STRONG), f"{hint}:"), table(rows, indent=2)]]


def _rows(kind: str, values: Mapping[str, Any]) -> list[Row]:
    return [(kind, name[:40], as_text(name, value)) for name, value in values.items()]


def token_json(
    explanation: Explanation, *, environment: str | None, channel: str | None, live: bool, show_claims: bool = False
) -> Json:
    """Return the JSON of ``token explain --format json``; parts that must not be shown are masked."""
    token, recognised = explanation.token, explanation.recognised
    header = token.header if token is not None else None
    claims = token.claims if token is not None else None
    return {
        "format_version": FORMAT_VERSION,
        "environment": environment,
        "channel": channel,
        "live": live,
        "accepted": explanation.accepted,
        "checks": [members(each, "check=id", "status", "message", "fix") for each in explanation.checks],
        "recognised": None if recognised is None else members(recognised, "kind", "message", "next"),
        "notes": [members(each, "note=id", "message", "fix") for each in explanation.notes],
        "header": header_values(header, show=show_claims) if header is not None else None,
        "claims": claim_values(claims, show=show_claims) if claims is not None else None,
    }


def header_values(header: Mapping[str, Any], *, show: bool) -> dict[str, Any]:
    """Return the header's members for display."""
    return {name: _public_of(value) for name, value in _masked(header, _OPEN_HEADER, show).items()}


def _public_of(value: Any) -> Any:
    """Return a key without its private members: some programs write their whole key into the header (jwk)."""
    if not isinstance(value, dict):
        return value
    hidden = private_members(value)
    return {name: MASK if name in hidden else member for name, member in value.items()}


def claim_values(claims: Mapping[str, Any], *, show: bool) -> dict[str, Any]:
    """Return the claims for display."""
    return _masked(claims, _OPEN_CLAIMS, show)


def as_text(name: str, value: Any) -> str:
    """Return a value on one line, whole if it is compared byte for byte; a time with its date."""
    if value == MASK:
        return MASK
    said = shown(value) if name in _COMPARED else excerpt(value)
    if name in _TIMES and is_number(value) and value < MILLISECONDS_FROM:
        return f"{said} ({moment(value)})"
    return said


def _masked(members: Mapping[str, Any], open_: frozenset[str], show: bool) -> dict[str, Any]:
    return {name: value if show or name in open_ else MASK for name, value in list(members.items())[:_MOST]}


def minted_json(minted: Minted, environment: str) -> Json:
    """Return the JSON of ``token mint --format json``."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": environment,
        **members(minted, "keyset=signing.keyset", "key=signing.key"),
        "token": minted.token.reveal(),
        "header": dict(minted.header),
        "claims": dict(minted.claims),
        "warnings": list(minted.warnings),
    }


def minted_words(minted: Minted) -> Iterator[str]:
    """Yield the sentences that a person gets with the token: its owner, and warnings."""
    signing = minted.signing
    yield (
        f"Signed with {signing.called} (kid {signing.kid}, {signing.algorithm}) for the issuer {signing.issuer}; it "
        f"lives {span(minted.ttl)}. Everyone who has it is this customer until then."
    )
    for warning in minted.warnings:
        yield f"Warning: {warning}"


def token_suites(explanation: Explanation) -> list[Suite]:
    """Return one suite with a case for each check; a check that is not possible here is skipped."""
    cases = (
        Case(check.id.value, _CHECKED[check.status], check.message, f"Fix: {check.fix}" if check.fix else "")
        for check in explanation.checks
    )
    return [Suite("token", tuple(cases))]
