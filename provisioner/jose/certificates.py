"""X.509 certificates (RFC 5280): read from PEM or DER, and judged by what Salesforce asks of them.

Salesforce Help, "Troubleshooting User Verification": the public certificate, not expired, valid for ten days more.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import textwrap
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from provisioner.jose.defects import Findings

#: Salesforce asks for 2048 bits or more with RS256. Nobody has keys above the other bound: verifiers refuse them
#: (OpenSSL), and signing takes seconds.
SMALLEST_KEY_BITS, LARGEST_KEY_BITS = 2048, 16384
#: RFC 8017 also allows 3. Every tool uses 65537, which prevents the attacks on smaller exponents.
USUAL_EXPONENT = 65537
MUST_BE_VALID_FOR = timedelta(days=10)
SHOULD_BE_VALID_FOR = timedelta(days=30)
WEAK_HASHES = ("md5", "sha1")
#: id-RSASSA-PSS (RFC 4055 §3.1), and its DER: an RSA key for PSS only, while RS256 and RS512 are PKCS #1 v1.5.
PSS_OID = "1.2.840.113549.1.1.10"
RSASSA_PSS = bytes.fromhex("2a864886f70d01010a")
#: Errors about dates: a plan refuses only a key whose JWK would be sent.
DATE_RULES = frozenset({"certificate-expired", "certificate-not-yet-valid", "certificate-ends-within-10-days"})

_MAKE_NEW = "Make a new pair with `provisioner keys generate`, or have the certificate renewed."
_GIVE_PUBLIC = "Name the certificate instead: a file that begins with -----BEGIN CERTIFICATE-----."
_TAKE_AWAY = (
    "Move the private key out of the config directory and name the certificate instead. "
    "If the file was ever committed or shared, make a new pair."
)
_WARNINGS = threading.Lock()


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate with an RSA key: its DER, and the key's modulus and exponent."""

    x509: x509.Certificate
    der: bytes
    n: int
    e: int


def read_certificate_file(content: bytes, shown_path: str, found: Findings) -> Certificate | None:
    """Return the first certificate of a file, PEM or DER; None, with a reason in the findings, if there is none."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):  # PowerShell's `>` writes UTF-16
        content = content.decode("utf-16", "replace").encode()
    subject = f"the certificate in {shown_path}"
    if b"-----BEGIN " not in content:
        return read_der(content, shown_path, subject, found)
    for label in (b"CERTIFICATE", b"X509 CERTIFICATE"):
        if b"-----BEGIN " + label + b"-----" in content:
            certificate = parse(content)
            if certificate is not None:
                return _rsa(certificate, subject, found)
            damaged(shown_path, found)
            return None
    for label in (b"PUBLIC KEY", b"RSA PUBLIC KEY"):
        if b"-----BEGIN " + label + b"-----" in content:
            _public_key(f"{shown_path} holds a bare public key", found)
            return None
    kind = content.partition(b"-----BEGIN ")[2].partition(b"-----")[0][:40].decode("ascii", "replace")
    kind = "a certificate request" if "REQUEST" in kind else f"a PEM block of another kind ({kind})"
    found.error("certificate-unreadable", f"{shown_path} holds {kind}, not a certificate.", _GIVE_PUBLIC)
    return None


def read_der(der: bytes, place: str, subject: str, found: Findings) -> Certificate | None:
    """Return the certificate ``der``; ``place`` names it in sentences, ``subject`` if it could be read."""
    certificate = parse(der)
    if certificate is None:
        _explain_other(der, place, found)
        return None
    return _rsa(certificate, subject, found)


def is_certificate(der: bytes) -> bool:
    """Return whether ``der`` is a certificate, with any kind of key."""
    return parse(der) is not None


def damaged(place: str, found: Findings) -> None:
    """Add the finding that a PEM file holds no readable certificate."""
    found.error(
        "certificate-unreadable",
        f"{place} holds no certificate that can be read: the text between its PEM lines is damaged.",
        "Export the certificate again; `openssl x509 -in FILE -noout -text` must be able to show it.",
    )


def _rsa(certificate: x509.Certificate, subject: str, found: Findings) -> Certificate | None:
    """Return the certificate with its RSA key; another kind of key is a finding."""
    try:
        key = certificate.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if key is None:
        found.error(
            "certificate-unreadable",
            f"The public key in {subject} cannot be read.",
            "Make a new pair with `provisioner keys generate`: Salesforce takes RSA keys only.",
        )
        return None
    if isinstance(key, rsa.RSAPublicKey) and certificate.public_key_algorithm_oid.dotted_string == PSS_OID:
        found.error(
            "certificate-not-rsa",
            f"The public key in {subject} is limited to RSA-PSS, with which RS256 and RS512 cannot be signed.",
            "Make an RSA pair with `provisioner keys generate`: Salesforce verifies RS256 and RS512 only.",
        )
        return None
    if not isinstance(key, rsa.RSAPublicKey):
        kind = type(key).__name__.removesuffix("PublicKey").lstrip("_").upper() or "another"
        found.error(
            "certificate-not-rsa",
            f"The public key in {subject} is not RSA but {kind}.",
            "Make an RSA pair with `provisioner keys generate`: Salesforce verifies RS256 and RS512 only.",
        )
        return None
    numbers = key.public_numbers()
    return Certificate(certificate, certificate.public_bytes(serialization.Encoding.DER), numbers.n, numbers.e)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep the library's own warnings from stderr, of odd serial numbers and of old ciphers; the rules judge these."""
    with _WARNINGS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def parse(content: bytes) -> x509.Certificate | None:
    """Return a certificate in PEM or DER, with any kind of key; None if it is not one."""
    load = x509.load_pem_x509_certificate if b"-----BEGIN " in content else x509.load_der_x509_certificate
    with quiet():
        try:
            return load(content)
        except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
            return None


