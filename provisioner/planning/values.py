"""The values of a change's fields: plain ones, public keys and certificates."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from provisioner.model.jwk import CACHED, Jwk

UNREADABLE_CERTIFICATE = "not readable"


@dataclass(frozen=True, slots=True)
class PublicKeyValue:
    """A public key. ``kid`` and ``alg`` are separate fields of a change, so two equal keys can differ in them."""

    kty: str
    bits: int
    kid: str = field(compare=False)
    alg: str = field(compare=False)
    thumbprint: str

    def __str__(self) -> str:
        return f"{self.kty} {self.bits} bits, thumbprint {self.thumbprint}"


@dataclass(frozen=True, slots=True)
class CertificateValue:
    """A certificate. ``sha256`` is the fingerprint of its DER in hexadecimal."""

    subject: str
    not_before: datetime
    not_after: datetime
    sha256: str

    def __str__(self) -> str:
        return f"valid {self.not_before:%Y-%m-%d} to {self.not_after:%Y-%m-%d}, SHA-256 {self.sha256}"


#: A list (the keys of a keyset) is a tuple of names.
FieldValue = str | int | bool | None | tuple[str, ...] | PublicKeyValue | CertificateValue


def public_key(jwk: Jwk) -> PublicKeyValue:
    """Return the public key of a JWK with its RFC 7638 thumbprint."""
    return PublicKeyValue(jwk.kty, jwk.bits, jwk.kid, jwk.alg, jwk.thumbprint)


def certificate(jwk: Jwk) -> CertificateValue | str | None:
    """Return the certificate of a JWK; ``not readable`` for one that cannot be read; None if it has none."""
    return _certificate(jwk.x5c[0]) if jwk.x5c else None


@lru_cache(maxsize=CACHED)
def _certificate(der: bytes) -> CertificateValue | str:
    from provisioner.jose.certificates import subject_of
    from provisioner.jose.uploaded_jwk import certificate_in

    # The value is kept, not the library's certificate, which takes ten times the memory.
    found = certificate_in(der)
    if found is None:
        return UNREADABLE_CERTIFICATE
    fingerprint = hashlib.sha256(der).hexdigest()
    return CertificateValue(subject_of(found), found.not_valid_before_utc, found.not_valid_after_utc, fingerprint)
