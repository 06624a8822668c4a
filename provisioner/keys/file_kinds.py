"""What a file of key material is, whatever its name says."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from enum import StrEnum

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from provisioner.keys.certificates import is_certificate
from provisioner.keys.pem import Block, pem_blocks

#: A chain of certificates has some kilobytes; nothing that is bigger than this is a key.
LARGEST_FILE = 1 << 20


class Kind(StrEnum):
    """What a file holds."""

    JSON = "json"
    CERTIFICATE = "certificate"
    PRIVATE_KEY = "private-key"
    PUBLIC_KEY = "public-key"
    CERTIFICATE_REQUEST = "certificate-request"
    PKCS12 = "pkcs12"
    PKCS7 = "pkcs7"
    KEYSTORE = "keystore"
    JWT = "jwt"
    METADATA = "metadata"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file was taken for.

    ``what`` follows "holds" in a sentence. ``certificates`` are DER, the key's own first; ``public`` is (n, e) of an
    RSA key beside or instead of a certificate. ``json`` is the JSON text as UTF-8, everything around it blanked, so
    that lines and columns stay; ``around`` says what stood around it.
    """

    kind: Kind
    what: str
    certificates: tuple[bytes, ...] = ()
    public: tuple[int, int] | None = None
    json: bytes | None = None
    around: str | None = None