def _explain_other(content: bytes, place: str, found: Findings) -> None:
    """Add the reason why ``content``, which has no PEM lines, is not a certificate."""
    if _is_private(content):
        _private_key(f"{place} holds a private key", found)
    elif _is_public(content):
        _public_key(f"{place} holds a bare public key", found)
    elif content.lstrip()[:1] in (b"{", b"["):
        found.error(
            "certificate-unreadable",
            f"{place} holds JSON, not a certificate.",
            "If it is a JWK, name it under `jwk` and remove `certificate`, `kid` and `algorithm`.",
        )
    elif _is_base64_certificate(content):
        found.error(
            "certificate-unreadable",
            f"{place} holds a certificate's base64 without its PEM lines.",
            "Put -----BEGIN CERTIFICATE----- on a line before it and -----END CERTIFICATE----- on a line after it.",
        )
    else:
        what = "is empty" if not content.strip() else "holds no certificate that can be read"
        found.error("certificate-unreadable", f"{place} {what}.", _GIVE_PUBLIC)


def _is_private(content: bytes) -> bool:
    if content[4:7] == b"\x02\x01\x03" and content[:1] == b"\x30":  # PKCS #12 (RFC 7292 §4: version 3)
        return True
    try:
        serialization.load_der_private_key(content, None)
    except TypeError:  # it is one, and encrypted
        return True
    except (ValueError, UnsupportedAlgorithm):
        return False
    return True


def _is_public(content: bytes) -> bool:
    try:
        serialization.load_der_public_key(content)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True


def _is_base64_certificate(content: bytes) -> bool:
    try:
        return parse(base64.b64decode(b"".join(content.split()), validate=True)) is not None
    except (ValueError, binascii.Error):
        return False


def _private_key(what: str, found: Findings) -> None:
    found.error("certificate-is-private-key", f"{what}; only public material belongs here.", _TAKE_AWAY)


def _public_key(what: str, found: Findings) -> None:
    found.error("certificate-is-public-key", f"{what}; Salesforce needs the whole certificate.", _GIVE_PUBLIC)


