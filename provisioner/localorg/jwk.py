"""The org's treatment of a JSON web key: it checks the key at its arrival, and rewrites it for readers.

Source: Salesforce Help, "Troubleshooting User Verification"; RFC 7517, section 4. The help lists the required members
and the ten days; the texts of the refusals are not published and are invented here.
"""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

_ORDER = ("kty", "e", "use", "kid", "x5c", "alg", "n")
_REQUIRED = ("kty", "kid", "alg", "x5c")
_ALGORITHMS = ("RS256", "RS512")
_PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")
_SHORTEST_REST = timedelta(days=10)
SMALLEST_KEY = 2048


@lru_cache(maxsize=8192)
def read(text: str) -> dict[str, Any] | None:
    """Return the key's members; None if the text is not one JSON object without repeated members."""
    try:
        value = json.loads(text, object_pairs_hook=_unique)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("repeated member")
    return members


def same(one: str, other: str) -> bool:
    """Return whether two texts hold the same members, in any order and with any white space."""
    members = read(one)
    return members == read(other) if members is not None else one.strip() == other.strip()


def problem(text: str, *, x5c_required: bool = True) -> str | None:
    """Return the reason why the org refuses the key; None if it accepts it."""
    members = read(text)
    if members is None:
        return "The JSON web key isn't valid JSON. Upload each key individually."
    if "keys" in members:
        return "The JSON web key is a key set. Upload each key individually."
    required = _REQUIRED if x5c_required else tuple(name for name in _REQUIRED if name != "x5c")
    missing = [name for name in required if not members.get(name)]
    if missing:
        return f"The JSON web key is missing these required properties: {', '.join(missing)}"
    if members["kty"] != "RSA":
        return "The JSON web key's kty must be RSA."
    if members["alg"] not in _ALGORITHMS:
        return f"The JSON web key's alg must be one of: {', '.join(_ALGORITHMS)}"
    if any(name in members and members[name] != name for name in _PRIVATE):
        return "The JSON web key contains private key properties. Upload the public key."
    return _certificate_problem(members.get("x5c"), members) if members.get("x5c") else None


def _certificate_problem(chain: Any, members: dict[str, Any]) -> str | None:
    found = certificate(chain)
    if found is None:
        return "The x5c property must be a base64-encoded X.509 certificate."
    key = found.public_key()
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < SMALLEST_KEY:
        return f"The certificate must hold an RSA public key of at least {SMALLEST_KEY} bits."
    numbers = key.public_numbers()
    for name, expected in (("n", numbers.n), ("e", numbers.e)):
        if name in members and number(members[name]) != expected:
            return f"The {name} property doesn't match the certificate's public key."
    now = datetime.now(UTC)
    if found.not_valid_before_utc > now:
        return "The certificate isn't valid yet."
    if found.not_valid_after_utc < now + _SHORTEST_REST:
        return "The certificate must be valid for at least 10 days."
    return None


def certificate(chain: Any) -> x509.Certificate | None:
    if not isinstance(chain, list) or not chain or not isinstance(chain[0], str):
        return None
    try:
        return x509.load_der_x509_certificate(base64.b64decode(chain[0], validate=True))
    except (ValueError, binascii.Error):
        return None


def number(text: Any) -> int | None:
    if not isinstance(text, str) or not text:
        return None
    try:
        return int.from_bytes(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        return None


def rewritten(text: str, *, drop_unknown: bool = False) -> str:
    """Return the key as the org returns it: compact, in its own order of members."""
    members = read(text)
    if members is None:
        return text
    return json.dumps(_ordered(members, drop_unknown=drop_unknown), separators=(",", ":"), ensure_ascii=False)


def rewritten_reversed(text: str) -> str:
    """Return the key in the other possible form: indented, members in reverse order."""
    members = read(text)
    if members is None:
        return text
    return json.dumps(dict(reversed(_ordered(members).items())), indent=2, ensure_ascii=False)


def _ordered(members: dict[str, Any], *, drop_unknown: bool = False) -> dict[str, Any]:
    known = {name: members[name] for name in _ORDER if name in members}
    return known if drop_unknown else {**known, **members}
