"""Certificates by their expiry date: a view, and JSON for monitoring."""

from __future__ import annotations

from collections.abc import Sequence

from provisioner.errors import ProvisionerError
from provisioner.jose.expiry import Ending, ExpiryState, Seen, Timetable, Where
from provisioner.report.document import GAP, Block, labelled, line, table
from provisioner.report.errors import error_object, error_view
from provisioner.report.json import FORMAT_VERSION, Json, members, moment
from provisioner.report.junit import Case, Result, Suite, case_of, error_cases
from provisioner.report.style import Look, Row, Span
from provisioner.words import counted, enumerated

Errors = Sequence[tuple[str, ProvisionerError]]
_LOOKS = {ExpiryState.EXPIRED: Look.DANGER, ExpiryState.EXPIRING: Look.CAREFUL, ExpiryState.NOT_YET_VALID: Look.CAREFUL}


def expiring_view(timetable: Timetable, errors: Errors) -> list[Block]:
    """Return the action that is due; every certificate, the soonest first; and the parts that could not be checked."""
    lines = [line(*_headline(timetable, complete=not errors), hang=2)]
    signing, logins = _by_purpose(timetable.alarming)
    if signing:
        step = "make the next pair now with `provisioner keys generate NAME --keyset KEYSET`, apply it, and then"
        lines.append(labelled("Next:", f"{step} change the signer to it."))
    if logins:
        step = "make the next pair of a login with `provisioner keys generate --login NAME`, and rotate to it with"
        lines.append(labelled("Next:", f"{step} `provisioner login rotate`."))
    if timetable.endings:
        rows = [_row(each, timetable) for each in timetable.endings]
        lines += [GAP, table(rows, head=("expires", "", "key", "where"))]
    if timetable.undated:
        lines += [GAP, line("The expiry date is not known of:")]
        for each in timetable.undated:
            look = Look.DANGER if each.fails else Look.PLAIN
            lines.append(line(Span(each.what, look), f": {each.reason}", indent=2, hang=4))
    for name, error in errors:
        lines += [GAP, line(Span(name, Look.STRONG), " could not be checked:")]
        lines += error_view(error)
    return lines


def _by_purpose(endings: Sequence[Ending]) -> tuple[list[Ending], list[Ending]]:
    """Return the certificates of signing keys, and those of logins."""
    paired = [(each, each.name.startswith("login.")) for each in endings]
    return [each for each, is_login in paired if not is_login], [each for each, is_login in paired if is_login]


def _headline(timetable: Timetable, *, complete: bool) -> list[Span | str]:
    alarming = timetable.alarming
    if not alarming:
        if not complete or any(each.fails for each in timetable.undated):
            return [Span("Not sure", Look.DANGER), ": not everything could be checked."]
        unseen = sum(each.unseen for each in timetable.undated)
        rest = f", and {counted(unseen, 'place')} listed below could not be checked." if unseen else "."
        if not timetable.endings:
            return [f"No certificate was found{rest}"]
        good = Span("Good so far", Look.CAREFUL) if unseen else Span("Good", Look.GOOD)
        return [good, f": no certificate in use expires within {counted(timetable.days, 'day')}{rest}"]
    over = sum(each.state(timetable.now, 0) is ExpiryState.EXPIRED for each in alarming)
    soon = len(alarming) - over
    said = [f"{counted(over, 'certificate')} in use {'has' if over == 1 else 'have'} expired"] if over else []
    if soon:
        said.append(
            f"{counted(soon, 'certificate')} in use {'expires' if soon == 1 else 'expire'} within "
            f"{counted(timetable.days, 'day')}"
        )
    return [Span("Act", Look.DANGER), f": {enumerated(said)}."]


def _row(each: Ending, timetable: Timetable) -> Row:
    state = each.state(timetable.now, timetable.days)
    look = _LOOKS.get(state, Look.PLAIN) if each.in_use else Look.PLAIN
    words = [_left(each, state, timetable)]
    if not each.in_use:
        words.append("not in use")
    return [
        Span(f"{each.ends:%Y-%m-%d}", look),
        Span(", ".join(words), look),
        _key(each),
        _where(each.seen),
    ]


def _key(each: Ending) -> str:
    """Return the name, and the kid if it differs from the name."""
    same = each.kid is None or each.kid in (each.name, each.name.replace("_", "-"))
    return each.name if same else f"{each.name} (kid {each.kid})"


def _left(each: Ending, state: ExpiryState, timetable: Timetable) -> str:
    days = each.days_left(timetable.now)
    if state is ExpiryState.EXPIRED:
        ago = (timetable.now - each.ends).days
        return f"expired {counted(ago, 'day')} ago" if ago else "expired today"
    if state is ExpiryState.NOT_YET_VALID:
        return f"not valid before {each.begins:%Y-%m-%d}"
    return f"in {counted(days, 'day')}" if days else "within a day"


def _where(seen: Sequence[Seen]) -> str:
    """Return ``declaration; org of sandbox, production; https://…``."""
    parts = []
    if any(each.where is Where.DECLARATION for each in seen):
        parts.append("declaration")
    orgs = [each.environment for each in seen if each.where is Where.ORG and each.environment is not None]
    if orgs:
        parts.append(f"org of {', '.join(orgs)}")
    parts += [each.place for each in seen if each.where is Where.ENDPOINT and each.place is not None]
    return "; ".join(parts)


def expiring_json(timetable: Timetable, errors: Errors) -> Json:
    """Return the JSON of ``keys expiring --format json``; ``expiring`` counts those in use that need action."""
    return {
        "format_version": FORMAT_VERSION,
        "days": timetable.days,
        "expiring": len(timetable.alarming),
        "keys": [_ending(each, timetable) for each in timetable.endings],
        "undated": [members(each, "what", "reason", "fails", "unseen") for each in timetable.undated],
        "errors": [{"environment": name, "error": error_object(error)} for name, error in errors],
    }


def _ending(each: Ending, timetable: Timetable) -> Json:
    return {
        "name": each.name,
        "kid": each.kid,
        "not_before": moment(each.begins),
        "not_after": moment(each.ends),
        "days_left": each.days_left(timetable.now),
        "state": each.state(timetable.now, timetable.days).value,
        **members(each, "in_use", "sha256"),
        "seen": [members(seen, "where", "environment", "place", "in_use") for seen in each.seen],
    }


def expiring_suites(timetable: Timetable, errors: Sequence[tuple[str, ProvisionerError]]) -> list[Suite]:
    """Return one suite with a case for each certificate and for each item without a known date."""
    cases = [
        case_of(
            each.name, each.alarms(timetable.now, timetable.days), f"The certificate expires on {each.ends:%Y-%m-%d}."
        )
        for each in timetable.endings
    ]
    for each in timetable.undated:
        passed = Result.SKIPPED if each.unseen else Result.PASSED
        cases.append(Case(each.what, Result.FAILED if each.fails else passed, each.reason))
    cases += [case for name, error in errors for case in error_cases(error, name)]
    return [Suite("certificates", tuple(cases))]
