"""Certificates by their expiry date: a view, and JSON for monitoring."""

from __future__ import annotations

from collections.abc import Sequence

from provisioner.errors import ProvisionerError
from provisioner.jose.expiry import DatedCertificate, ExpiryList, ExpiryState, Seen, Where
from provisioner.report.document import GAP, Block, labelled, line, table
from provisioner.report.errors import error_object, error_view
from provisioner.report.json import FORMAT_VERSION, Json, members
from provisioner.report.junit import Case, Result, Suite, case_of, error_cases
from provisioner.report.style import Look, Row, Span
from provisioner.words import counted, enumerated

Errors = Sequence[tuple[str, ProvisionerError]]
_LOOKS = {ExpiryState.EXPIRED: Look.DANGER, ExpiryState.EXPIRING: Look.CAREFUL, ExpiryState.NOT_YET_VALID: Look.CAREFUL}


def expiring_view(listed: ExpiryList, errors: Errors) -> list[Block]:
    """Return the action that is due; every certificate, the soonest first; and the parts that could not be checked."""
    lines = [line(*_headline(listed, complete=not errors), hang=2)]
    signing, logins = _by_purpose(listed.needing_action)
    if signing:
        step = "make the next pair now with `provisioner keys generate NAME --keyset KEYSET`, and rotate to it with"
        lines.append(labelled("Next:", f"{step} `provisioner keys rotate KEYSET --env ENV`."))
    if logins:
        step = "make the next pair of a login with `provisioner keys generate --login NAME`, and rotate to it with"
        lines.append(labelled("Next:", f"{step} `provisioner login rotate`."))
    if listed.certificates:
        rows = [_row(each, listed) for each in listed.certificates]
        lines += [GAP, table(rows, head=("expires", "", "key", "where"))]
    if listed.undated:
        lines += [GAP, line("The expiry date is not known of:")]
        for each in listed.undated:
            look = Look.DANGER if each.fails else Look.PLAIN
            lines.append(line(Span(each.what, look), f": {each.reason}", indent=2, hang=4))
    for name, error in errors:
        lines += [GAP, line(Span(name, Look.STRONG), " could not be checked:")]
        lines += error_view(error)
    return lines


def _by_purpose(certificates: Sequence[DatedCertificate]) -> tuple[list[DatedCertificate], list[DatedCertificate]]:
    """Return the certificates of signing keys, and those of logins."""
    paired = [(each, each.name.startswith("login.")) for each in certificates]
    return [each for each, is_login in paired if not is_login], [each for each, is_login in paired if is_login]


def _headline(listed: ExpiryList, *, complete: bool) -> list[Span | str]:
    needing_action = listed.needing_action
    if not needing_action:
        if not complete or any(each.fails for each in listed.undated):
            return [Span("Not sure", Look.DANGER), ": not everything could be checked."]
        unseen = sum(each.unseen for each in listed.undated)
        rest = f", and {counted(unseen, 'place')} listed below could not be checked." if unseen else "."
        if not listed.certificates:
            return [f"No certificate was found{rest}"]
        good = Span("Good so far", Look.CAREFUL) if unseen else Span("Good", Look.GOOD)
        return [good, f": no certificate in use expires within {counted(listed.days, 'day')}{rest}"]
    over = sum(each.state(listed.now, 0) is ExpiryState.EXPIRED for each in needing_action)
    soon = len(needing_action) - over
    said = [f"{counted(over, 'certificate')} in use {'has' if over == 1 else 'have'} expired"] if over else []
    if soon:
        said.append(
            f"{counted(soon, 'certificate')} in use {'expires' if soon == 1 else 'expire'} within "
            f"{counted(listed.days, 'day')}"
        )
    return [Span("Act", Look.DANGER), f": {enumerated(said)}."]


def _row(each: DatedCertificate, listed: ExpiryList) -> Row:
    state = each.state(listed.now, listed.days)
    look = _LOOKS.get(state, Look.PLAIN) if each.in_use else Look.PLAIN
    words = [_left(each, state, listed)]
    if not each.in_use:
        words.append("not in use")
    return [
        Span(f"{each.not_after:%Y-%m-%d}", look),
        Span(", ".join(words), look),
        _key(each),
        _where(each.seen),
    ]


def _key(each: DatedCertificate) -> str:
    """Return the name, and the kid if it differs from the name."""
    same = each.kid is None or each.kid in (each.name, each.name.replace("_", "-"))
    return each.name if same else f"{each.name} (kid {each.kid})"


def _left(each: DatedCertificate, state: ExpiryState, listed: ExpiryList) -> str:
    days = each.days_left(listed.now)
    if state is ExpiryState.EXPIRED:
        ago = (listed.now - each.not_after).days
        return f"expired {counted(ago, 'day')} ago" if ago else "expired today"
    if state is ExpiryState.NOT_YET_VALID:
        return f"not valid before {each.not_before:%Y-%m-%d}"
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


def expiring_json(listed: ExpiryList, errors: Errors) -> Json:
    """Return the JSON of ``keys expiring --format json``; ``expiring`` counts those in use that need action."""
    return {
        "format_version": FORMAT_VERSION,
        "days": listed.days,
        "expiring": len(listed.needing_action),
        "keys": [_certificate(each, listed) for each in listed.certificates],
        "undated": [members(each, "what", "reason", "fails", "unseen") for each in listed.undated],
        "errors": [{"environment": name, "error": error_object(error)} for name, error in errors],
    }


def _certificate(each: DatedCertificate, listed: ExpiryList) -> Json:
    return {
        **members(each, "name", "kid", "not_before", "not_after"),
        "days_left": each.days_left(listed.now),
        "state": each.state(listed.now, listed.days).value,
        **members(each, "in_use", "sha256"),
        "seen": [members(seen, "where", "environment", "place", "in_use") for seen in each.seen],
    }


def expiring_suites(listed: ExpiryList, errors: Sequence[tuple[str, ProvisionerError]]) -> list[Suite]:
    """Return one suite with a case for each certificate and for each item without a known date."""
    cases = [
        case_of(
            each.name,
            each.needs_action(listed.now, listed.days),
            f"The certificate expires on {each.not_after:%Y-%m-%d}.",
        )
        for each in listed.certificates
    ]
    for each in listed.undated:
        passed = Result.SKIPPED if each.unseen else Result.PASSED
        cases.append(Case(each.what, Result.FAILED if each.fails else passed, each.reason))
    cases += [case for name, error in errors for case in error_cases(error, name)]
    return [Suite("certificates", tuple(cases))]
