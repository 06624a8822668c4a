"""Throw-away keys and certificates for the tests' own HTTPS server."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

NAMES = ("localhost", "acme.my.salesforce.com", "other.my.salesforce.com", "login.salesforce.com")


@dataclass(frozen=True)
class Authority:
    """An authority's PEM, and the PEM chain (certificate and key) of a server that it vouches for."""

    ca_bundle: Path
    server_chain: Path


def make_authority(folder: Path, name: str) -> Authority:
    ca_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    ca = _builder(issuer, issuer, ca_key, ca_key, is_authority=True).sign(ca_key, hashes.SHA256())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = [*(x509.DNSName(each) for each in NAMES), x509.IPAddress(ip_address("127.0.0.1"))]
    server = (
        _builder(subject, issuer, server_key, ca_key, is_authority=False)
        .add_extension(x509.SubjectAlternativeName(names), False)
        .sign(ca_key, hashes.SHA256())
    )
    bundle, chain = folder / f"{name}.pem", folder / f"{name}-server.pem"
    bundle.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    chain.write_bytes(server.public_bytes(serialization.Encoding.PEM) + pem(server_key))
    return Authority(bundle, chain)


def pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, *, pkcs1: bool = False, passphrase: bytes = b"") -> bytes:
    """A private key as PEM: PKCS#8, or the older form; encrypted with a passphrase."""
    shape = serialization.PrivateFormat.TraditionalOpenSSL if pkcs1 else serialization.PrivateFormat.PKCS8
    cipher = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, shape, cipher)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    *,
    is_authority: bool,
) -> x509.CertificateBuilder:
    """Return a certificate with the extensions that RFC 5280 asks for, which Python checks from 3.13 on."""
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(_key_usage(is_authority=is_authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )


def _key_usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
