"""The payload of an identity token, checked before it is signed.

RFC 7519 §4 defines the claims; Salesforce Help, "Troubleshooting User Verification", lists the required ones. Messages
never show a value: a subject identifies a customer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from provisioner.errors import InputError

#: The age of a new token's ``iat``, in seconds: no documented leeway allows a clock that is ahead.
BACKDATED_SECONDS = 30
#: In seconds. Salesforce documents no maximum; anyone who finds a token can use it until it expires.
DEFAULT_TTL, LONGEST_TTL = 300, 24 * 3600
#: Claims that minting sets, or that belong in the header: extra claims must not replace them.
RESERVED = frozenset({"iss", "sub", "exp", "iat", "aud", "kid"})


class MintingError(InputError):
    """The reason why no token was made: ``message`` and ``next`` are sentences, ``code`` is stable; no part is secret.

    Codes: ``key-unreadable``, ``key-encrypted``, ``key-not-rsa``, ``key-too-small``, ``algorithm-unknown``,
    ``kid-invalid``, ``issuer-invalid``, ``subject-invalid``, ``ttl-invalid``, ``audience-invalid``, ``claim-reserved``,
    ``claims-invalid``, ``secret-invalid``, ``user-id-invalid``, ``setting-invalid``.
    """

    def __str__(self) -> str:
        return f"{self.message} {self.next}"


def payload(
    *, issuer: str, subject: str, now: float, ttl: int, audience: str | None, claims: Mapping[str, Any] | None
) -> bytes:
    """Return the payload as JSON in UTF-8.

    ``now`` is in seconds since 1970, ``ttl`` in seconds. Raises MintingError.
    """
    begins = int(now)
    made: dict[str, Any] = {
        "iss": issuer,
        "sub": checked_subject(subject),
        "iat": begins - BACKDATED_SECONDS,
        "exp": begins + ttl,
    }
    if audience is not None:
        made["aud"] = text(audience, "audience", "audience-invalid", "Omit it: nothing is known to check it.")
    made.update(_checked_claims(claims or {}))
    return as_json(made)


def checked_subject(subject: object) -> str:
    """Return the subject if it is valid. Raises :class:`MintingError`."""
    return text(
        subject,
        "subject (sub)",
        "subject-invalid",
        "Sign only for the logged-in customer, with the stable id of that customer as text, such as str(user.id).",
    )


def checked_ttl(ttl: object) -> int:
    """Return the lifetime in seconds, at most a day. Raises :class:`MintingError`."""
    if isinstance(ttl, int) and not isinstance(ttl, bool) and 1 <= ttl <= LONGEST_TTL:
        return ttl
    raise MintingError(
        f"The ttl must be a whole number of seconds from 1 to {LONGEST_TTL} (a day).",
        next="Use some minutes, and sign a new token for each page load.",
        code="ttl-invalid",
    )


def text(value: object, called: str, code: str, next: str) -> str:
    """Return ``value`` if it is text, not blank, and encodable in UTF-8. Raises :class:`MintingError`."""
    if not isinstance(value, str):
        problem = "is missing" if value is None else f"must be text, not {type(value).__name__}"
    elif not value.strip():
        problem = "is empty"
    elif any("\ud800" <= each <= "\udfff" for each in value):
        problem = "contains half a character (a lone surrogate), which no token can hold"
    else:
        return value
    raise MintingError(f"The {called} {problem}.", next=next, code=code)


def as_json(members: Mapping[str, Any]) -> bytes:
    """Return compact JSON. Raises :class:`MintingError`, which names the member that JSON cannot represent."""
    try:
        return _dumped(members)
    except (TypeError, ValueError, RecursionError):
        pass
    for name, value in members.items():
        try:
            _dumped({name: value})
        except (TypeError, ValueError, RecursionError):
            raise MintingError(
                f"The value of the claim {_named(name)} cannot be written as JSON.",
                next="Give text, finite numbers, true, false, null, lists or mappings of these.",
                code="claims-invalid",
            ) from None
    raise AssertionError  # one of its members has no JSON


def _dumped(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def _checked_claims(claims: object) -> Mapping[str, Any]:
    if not isinstance(claims, Mapping) or not all(isinstance(name, str) and name for name in claims):
        raise MintingError(
            "The claims must be a mapping of names to values, and no name may be empty.",
            next='Give them as {"name": value}.',
            code="claims-invalid",
        )
    taken = sorted(RESERVED & claims.keys())
    if taken:
        raise MintingError(
            f"The claim {taken[0]} cannot be given as an additional claim: it has its own argument.",
            next=_RESERVED_NEXT.get(taken[0], "Omit it."),
            code="claim-reserved",
        )
    return claims


_RESERVED_NEXT = {
    "iss": "The issuer is that of the keyset, byte for byte; omit it here.",
    "sub": "Give the subject in its own argument.",
    "exp": "Give the ttl, in seconds.",
    "aud": "Give the audience in its own argument.",
    "kid": "The kid belongs in the header and comes with the key.",
}


def _named(name: str) -> str:
    return ascii(name[:60])