#: The beginnings of binary files that are no DER.
_MAGIC = (
    (b"\xfe\xed\xfe\xed", Kind.KEYSTORE, "a Java keystore (JKS)"),
    (b"\xce\xce\xce\xce", Kind.KEYSTORE, "a Java keystore (JCEKS)"),
    (b"PK\x03\x04", Kind.OTHER, "a ZIP archive"),
    (b"\x1f\x8b", Kind.OTHER, "a file compressed with gzip"),
    (b"\x89PNG", Kind.OTHER, "a picture"),
    (b"%PDF", Kind.OTHER, "a PDF document"),
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
#: PKCS #7 signedData (RFC 2315 §14) and PKCS #12's version 3 (RFC 7292 §4), as DER has them near the beginning.
_PKCS7, _PKCS12 = bytes.fromhex("06092a864886f70d010702"), b"\x02\x01\x03"
_JWT = re.compile(rb"(?:[Bb]earer\s+|JWT\s*:\s*)?(ey[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){2,4})")
_BANNER = re.compile(r"^\s*JWK\s*:\s*(?=\{)", re.M)


def take(content: bytes) -> Taken:
    """What ``content`` is. Never raises, whatever the bytes."""
    if content.startswith(_UTF16):
        # PowerShell's `>` writes it. What is inside is judged, and that it is UTF-16 stands against it.
        inner = _take(content.decode("utf-16", "replace").encode("utf-8", "replace"))
        around = "it is saved as UTF-16, not as UTF-8" if inner.around is None else f"it is UTF-16, and {inner.around}"
        return Taken(inner.kind, inner.what, inner.certificates, inner.public, inner.json, around)
    return _take(content)


def _take(content: bytes) -> Taken:
    stripped = content.removeprefix(b"\xef\xbb\xbf").strip()
    if not stripped:
        return Taken(Kind.OTHER, "nothing: it is empty")
    for magic, kind, what in _MAGIC:
        if content.startswith(magic):
            return Taken(kind, what)
    if stripped[:1] in (b"{", b"["):
        return Taken(Kind.JSON, "JSON", json=content)
    if b"-----BEGIN " in content:
        return _take_pem(pem_blocks(content))
    if _JWT.fullmatch(stripped):
        return Taken(Kind.JWT, "a token (JWT)")
    return _take_wrapped(content) or _take_der(content) or _take_text(stripped)


def _take_pem(blocks: tuple[Block, ...]) -> Taken:
    certificates = tuple(
        block.der for block in blocks if block.label in ("CERTIFICATE", "X509 CERTIFICATE") and block.der is not None
    )
    private = next((block for block in blocks if block.is_private), None)
    if private is not None:
        state = " with a passphrase" if "ENCRYPTED" in private.label else ""
        beside = " and a certificate" if certificates else ""
        return Taken(Kind.PRIVATE_KEY, f"a private key{state} (PEM){beside}", certificates, _numbers(private.der))
    labels = [block.label for block in blocks]
    if any(label in ("CERTIFICATE", "X509 CERTIFICATE") for label in labels):
        many = f"{len(certificates)} certificates (PEM)" if len(certificates) > 1 else "a certificate (PEM)"
        return Taken(Kind.CERTIFICATE, many, certificates)
    for ending, kind, what in (
        ("PUBLIC KEY", Kind.PUBLIC_KEY, "a bare public key (PEM)"),
        ("CERTIFICATE REQUEST", Kind.CERTIFICATE_REQUEST, "a certificate request (PEM)"),
        ("PKCS7", Kind.PKCS7, "a PKCS #7 bundle (PEM)"),
    ):
        found = next((block for block in blocks if block.label.endswith(ending)), None)
        if found is not None:
            return Taken(kind, what, public=_numbers(found.der))
    label = f" ({labels[0][:40]})" if labels else ""
    return Taken(Kind.OTHER, f"a PEM block of another kind{label}")


def _take_der(content: bytes) -> Taken | None:
    """DER, or the base64 of it without PEM lines."""
    if found := _der(content):
        return found
    try:
        der = base64.b64decode(b"".join(content.split()), validate=True)
    except (ValueError, binascii.Error):
        return None
    found = _der(der)
    if found is None:
        return None
    what = found.what.replace("(DER)", "(base64 without its PEM lines)")
    return Taken(found.kind, what, found.certificates, found.public)


def _der(content: bytes) -> Taken | None:
    if content[:1] != b"\x30":
        return None
    if is_certificate(content):
        return Taken(Kind.CERTIFICATE, "a certificate (DER)", (content,))
    if _PKCS7 in content[:32]:
        return Taken(Kind.PKCS7, "a PKCS #7 bundle (DER)")
    if _PKCS12 in content[1:9]:
        return Taken(Kind.PKCS12, "a PKCS #12 keystore (.p12, .pfx): a private key with its certificate")
    try:
        request = x509.load_der_x509_csr(content)
        return Taken(Kind.CERTIFICATE_REQUEST, "a certificate request (DER)", public=_rsa(request.public_key()))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        pass
    try:
        return Taken(
            Kind.PUBLIC_KEY, "a bare public key (DER)", public=_rsa(serialization.load_der_public_key(content))
        )
    except (ValueError, TypeError, UnsupportedAlgorithm):
        pass
    private = _private(content)
    return Taken(Kind.PRIVATE_KEY, private[0], public=private[1]) if private is not None else None


def _private(der: bytes) -> tuple[str, tuple[int, int] | None] | None:
    try:
        # Only its public half is looked at: what makes checking a key's primes slow is not ours to check.
        key = serialization.load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
    except TypeError:
        return "a private key with a passphrase (DER)", None
    except (ValueError, UnsupportedAlgorithm):
        return None
    return "a private key (DER)", _rsa(key.public_key())


def _numbers(der: bytes | None) -> tuple[int, int] | None:
    """The RSA numbers of whatever key a PEM block holds, where they can be had without a passphrase."""
    if der is None:
        return None
    found = _der(der)
    if found is not None:
        return found.public
    try:  # RSA PUBLIC KEY (PKCS #1)
        return _rsa(serialization.load_der_public_key(der))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def _rsa(key: object) -> tuple[int, int] | None:
    if not isinstance(key, rsa.RSAPublicKey):
        return None
    numbers = key.public_numbers()
    return numbers.n, numbers.e


def _take_wrapped(content: bytes) -> Taken | None:
    """A JWK with other text around it, as Salesforce's own tool prints it: ``JWK : {...}`` among other lines."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    banner = _BANNER.search(text)
    begin = banner.end() if banner is not None else text.find("{")
    if begin < 0:
        return None
    try:
        value, end = json.JSONDecoder().raw_decode(text, begin)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or not {"kty", "keys", "x5c"} & value.keys():
        return None
    around = (
        "Salesforce's own tool printed other lines around it" if banner is not None else "there is other text around it"
    )
    blank = re.sub(r"[^\n]", " ", text[:begin])
    return Taken(Kind.JSON, "JSON", json=(blank + text[begin:end]).encode(), around=around)


def _take_text(stripped: bytes) -> Taken:
    start = stripped[:400].lower()
    if b"<publickeycertificate" in start and b"http://soap.sforce.com" in start:
        return Taken(Kind.METADATA, "a metadata component; its JWK stands in the element jsonWebKey")
    if start.startswith((b"<!doctype html", b"<html")):
        return Taken(Kind.OTHER, "a web page (HTML)")
    if start.startswith(b"<"):
        return Taken(Kind.OTHER, "XML")
    if start.startswith((b"ssh-rsa ", b"ssh-ed25519 ", b"ecdsa-sha2-")):
        return Taken(Kind.PUBLIC_KEY, "a public key for SSH")
    return Taken(Kind.OTHER, "nothing that is known here: neither JSON, nor PEM, nor DER")
