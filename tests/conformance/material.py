"""Keys, certificates, JWKs and metadata files made here from the RFCs and Salesforce's pages, without the product.

Shares no code with ``provisioner``: what two readings of the same pages agree on is likely right.
"""

from __future__ import annotations

import base64
import datetime
import functools
import json
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
API_VERSION = "67.0"


@functools.cache
def rsa_key(number: int) -> rsa.RSAPrivateKey:
    """One of a few key pairs that are made once in a process: making them is what takes time."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(key: rsa.RSAPrivateKey, name: str, days: int = 365) -> x509.Certificate:
    """A self-signed certificate for ``key``, valid from yesterday for ``days``."""
    now = datetime.datetime.now(datetime.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=days))
        .sign(key, hashes.SHA256())
    )


def certificate_pem(made: x509.Certificate) -> bytes:
    return made.public_bytes(serialization.Encoding.PEM)


def load_certificate(pem: bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem)


def private_key_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def jwk(made: x509.Certificate, kid: str, alg: str = "RS256") -> dict[str, Any]:
    """The certificate's key as a JWK (RFC 7517 §4, RFC 7518 §6.3.1): base64url integers, ``x5c`` in plain base64."""
    public = made.public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    numbers = public.public_numbers()

    def integer(value: int) -> str:
        octets = value.to_bytes((value.bit_length() + 7) // 8, "big")
        return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()

    der = made.public_bytes(serialization.Encoding.DER)
    return {
        "kty": "RSA",
        "kid": kid,
        "alg": alg,
        "use": "sig",
        "n": integer(numbers.n),
        "e": integer(numbers.e),
        "x5c": [base64.b64encode(der).decode()],
    }


def _document(root: str, body: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}">\n{body}</{root}>\n'


def _element(name: str, value: str, indent: str = "    ") -> str:
    return f"{indent}<{name}>{escape(value)}</{name}>\n"


def key_xml(label: str, key: dict[str, Any], *, active: bool = True) -> str:
    """A PublicKeyCertificate's file."""
    return _document(
        "PublicKeyCertificate",
        _element("isActive", str(active).lower())
        + _element("jsonWebKey", json.dumps(key))
        + _element("masterLabel", label),
    )


def keyset_xml(label: str, issuer: str, *keys: str) -> str:
    """A PublicKeyCertificateSet's file, with uploaded keys."""
    members = "".join(
        "    <publicKeyCertificateSetKeys>\n"
        + _element("publicKeyCertificate", key, " " * 8)
        + "    </publicKeyCertificateSetKeys>\n"
        for key in keys
    )
    return _document(
        "PublicKeyCertificateSet",
        _element("jwtIssuer", issuer) + _element("masterLabel", label) + members + _element("type", "JWKS"),
    )


def manifest_xml(**types: str) -> str:
    """A package.xml that names members by type, several separated by blanks: ``manifest_xml(MessagingChannel="*")``."""
    body = "".join(
        "    <types>\n"
        + "".join(_element("members", member, " " * 8) for member in members.split())
        + _element("name", name, " " * 8)
        + "    </types>\n"
        for name, members in types.items()
    )
    return _document("Package", body + _element("version", API_VERSION))


#: Directories and suffixes as the CLI's own registry has them, where they are not the type's name.
_PLACES = {
    "MessagingChannel": ("messagingChannels", "messagingChannel"),
    "ConnectedApp": ("connectedApps", "connectedApp"),
    "PermissionSet": ("permissionsets", "permissionset"),
    "ExternalClientApplication": ("externalClientApps", "eca"),
    "ExtlClntAppOauthSettings": ("extlClntAppOauthSettings", "ecaOauth"),
    "ExtlClntAppGlobalOauthSettings": ("extlClntAppGlobalOauthSets", "ecaGlblOauth"),
    "ExtlClntAppOauthConfigurablePolicies": ("extlClntAppOauthPolicies", "ecaOauthPlcy"),
    "ExtlClntAppConfigurablePolicies": ("extlClntAppPolicies", "ecaPlcy"),
}


def component_xml(kind: str, **elements: str) -> str:
    """A component's file of plain elements, in the order of the schema."""
    return _document(kind, "".join(_element(name, value) for name, value in sorted(elements.items())))


class SourceProject:
    """A project folder of the official CLI: ``sfdx-project.json`` and one package directory, in source format."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source = folder / "force-app"
        self.source.mkdir(parents=True)
        described = {"packageDirectories": [{"path": "force-app", "default": True}], "sourceApiVersion": API_VERSION}
        (folder / "sfdx-project.json").write_text(json.dumps(described), encoding="utf-8")

    def path(self, kind: str, name: str) -> Path:
        """Where the CLI keeps a component's source."""
        directory, suffix = _PLACES.get(kind, (kind, kind))
        return self.source / "main" / "default" / directory / f"{name}.{suffix}-meta.xml"

    def write(self, kind: str, name: str, xml: str) -> Path:
        path = self.path(kind, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(xml, encoding="utf-8")
        return path

    def manifest(self, name: str, **types: str) -> str:
        """Write a manifest; returns its file name."""
        (self.folder / name).write_text(manifest_xml(**types), encoding="utf-8")
        return name
