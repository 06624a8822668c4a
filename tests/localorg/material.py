"""Keys, certificates and component files that the tests send to a local org."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
DIRECTORIES = {
    "PublicKeyCertificate": ("PublicKeyCertificate", "PublicKeyCertificate"),
    "PublicKeyCertificateSet": ("PublicKeyCertificateSet", "PublicKeyCertificateSet"),
    "MessagingChannel": ("messagingChannels", "messagingChannel"),
    "EmbeddedServiceConfig": ("EmbeddedServiceConfig", "EmbeddedServiceConfig"),
    "CorsWhitelistOrigin": ("corsWhitelistOrigins", "corsWhitelistOrigin"),
    "PermissionSet": ("permissionsets", "permissionset"),
    "ExternalClientApplication": ("externalClientApps", "eca"),
    "ExtlClntAppOauthSettings": ("extlClntAppOauthSettings", "ecaOauth"),
    "ExtlClntAppGlobalOauthSettings": ("extlClntAppGlobalOauthSets", "ecaGlblOauth"),
    "ExtlClntAppOauthConfigurablePolicies": ("extlClntAppOauthPolicies", "ecaOauthPlcy"),
    "ExtlClntAppConfigurablePolicies": ("extlClntAppPolicies", "ecaPlcy"),
    "ConnectedApp": ("connectedApps", "connectedApp"),
}


@cache
def private_key(name: str = "first", bits: int = 2048) -> rsa.RSAPrivateKey:
    """One key a name, made once for the run."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def private_pem(name: str = "first") -> bytes:
    return private_key(name).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@cache
def certificate(name: str = "first", days: int = 365, begins_in: int = -1, bits: int = 2048) -> x509.Certificate:
    key, now = private_key(name, bits), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=min(begins_in, days - 1)))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )


def number(value: int) -> str:
    return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8)).rstrip(b"=").decode()


def members(
    name: str = "first", kid: str = "kid-1", days: int = 365, bits: int = 2048, **changes: Any
) -> dict[str, Any]:
    """A JWK's members. A change to None leaves the member out."""
    made = certificate(name, days, bits=bits)
    numbers = private_key(name, bits).public_key().public_numbers()
    der = made.public_bytes(serialization.Encoding.DER)
    whole = {
        "kid": kid, "alg": "RS256", "use": "sig", "kty": "RSA", "n": number(numbers.n), "e": number(numbers.e),
        "x5c": [base64.b64encode(der).decode()], **changes,
    }  # fmt: skip
    return {member: value for member, value in whole.items() if value is not None}


def jwk(**arguments: Any) -> str:
    return json.dumps(members(**arguments), indent=2)


def xml(type_name: str, content: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{type_name} xmlns="{NAMESPACE}">\n{content}\n</{type_name}>\n'


def elements(pairs: Sequence[tuple[str, str | None]]) -> str:
    return "\n".join(f"    <{name}>{escape(value)}</{name}>" for name, value in pairs if value is not None)


def key_file(text: str | None = None, label: str | None = "A key", active: str | None = "true") -> str:
    content = [("isActive", active), ("jsonWebKey", text or jwk()), ("masterLabel", label)]
    return xml("PublicKeyCertificate", elements(content))


def keyset_file(
    keys: Sequence[str] = (),
    endpoint: str | None = None,
    type_: str | None = None,
    issuer: str | None = "https://id.example.com/",
) -> str:
    held = "\n".join(
        f"    <publicKeyCertificateSetKeys>\n        <publicKeyCertificate>{name}</publicKeyCertificate>\n"
        "    </publicKeyCertificateSetKeys>"
        for name in keys
    )
    rest = elements([("type", type_ or ("JWKS_URL" if endpoint else "JWKS"))])
    head = elements([("jwksEndPoint", endpoint), ("jwtIssuer", issuer), ("masterLabel", "A keyset")])
    return xml("PublicKeyCertificateSet", "\n".join(part for part in (head, held, rest) if part))


def authorization(
    identifier: str = "shop",
    keyset: str | None = "web",
    enabled: str = "true",
    type_: str = "PublicKeyCertificateSet",
    provider: str | None = None,
) -> str:
    inner = elements([
        ("authIdentifier", identifier), ("authProviderName", provider), ("authorizationType", type_),
        ("enabled", enabled), ("publicKeyCertificateSetName", keyset),
    ])  # fmt: skip
    return f"<messagingAuthorizations>\n{inner}\n</messagingAuthorizations>"


def channel_file(
    embedded: str = "<authMode>UnAuth</authMode>",
    more: str = "",
    type_: str = "EmbeddedMessaging",
    label: str = "A channel",
) -> str:
    config = f"<embeddedConfig>{embedded}</embeddedConfig>" if embedded else ""
    return xml(
        "MessagingChannel",
        f"{config}{more}<masterLabel>{label}</masterLabel><messagingChannelType>{type_}</messagingChannelType>"
        "<sessionHandlerQueue>Support</sessionHandlerQueue><sessionHandlerType>Queue</sessionHandlerType>",
    )


def path(type_name: str, name: str) -> str:
    directory, suffix = DIRECTORIES[type_name]
    return f"{directory}/{name}.{suffix}"


def manifest(listed: Mapping[str, Sequence[str]], version: str | None = "67.0") -> str:
    types = "".join(
        f"<types>{''.join(f'<members>{name}</members>' for name in names)}<name>{type_name}</name></types>"
        for type_name, names in listed.items()
    )
    return xml("Package", types + (f"<version>{version}</version>" if version else ""))
