"""The keys and certificates of a new org: its authority, its server, its first login."""

from __future__ import annotations

import base64
import binascii
import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFE = timedelta(days=3650)
_Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """PEM texts. The authority's private key is discarded after it signed the server's certificate."""

    ca_certificate: bytes
    certificate: bytes
    key: bytes


@dataclass(frozen=True, slots=True)
class LoginIdentity:
    """PEM texts of a private key and the self-signed certificate for an app."""

    certificate: bytes
    key: bytes


def new_server_identity() -> ServerIdentity:
    """Return a private authority and a certificate for this machine's loopback names."""
    authority, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    subject = _name("Local org authority")
    root = _certificate(subject, subject, authority, authority, authority=True)
    names = x509.SubjectAlternativeName(
        [
            x509.DNSName("localhost"),
            x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
            x509.IPAddress(ipaddress.ip_address("::1")),
        ]
    )
    leaf = _certificate(_name("localhost"), subject, server, authority, authority=False, names=names)
    return ServerIdentity(_pem(root), _pem(leaf), _private_pem(server))


def new_login_identity(common_name: str) -> LoginIdentity:
    """Return an RSA key of 2048 bits and its self-signed certificate."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = _name(common_name)
    return LoginIdentity(_pem(_certificate(name, name, key, key, authority=False)), _private_pem(key))


def read_certificate(text: str) -> x509.Certificate | None:
    """Read a certificate with or without BEGIN and END lines; None if the text is not a certificate."""
    try:
        if "-----BEGIN" in text:
            return x509.load_pem_x509_certificate(text.strip().encode())
        return x509.load_der_x509_certificate(base64.b64decode("".join(text.split()), validate=True))
    except (ValueError, binascii.Error):
        return None


def expired_twin(certificate: x509.Certificate) -> bytes:
    """Return a certificate of the same public key that expired yesterday. Another key signed it; no org checks that."""
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(certificate.subject)
        .issuer_name(certificate.subject)
        .public_key(certificate.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=700))
        .not_valid_after(now - timedelta(days=1))
    )
    return _pem(made.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()))


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: _Key, signer: _Key, *, authority: bool,
    names: x509.SubjectAlternativeName | None = None,
) -> x509.Certificate:  # fmt: skip
    now = datetime.now(UTC)
    usage = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + _LIFE)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=0 if authority else None), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=True, key_cert_sign=authority, crl_sign=authority, **usage), critical=True
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if names is not None:
        builder = builder.add_extension(names, critical=False)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return builder.sign(signer, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _private_pem(key: _Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
