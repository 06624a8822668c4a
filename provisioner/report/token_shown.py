"""The parts of a token that may be shown: alg, typ, kid, iss and the times; all others only on request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.jose.defects import excerpt, shown
from provisioner.secrets import MASK
from provisioner.tokens.claim_checks import MILLISECONDS_FROM, is_number, moment

OPEN_HEADER = frozenset({"alg", "typ", "kid"})
TIMES = frozenset({"exp", "iat", "nbf", "auth_time"})
OPEN_CLAIMS = frozenset({"iss"}) | TIMES
#: Salesforce or a reader compares these byte for byte.
_COMPARED = frozenset({"kid", "iss", "sub", "aud"})
#: A token with more members than this is hostile, or a mistake.
_MOST = 40


def header_values(header: Mapping[str, Any], *, show: bool) -> dict[str, Any]:
    """Return the header's members for display."""
    return _masked(header, OPEN_HEADER, show)


def claim_values(claims: Mapping[str, Any], *, show: bool) -> dict[str, Any]:
    """Return the claims for display."""
    return _masked(claims, OPEN_CLAIMS, show)


def as_text(name: str, value: Any) -> str:
    """Return a value on one line, whole if it is compared byte for byte; a time with its date."""
    if value == MASK:
        return MASK
    said = shown(value) if name in _COMPARED else excerpt(value)
    if name in TIMES and is_number(value) and value < MILLISECONDS_FROM:
        return f"{said} ({moment(value)})"
    return said


def _masked(members: Mapping[str, Any], open_: frozenset[str], show: bool) -> dict[str, Any]:
    return {name: value if show or name in open_ else MASK for name, value in list(members.items())[:_MOST]}
