"""Reads an org's ``PublicKeyCertificate.jsonWebKey`` leniently: it is compared, not judged."""

from __future__ import annotations

import hashlib
from typing import Any

from cryptography import x509

from provisioner.jose.certificates import rsa_certificate
from provisioner.jose.json_text import NotJsonError, read_value
from provisioner.jose.jwk_members import (
    may_name_private,
    number_of,
    other_members,
    private_members,
    text_of,
    x5c_octets,
)
from provisioner.model.jwk import CACHED, Jwk

#: The JWKs of texts, by the digest of the text: the texts of a large org are megabytes.
_known: dict[bytes, Jwk | None] = {}


def parse_observed(text: str) -> Jwk | None:
    """Return the JWK of an org, or None if it is not an RSA key that can be compared. Never raises.

    Placeholders and private members are dropped (:func:`leaked_members` names them). Missing ``n`` and ``e`` are taken
    from the certificate; a missing kid or alg is the empty text.
    """
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    try:
        return _known[digest]
    except KeyError:
        found = _parsed(text)
    if len(_known) >= CACHED:
        _known.clear()
    _known[digest] = found
    return found


def _parsed(text: str) -> Jwk | None:
    members = _members(text)
    if members is None or members.get("kty") != "RSA":
        return None
    chain = x5c_octets(members)
    n, e = number_of(members.get("n")), number_of(members.get("e"))
    if n is None or e is None:
        certificate = rsa_certificate(chain[0]) if chain else None
        if certificate is None:
            return None
        n, e = certificate.n if n is None else n, certificate.e if e is None else e
    return Jwk(
        kid=text_of(members.get("kid")) or "",
        alg=text_of(members.get("alg")) or "",
        n=n,
        e=e,
        x5c=chain,
        use=text_of(members.get("use")),
        other=other_members(members),
    )


def leaked_members(text: str) -> tuple[str, ...]:
    """Return the names of members with private material in an org's JSON. Never raises."""
    if not may_name_private(text):
        return ()  # nearly every key: its text need not be parsed
    return private_members(_members(text) or {})


def certificate_of(jwk: Jwk) -> x509.Certificate | None:
    """Return the key's own certificate, or None if the JWK has no readable one."""
    return certificate_in(jwk.x5c[0]) if jwk.x5c else None


def certificate_in(der: bytes) -> x509.Certificate | None:
    """Return the RSA certificate that ``der`` is, or None."""
    found = rsa_certificate(der)
    return found.x509 if found is not None else None


def _members(text: str) -> dict[str, Any] | None:
    try:
        value = read_value(text.encode("utf-8", "surrogatepass"))
    except NotJsonError:
        return None
    return value if isinstance(value, dict) else None
