"""Checks of the payload: sub, iss, exp (RFC 7519 §4.1); Salesforce Help lists all three.

No text contains a claim's value except iss and the times: a subject identifies a customer.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, TypeGuard

from provisioner.jose.defects import excerpt, shown
from provisioner.model.characters import has_invisible
from provisioner.tokens.check import Check, CheckId, failed, ok, skipped, unknown
from provisioner.tokens.compact import Compact

#: As seconds, 10^11 is the year 5138; as milliseconds, it is 1973.
MILLISECONDS_FROM = 10**11
#: The longest lifetime that is known to work is under two hours; one of six days was seen and is not proven.
LONGEST_USUAL = 24 * 3600
#: The platform key (prefix and sub) is a Salesforce text field, commonly of 255 characters.
LONGEST_SUB = 200


def check_iss(token: Compact) -> Check:
    if token.claims is None:
        return skipped(CheckId.ISS, CheckId.STRUCTURE)
    iss = token.claims.get("iss")
    fix = "Write the keyset's issuer into `iss`, byte for byte."
    if "iss" not in token.claims:
        return failed(CheckId.ISS, "The payload has no `iss`.", fix)
    if not isinstance(iss, str) or not iss:
        return failed(CheckId.ISS, f"The iss is {excerpt(iss)}: it must be text, and not empty.", fix)
    return ok(CheckId.ISS, f"{shown(iss)}.")


def check_sub(token: Compact) -> Check:
    if token.claims is None:
        return skipped(CheckId.SUB, CheckId.STRUCTURE)
    sub = token.claims.get("sub")
    fix = "Write the customer's stable id in your system into `sub`, as text."
    if "sub" not in token.claims:
        return failed(CheckId.SUB, "The payload has no `sub`, so it verifies no customer.", fix)
    if not isinstance(sub, str) or not sub:
        kind = "is empty" if sub == "" else "is not text"
        return failed(CheckId.SUB, f"The sub {kind}.", fix)
    odd = _odd(sub)
    if odd is not None:
        return unknown(
            CheckId.SUB,
            f"The sub {odd}. It becomes part of the Messaging Platform Key; it is not proven that Salesforce accepts "
            f"it.",
            "Prefer a short id of letters, digits and -_.@, such as the primary key of your customer table.",
        )
    return ok(CheckId.SUB, f"Text of {len(sub)} characters.")


def _odd(sub: str) -> str | None:
    if sub != sub.strip():
        return "begins or ends with white space"
    if has_invisible(sub):
        return "contains a control or invisible character"
    if len(sub) > LONGEST_SUB:
        return f"has {len(sub)} characters"
    odd = next((each for each in "/|:" if each in sub), None)
    if odd is not None:
        return f"has a {odd} in it"
    return None


def check_exp(token: Compact, now: datetime) -> Check:
    if token.claims is None:
        return skipped(CheckId.EXP, CheckId.STRUCTURE)
    exp = token.claims.get("exp")
    fix = "Write `exp` as a number of seconds since 1970, a few minutes ahead."
    if "exp" not in token.claims:
        return failed(CheckId.EXP, "The payload has no `exp`.", fix)
    if not is_number(exp):
        kind = "text" if isinstance(exp, str) else "no number"
        return failed(CheckId.EXP, f"The exp is {kind} ({excerpt(exp)}); it must be a number.", fix)
    if exp >= MILLISECONDS_FROM:
        return unknown(
            CheckId.EXP,
            f"The exp is {excerpt(exp)}, most likely in milliseconds. In seconds it is in the far future; it is not "
            f"proven that Salesforce accepts that.",
            "Divide by 1000: `exp` is in seconds.",
        )
    ahead = exp - now.timestamp()
    if ahead > LONGEST_USUAL:
        return unknown(
            CheckId.EXP,
            f"The exp lies {span(ahead)} ahead. Salesforce documents no maximum lifetime; it is not proven that it "
            f"accepts more than a day.",
            "Use a lifetime of minutes: anyone who finds a token is that customer until it expires.",
        )
    return ok(CheckId.EXP, f"{moment(exp)}.")


def check_expired(token: Compact, exp: Check, now: datetime) -> Check:
    value = (token.claims or {}).get("exp")
    if not is_number(value) or value >= MILLISECONDS_FROM:
        return skipped(CheckId.EXPIRED, exp.id)
    left = value - now.timestamp()
    if left > 0:
        return ok(CheckId.EXPIRED, f"Valid for another {span(left)}.")
    return failed(
        CheckId.EXPIRED,
        f"It expired {span(-left)} ago, at {moment(value)} by this machine's clock.",
        "Sign a new one for each page load. If this token is new, correct the clock of the server that signed it, "
        "and make sure that no cache (ETag, CDN) stores tokens.",
    )


def is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def moment(seconds: float) -> str:
    """Return seconds since 1970 as a date; as the number if no calendar has it."""
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S UTC")
    except OverflowError:
        return f"{seconds} seconds since 1970"


def span(seconds: float) -> str:
    """Return a duration in its two largest units."""
    whole = max(1, int(seconds))
    units = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
    parts = []
    for name, size in units:
        number, whole = divmod(whole, size)
        if number:
            parts.append(f"{number} {name}{'s' if number != 1 else ''}")
    return " ".join(parts[:2])