def judge(certificate: Certificate, subject: str, now: datetime, found: Findings) -> None:
    """Judge dates, size, exponent and signature. ``subject`` begins a sentence; ``now`` has a time zone."""
    _judge_dates(certificate.x509, subject, now, found)
    bits = certificate.n.bit_length()
    if bits < SMALLEST_KEY_BITS:
        found.error(
            "key-too-small",
            f"{subject} has an RSA key of {bits} bits; Salesforce requires {SMALLEST_KEY_BITS} or more.",
            "Make a new pair with `provisioner keys generate` (--bits 2048 or more).",
        )
    if certificate.e < USUAL_EXPONENT:
        found.warning(
            "key-small-exponent",
            f"{subject} has an RSA key with the public exponent {certificate.e}; {USUAL_EXPONENT} is usual.",
            "Make a new pair with `provisioner keys generate` when you next rotate.",
        )
    try:
        algorithm = certificate.x509.signature_hash_algorithm
    except UnsupportedAlgorithm:
        algorithm = None
    if algorithm is not None and algorithm.name in WEAK_HASHES:
        found.warning(
            "certificate-weak-signature",
            f"{subject} is signed with {algorithm.name.upper()}, which is broken.",
            "Have it issued again with SHA-256, or make a new pair with `provisioner keys generate`.",
        )


def _judge_dates(certificate: x509.Certificate, subject: str, now: datetime, found: Findings) -> None:
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    left = ends - now
    if left < timedelta(0):
        found.error("certificate-expired", f"{subject} expired on {_day(ends)}.", _MAKE_NEW)
    elif now < begins:
        found.error(
            "certificate-not-yet-valid",
            f"{subject} is not valid before {_day(begins)}.",
            "Wait until then, or have it issued with an earlier start date. Also check the clock of this machine.",
        )
    elif left < MUST_BE_VALID_FOR:
        found.error(
            "certificate-ends-within-10-days",
            f"{subject} expires on {_day(ends)}, {_days(left)}; Salesforce refuses an upload with less than ten days "
            f"left.",
            _MAKE_NEW,
        )
    elif left < SHOULD_BE_VALID_FOR:
        found.warning(
            "certificate-ends-within-30-days",
            f"{subject} expires on {_day(ends)}, {_days(left)}.",
            "Plan its rotation now: `provisioner keys rotate` goes through the safe steps.",
        )


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _days(left: timedelta) -> str:
    return {0: "within a day", 1: "in 1 day"}.get(left.days, f"in {left.days} days")


def pem_of(der: bytes) -> str:
    """Return the certificate as PEM, with 64 characters in a line and no line break at the end."""
    lines = textwrap.wrap(base64.b64encode(der).decode("ascii"), 64)
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----"])


def fingerprint(der: bytes) -> str:
    """Return the SHA-256 of a certificate in hexadecimal digits."""
    return hashlib.sha256(der).hexdigest()


def der_of(text: str) -> bytes | None:
    """Return the certificate in an app's text: PEM, or its base64 alone; None if there is no readable one."""
    body = text.replace("-----BEGIN CERTIFICATE-----", "").replace("-----END CERTIFICATE-----", "")
    try:
        der = base64.b64decode("".join(body.split()), validate=True)
    except ValueError:
        return None
    return der or None


def numbers_of(certificate: Certificate | None) -> tuple[int, int] | None:
    """Return the public key (n, e) of a certificate."""
    return (certificate.n, certificate.e) if certificate is not None else None


def rsa_certificate(der: bytes) -> Certificate | None:
    """Return the RSA certificate that ``der`` is; None for anything else."""
    return read_der(der, "", "", Findings())


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
    with quiet():
        serial = f"{read.serial_number:x}"
    return CertificateText(
        owner=_name(read, "subject"),
        issuer=_name(read, "issuer"),
        serial=serial,
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
        with quiet():
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
