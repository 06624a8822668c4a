"""The one recogniser of key material: the kind of a file, whether it is private, and its algorithm.

It sees through the wrappings that key material comes in: PEM and DER, keystores, JSON, base64 of any of these, escaped
line breaks, UTF-16. ``keys inspect``, ``diagnose key`` and ``validate`` call a file private by this answer alone.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from provisioner.files import git_damage
from provisioner.jose.certificates import is_certificate
from provisioner.jose.defects import Findings
from provisioner.jose.jwk_files import names_private_members
from provisioner.jose.members import private_members
from provisioner.jose.pem import Block, pem_blocks

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
    that lines and columns stay; ``around`` says what stood around it. ``is_private``: whoever has the file can sign, or
    needs only its passphrase. ``algorithm`` is that of a private key (``RSA``, ``EC``, ``Ed25519``), None if unknown.
    """

    kind: Kind
    what: str
    certificates: tuple[bytes, ...] = ()
    public: tuple[int, int] | None = None
    json: bytes | None = None
    around: str | None = None
    is_private: bool = False
    algorithm: str | None = None


#: The beginnings of binary files that are no DER.
_MAGIC = (
    (b"\xfe\xed\xfe\xed", Kind.KEYSTORE, "a Java keystore (JKS)"),
    (b"\xce\xce\xce\xce", Kind.KEYSTORE, "a Java keystore (JCEKS)"),
    (b"PuTTY-User-Key-File-", Kind.PRIVATE_KEY, "a private key of PuTTY (PPK)"),
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
#: A key's frame, also with lost dashes, in a string of JSON, or among other text.
_PRIVATE_FRAME = re.compile(rb"BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY")
#: Private members in JSON that does not parse: cut short, or with a comma too many.
_PRIVATE_MEMBER = re.compile(rb'"(?:d|p|q|dp|dq|qi)"\s*:\s*"[A-Za-z0-9_+/=-]{16,}"')
_PRIVATE_KINDS = (Kind.PRIVATE_KEY, Kind.PKCS12, Kind.KEYSTORE)
#: Base64 in base64 in a string of JSON: a secret store's file, put into another one.
_DEEPEST = 3
_SHORTEST_KEY = 40
_ALGORITHMS = {"RSA": "RSA", "EC": "EC", "EllipticCurve": "EC", "DSA": "DSA", "Ed25519": "Ed25519", "Ed448": "Ed448"}
_SSH_ALGORITHMS = ((b"ssh-rsa", "RSA"), (b"ssh-ed25519", "Ed25519"), (b"ecdsa-sha2", "EC"), (b"ssh-dss", "DSA"))


def take(content: bytes) -> Taken:
    """Return what ``content`` is. Never raises, whatever the bytes."""
    return _recognised(content, 0)


def call_private(taken: Taken, path: str, found: Findings) -> None:
    """Add the finding about a file of private material. It names no part of it."""
    what = taken.what if taken.kind in _PRIVATE_KINDS else f"private key material in {taken.what}"
    found.error(
        "certificate-is-private-key",
        f"{path} holds {what}; only public material belongs in the config directory.",
        "Move the file out of the config directory, and name the public certificate or JWK instead. If it was ever "
        "committed or shared, make a new pair and revoke this one (`provisioner keys rotate KEYSET --revoke KEY`).",
    )


def _recognised(content: bytes, depth: int) -> Taken:
    if content.startswith(_UTF16):
        # PowerShell's `>` writes it. What is inside is judged, and that it is UTF-16 stands against it.
        inner = _recognised(content.decode("utf-16", "replace").encode("utf-8", "replace"), depth)
        around = "it is saved as UTF-16, not as UTF-8" if inner.around is None else f"it is UTF-16, and {inner.around}"
        return replace(inner, around=around)
    taken = _take(content, depth)
    private = taken.kind in _PRIVATE_KINDS or taken.is_private or _PRIVATE_FRAME.search(content) is not None
    if taken.json is not None and not private:
        private = _is_private_json(taken.json, depth)
    return replace(taken, is_private=private)


def _take(content: bytes, depth: int) -> Taken:
    stripped = content.removeprefix(b"\xef\xbb\xbf").strip()
    if not stripped:
        return Taken(Kind.OTHER, "nothing: it is empty")
    for magic, kind, what in _MAGIC:
        if content.startswith(magic):
            return Taken(kind, what, algorithm=_ssh_algorithm(content[:200]))
    if stripped[:1] in (b"{", b"["):
        return Taken(Kind.JSON, "JSON", json=content)
    if b"-----BEGIN " in content:
        return _take_pem(pem_blocks(content), content)
    if _PRIVATE_FRAME.search(content):
        return Taken(Kind.PRIVATE_KEY, "a private key without the dashes of PEM")
    if _JWT.fullmatch(stripped):
        return Taken(Kind.JWT, "a token (JWT)")
    return _take_wrapped(content) or _der(content) or _take_base64(stripped, depth) or _take_text(stripped)


def _take_pem(blocks: tuple[Block, ...], content: bytes) -> Taken:
    certificates = tuple(
        block.der for block in blocks if block.label in ("CERTIFICATE", "X509 CERTIFICATE") and block.der is not None
    )
    private = next((block for block in blocks if block.is_private), None)
    if private is not None:
        encrypted = "ENCRYPTED" in private.label or b"Proc-Type: 4,ENCRYPTED" in content
        state = " with a passphrase" if encrypted else ""
        beside = " and a certificate" if certificates else ""
        inner = _der(private.der or b"")
        algorithm = inner.algorithm if inner is not None else _ssh_algorithm(private.der or b"")
        what = f"a private key{state} (PEM){beside}"
        return Taken(Kind.PRIVATE_KEY, what, certificates, _numbers(private.der), algorithm=algorithm)
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


def _take_base64(stripped: bytes, depth: int) -> Taken | None:
    """Base64 or base64url, also in quotes or with escaped line breaks, of anything that is known."""
    text = b"".join(stripped.strip(b"\"'").replace(b"\\n", b"").replace(b"\\r", b"").split())
    text = text.translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    if depth >= _DEEPEST or len(text) < _SHORTEST_KEY:
        return None
    try:
        inner = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except (ValueError, binascii.Error):
        return None
    found = _recognised(inner, depth + 1)
    if found.kind is Kind.OTHER and not found.is_private:
        return None
    if "(DER)" in found.what:
        return replace(found, what=found.what.replace("(DER)", "(base64 without its PEM lines)"))
    around = "the whole file is base64" if found.kind is Kind.JSON else found.around
    return replace(found, what=f"base64 of {found.what}", around=around)


def _is_private_json(content: bytes, depth: int) -> bool:
    """Return whether JSON holds a private JWK, or a private key as a string, at any place."""
    try:
        value = json.loads(content.decode("utf-8-sig", "replace"), object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        return _PRIVATE_MEMBER.search(content) is not None
    return names_private_members(content) or any(
        each.is_private_jwk
        if isinstance(each, _Pairs)
        else len(each) >= _SHORTEST_KEY and _recognised(each.encode("utf-8", "replace"), depth + 1).is_private
        for each in _objects_and_strings(value)
    )


class _Pairs(list[tuple[str, Any]]):
    """The members of a JSON object, repeated names included: a second `d` must not hide the first."""

    @property
    def is_private_jwk(self) -> bool:
        is_jwk = not {"kty", "n", "e", "x", "x5c"}.isdisjoint(name for name, _ in self)
        return is_jwk and any(private_members({name: value}) for name, value in self)


def _objects_and_strings(value: Any) -> Iterator[_Pairs | str]:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, _Pairs):
            yield each
            waiting += [member for _, member in each]
        elif isinstance(each, list):
            waiting += each
        elif isinstance(each, str):
            yield each


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
    return _private(content)


def _private(der: bytes) -> Taken | None:
    try:
        # Only its public half is looked at: what makes checking a key's primes slow is not ours to check.
        key = serialization.load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
    except TypeError:
        return Taken(Kind.PRIVATE_KEY, "a private key with a passphrase (DER)")
    except UnsupportedAlgorithm:
        return Taken(Kind.PRIVATE_KEY, "a private key of an unknown algorithm (DER)")
    except ValueError:
        return None
    algorithm = _ALGORITHMS.get(type(key).__name__.lstrip("_").removesuffix("PrivateKey"))
    return Taken(Kind.PRIVATE_KEY, "a private key (DER)", public=_rsa(key.public_key()), algorithm=algorithm)


def _ssh_algorithm(content: bytes) -> str | None:
    """The algorithm that a key in OpenSSH's or PuTTY's form names in clear."""
    return next((algorithm for name, algorithm in _SSH_ALGORITHMS if name in content), None)


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
    damage = git_damage(stripped)
    if damage is not None:
        return Taken(Kind.OTHER, damage.problem.removeprefix("is ").removeprefix("contains "))
    start = stripped[:400].lower()
    if b"<publickeycertificate" in start and b"http://soap.sforce.com" in start:
        return Taken(Kind.METADATA, "a metadata component; its JWK is in the element jsonWebKey")
    if start.startswith((b"<!doctype html", b"<html")):
        return Taken(Kind.OTHER, "a web page (HTML)")
    if b"<rsakeyvalue" in start and b"<D>" in stripped:
        return Taken(Kind.PRIVATE_KEY, "a private key in XML (RSAKeyValue)", algorithm="RSA")
    if start.startswith(b"<"):
        return Taken(Kind.OTHER, "XML")
    if start.startswith((b"ssh-rsa ", b"ssh-ed25519 ", b"ecdsa-sha2-")):
        return Taken(Kind.PUBLIC_KEY, "a public key for SSH")
    return Taken(Kind.OTHER, "nothing that is known here: neither JSON, nor PEM, nor DER")
