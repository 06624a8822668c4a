"""A certificate as text, as ``keytool -printcert`` prints it, which Salesforce's troubleshooting page uses."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from provisioner.jose.certificates import Certificate


@dataclass(frozen=True, slots=True)
class CertificateText:
    """``sha1`` and ``sha256`` are fingerprints of the DER, in capital hexadecimal with colons; ``serial`` is hex."""

    owner: str
    issuer: str
    serial: str
    begins: datetime
    ends: datetime
    sha1: str
    sha256: str
    signature_algorithm: str
    bits: int
    self_signed: bool


def describe(certificate: Certificate) -> CertificateText:
    """Return the text of a certificate."""
    read = certificate.x509
    return CertificateText(
        owner=_name(read, "subject"),
        issuer=_name(read, "issuer"),
        serial=f"{read.serial_number:x}",
        begins=read.not_valid_before_utc,
        ends=read.not_valid_after_utc,
        sha1=_colons(hashlib.sha1(certificate.der, usedforsecurity=False).hexdigest()),
        sha256=_colons(hashlib.sha256(certificate.der).hexdigest()),
        signature_algorithm=_signature(read),
        bits=certificate.n.bit_length(),
        self_signed=_name(read, "subject") == _name(read, "issuer"),
    )


def subject_of(certificate: x509.Certificate) -> str:
    """Return the subject of a certificate, its most specific part first."""
    return _name(certificate, "subject")


def _name(certificate: x509.Certificate, which: str) -> str:
    """Return a name with its most specific part first, separated as in keytool."""
    try:
        name: x509.Name = getattr(certificate, which)
        return ", ".join(part.rfc4514_string() for part in reversed(name.rdns)) or "(empty)"
    except ValueError:
        return "(cannot be read)"


def _signature(certificate: x509.Certificate) -> str:
    """Return ``SHA256withRSA``; the object identifier of an unknown algorithm."""
    oid = certificate.signature_algorithm_oid
    try:
        hashed = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return oid.dotted_string
    if hashed is None or "RSA" not in oid._name.upper():
        return oid._name
    return "RSASSA-PSS" if "PSS" in oid._name.upper() else f"{hashed.name.upper()}withRSA"


def _colons(digest: str) -> str:
    return ":".join(digest[at : at + 2] for at in range(0, len(digest), 2)).upper()
