"""Key material for tests: real keys and certificates, made once a process, with dates around :data:`NOW`."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes

from provisioner.model.estate import CertificateSource, JwkSource, KeyFile

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)

DAY = timedelta(days=1)
PLAIN_PRIVATE = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
PLAIN_PUBLIC = serialization.PublicFormat.SubjectPublicKeyInfo
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
SHA256_WITH_RSA, SHA1_WITH_RSA, MD5_WITH_RSA = (bytes.fromhex(f"2a864886f70d0101{last}") for last in ("0b", "05", "04"))


@cache
def rsa_key(name: str = "shop", bits: int = 2048, exponent: int = 65537) -> rsa.RSAPrivateKey:
    """The same key each time it is asked for by the same name."""
    return rsa.generate_private_key(exponent, bits)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def ed25519_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def certificate(
    key: CertificateIssuerPrivateKeyTypes,
    *,
    begins: datetime = NOW - timedelta(days=1),
    ends: datetime = NOW + timedelta(days=365),
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "shop")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(4711)
        .not_valid_before(begins)
        .not_valid_after(ends)
    )
    return builder.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())


@cache
def shop() -> x509.Certificate:
    """A certificate without a fault."""
    return certificate(rsa_key())


@cache
def other() -> x509.Certificate:
    """Another certificate without a fault."""
    return certificate(rsa_key("other"))


def signed_with(oid: bytes) -> bytes:
    """DER of :func:`shop` that says it is signed by another algorithm (its signature is nothing then)."""
    return shop().public_bytes(DER).replace(SHA256_WITH_RSA, oid)


def with_serial_number(octet: int) -> bytes:
    """DER of a certificate with a serial number of one octet, also one that RFC 5280 forbids."""
    made = x509.CertificateBuilder(
        issuer_name=shop().subject,
        subject_name=shop().subject,
        public_key=rsa_key().public_key(),
        serial_number=1,
        not_valid_before=NOW - timedelta(days=1),
        not_valid_after=NOW + timedelta(days=365),
    )
    der = made.sign(rsa_key(), hashes.SHA256()).public_bytes(DER)
    return der.replace(b"\xa0\x03\x02\x01\x02\x02\x01\x01", b"\xa0\x03\x02\x01\x02\x02\x01" + bytes([octet]), 1)


def der_base64(made: x509.Certificate) -> str:
    return base64.b64encode(made.public_bytes(DER)).decode()


def uint(value: int) -> str:
    octets = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def jwk_members(made: x509.Certificate | None = None, **changes: Any) -> dict[str, Any]:
    """A JWK without a fault; a change to None removes the member."""
    made = made or shop()
    numbers = made.public_key().public_numbers()
    members = {
        "kty": "RSA",
        "kid": "shop-1",
        "alg": "RS256",
        "use": "sig",
        "x5c": [der_base64(made)],
        "n": uint(numbers.n),
        "e": uint(numbers.e),
    }
    members.update(changes)
    return {name: value for name, value in members.items() if value is not None}


def private_pem(key: Any = None, passphrase: bytes | None = None, traditional: bool = False) -> bytes:
    formats = serialization.PrivateFormat
    return (key or rsa_key()).private_bytes(
        PEM,
        formats.TraditionalOpenSSL if traditional else formats.PKCS8,
        serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption(),
    )


def public_pem(key: Any = None) -> bytes:
    return (key or rsa_key()).public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def request_pem(key: Any = None) -> bytes:
    return (
        x509.CertificateSigningRequestBuilder()
        .subject_name(shop().subject)
        .sign(key if key is not None else rsa_key(), hashes.SHA256())
        .public_bytes(PEM)
    )


@cache
def files() -> Mapping[str, bytes]:
    """The key files that examples name, by their name in ``keys/``."""

    def pem(key: Any = None, **dates: datetime) -> bytes:
        return certificate(key or rsa_key(), **dates).public_bytes(PEM)

    sha1 = x509.load_der_x509_certificate(signed_with(SHA1_WITH_RSA)).public_bytes(PEM)
    return {
        "shop.crt": shop().public_bytes(PEM),
        "other.crt": other().public_bytes(PEM),
        "expired.crt": pem(begins=NOW - 400 * DAY, ends=NOW - DAY),
        "next-year.crt": pem(begins=NOW + 40 * DAY, ends=NOW + 400 * DAY),
        "ends-in-9-days.crt": pem(ends=NOW + 9 * DAY),
        "ends-in-29-days.crt": pem(ends=NOW + 29 * DAY),
        "ec.crt": pem(ec_key()),
        "rsa-1024.crt": pem(rsa_key("small", 1024)),
        "exponent-3.crt": pem(rsa_key("exponent", 2048, 3)),
        "sha1.crt": sha1,
        "request.csr": request_pem(),
        "shop.key": private_pem(),
        "shop.pub": public_pem(),
        "shop.jwk.json": json.dumps(jwk_members()).encode(),
    }


def key_file(content: bytes | None, path: str = "keys/shop.crt") -> KeyFile:
    return KeyFile(path, f"config/{path}", content)


def certificate_source(
    content: bytes | None, kid: str | None = "shop-1", algorithm: str = "RS256"
) -> CertificateSource:
    return CertificateSource(key_file(content), kid, algorithm)


def jwk_source(content: bytes | Mapping[str, Any]) -> JwkSource:
    text = content if isinstance(content, bytes) else json.dumps(dict(content)).encode()
    return JwkSource(key_file(text, "keys/shop.jwk.json"))
