"""Record ids and access tokens as Salesforce writes them.

An id has 15 case-sensitive characters, and 3 more that encode the case. Source: the Salesforce help page on record id
formats.
"""

from __future__ import annotations

import secrets
import string

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_TOKEN_LETTERS = string.ascii_letters + string.digits + "._"
_CHECK = string.ascii_uppercase + "012345"


def with_suffix(short: str) -> str:
    """Return the 18-character form of a 15-character id."""
    suffix = ""
    for block in (short[0:5], short[5:10], short[10:15]):
        suffix += _CHECK[sum(1 << place for place, letter in enumerate(block) if letter.isupper())]
    return short + suffix


def record_id(prefix: str, number: int) -> str:
    """Return the 18-character id of the ``number``-th record with a three-character key prefix."""
    digits = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return with_suffix(prefix + "LO" + digits.rjust(10, "0"))


def new_org_id() -> str:
    """Return an 18-character org id that is random, and so differs from that of any other local org."""
    return with_suffix("00DLO" + "".join(secrets.choice(_DIGITS) for _ in range(10)))


def same(one: str, other: str) -> bool:
    """Return whether two ids, of 15 or 18 characters, name one record."""
    return len(one) in (15, 18) and len(other) in (15, 18) and one[:15] == other[:15]


def new_token(org_id: str) -> str:
    """Return an opaque access token of that org."""
    return f"{org_id[:15]}!AQ{''.join(secrets.choice(_TOKEN_LETTERS) for _ in range(96))}"
