"""A public RSA key as a JSON Web Key (RFC 7517, RFC 7518 §6.3)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


def base64url_uint(value: int) -> str:
    """Return a positive integer as RFC 7518 §2 Base64urlUInt: big-endian, no leading zero octets, no padding."""
    octets = value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big")
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


#: Encoders that are made once: ``json.dumps`` makes one for each call with options.
_compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_sorted = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode

#: An apply looks at each JWK several times: in the plan, in what is sent, in what is read back. A package holds 10,000
#: files, and a JWK may have one text before and another one after; a cache that is too small for them serves none.
CACHED = 20_480


@dataclass(frozen=True, slots=True)
class Jwk:
    """A public signing key. ``n`` and ``e`` are integers; ``x5c`` holds DER certificates, the key's own first.

    ``other`` holds further members of a JWK file, which are sent unchanged.
    """

    kid: str
    alg: str
    n: int
    e: int
    x5c: tuple[bytes, ...]
    use: str | None = None
    other: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    kty: str = "RSA"

    @property
    def bits(self) -> int:
        """Return the size of the modulus in bits."""
        return self.n.bit_length()

    @property
    def thumbprint(self) -> str:
        """Return the RFC 7638 SHA-256 thumbprint, base64url: of the public key only, not of kid or certificate."""
        members = {"e": base64url_uint(self.e), "kty": self.kty, "n": base64url_uint(self.n)}
        digest = hashlib.sha256(_sorted(members).encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")

    def members(self) -> dict[str, Any]:
        """Return the JWK's JSON members, in the order that orgs were seen to store them."""
        members: dict[str, Any] = {"kty": self.kty, "e": base64url_uint(self.e)}
        if self.use is not None:
            members["use"] = self.use
        members["kid"] = self.kid
        if self.x5c:
            members["x5c"] = [base64.b64encode(der).decode("ascii") for der in self.x5c]
        members["alg"] = self.alg
        members["n"] = base64url_uint(self.n)
        members.update(self.other)
        return members

    def to_json(self) -> str:
        """Return compact JSON, ready for ``PublicKeyCertificate.jsonWebKey`` or for an upload in Setup."""
        return _compact(self.members())

    def matches(self, observed: Jwk) -> bool:
        """Return whether ``observed`` is this declared key.

        Equal: kty, kid, alg, n, e and the first certificate; ``use`` if both have it; other members only if this
        (declared) key has them. The notation of the JSON never matters.
        """
        return (
            (self.kty, self.kid, self.alg, self.n, self.e)
            == (observed.kty, observed.kid, observed.alg, observed.n, observed.e)
            and self.x5c[:1] == observed.x5c[:1]
            and (self.use is None or observed.use is None or self.use == observed.use)
            and all(observed.other.get(name) == value for name, value in self.other.items())
        )
