"""Reads an org's ``PublicKeyCertificate.jsonWebKey`` leniently: it is compared, not judged."""

from __future__ import annotations

import hashlib
from typing import Any

from cryptography import x509

from provisioner.jose.base64_text import decode_standard, decode_url
from provisioner.jose.certificates import Certificate, read_der
from provisioner.jose.defects import Findings
from provisioner.jose.json_text import NotJsonError, read_value
from provisioner.jose.jwk_members import other_members, private_members
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
    x5c = members.get("x5c")
    entries = [x5c] if isinstance(x5c, str) else x5c if isinstance(x5c, list) else []
    decoded = (decode_standard(entry).octets for entry in entries if isinstance(entry, str))
    chain = tuple(octets for octets in decoded if octets is not None)
    n, e = _number(members.get("n")), _number(members.get("e"))
    if n is None or e is None:
        certificate = _read(chain[0]) if chain else None
        if certificate is None:
            return None
        n, e = certificate.n if n is None else n, certificate.e if e is None else e
    use = members.get("use")
    return Jwk(
        kid=_text(members.get("kid")),
        alg=_text(members.get("alg")),
        n=n,
        e=e,
        x5c=chain,
        use=use if isinstance(use, str) else None,
        other=other_members(members),
    )


def leaked_members(text: str) -> tuple[str, ...]:
    """Return the names of members with private material in an org's JSON. Never raises."""
    return private_members(_members(text) or {})


def certificate_of(jwk: Jwk) -> x509.Certificate | None:
    """Return the key's own certificate, or None if the JWK has no readable one."""
    return certificate_in(jwk.x5c[0]) if jwk.x5c else None


def certificate_in(der: bytes) -> x509.Certificate | None:
    """Return the RSA certificate that ``der`` is, or None."""
    found = _read(der)
    return found.x509 if found is not None else None


def _read(der: bytes) -> Certificate | None:
    return read_der(der, "x5c", "x5c", Findings())


def _members(text: str) -> dict[str, Any] | None:
    try:
        value = read_value(text.encode("utf-8", "surrogatepass"))
    except NotJsonError:
        return None
    return value if isinstance(value, dict) else None


def _number(value: Any) -> int | None:
    octets = decode_url(value).octets if isinstance(value, str) else None
    return int.from_bytes(octets, "big") if octets is not None else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
