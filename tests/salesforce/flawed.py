"""A company's home-made authorities: certificates that browsers take, and that break the format of RFC 5280."""

from __future__ import annotations

import datetime
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.salesforce.certificates import NAMES, Authority, pem

Extensions = list[tuple[x509.ExtensionType, bool]]
CA_KEY_USAGE = x509.KeyUsage(False, False, False, False, False, True, True, False, False)


def _without(kind: type[x509.ExtensionType]) -> Callable[[Extensions], Extensions]:
    return lambda extensions: [each for each in extensions if not isinstance(each[0], kind)]


def _uncritical(kind: type[x509.ExtensionType]) -> Callable[[Extensions], Extensions]:
    return lambda extensions: [(each, critical and not isinstance(each, kind)) for each, critical in extensions]


def _same(extensions: Extensions) -> Extensions:
    return extensions


#: By flaw: what happens to the authority's extensions, and to the server's.
FLAWS: dict[str, tuple[Callable[[Extensions], Extensions], Callable[[Extensions], Extensions]]] = {
    "none": (_same, _same),
    "no-authority-key-identifier": (_same, _without(x509.AuthorityKeyIdentifier)),
    "no-key-usage": (_without(x509.KeyUsage), _same),
    "basic-constraints-not-critical": (_uncritical(x509.BasicConstraints), _same),
    "no-subject-key-identifier": (_without(x509.SubjectKeyIdentifier), _same),
}


def check_the_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every Python check certificates as Python 3.13 and later do."""
    original = ssl.create_default_context

    def strict(*args: object, **kwargs: object) -> ssl.SSLContext:
        context = original(*args, **kwargs)  # type: ignore[arg-type]
        context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_STRICT | ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
        return context

    monkeypatch.setattr(ssl, "create_default_context", strict)


def flawed_authority(
    folder: Path,
    flaw: str,
    *,
    names: tuple[str, ...] = NAMES,
    days: int = 2,
    ca_key: ec.EllipticCurvePrivateKey | None = None,
) -> Authority:
    """An authority and its server with one flaw; apart from it both have the format of RFC 5280."""
    of_authority, of_server = FLAWS[flaw]
    ca_key, server_key = ca_key or ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Acme Root")])
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "server")])
    identifier = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())
    ca = _signed(
        issuer,
        ca_key,
        (issuer, ca_key),
        of_authority([(x509.BasicConstraints(True, None), True), (CA_KEY_USAGE, True), (identifier, False)]),
        days,
    )
    server = _signed(
        subject,
        server_key,
        (issuer, ca_key),
        of_server(
            [
                (x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), False),
                (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), False),
                (x509.SubjectKeyIdentifier.from_public_key(server_key.public_key()), False),
            ]
        ),
        days,
    )
    bundle, chain = folder / f"{flaw}.pem", folder / f"{flaw}-server.pem"
    bundle.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    chain.write_bytes(server.public_bytes(serialization.Encoding.PEM) + pem(server_key))
    return Authority(bundle, chain)


def _signed(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: tuple[x509.Name, ec.EllipticCurvePrivateKey],
    extensions: Extensions,
    days: int,
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0])
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=10))
        .not_valid_after(now + datetime.timedelta(days=days))
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer[1], hashes.SHA256())
