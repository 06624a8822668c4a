"""The public keys of a keyset, as the chat runtime sees them: uploaded keys, or the current keys of an endpoint.

Source: Salesforce Help, "Troubleshooting User Verification", for the conditions; it is not known how long an endpoint's
answer is cached, nor whether redirects are followed: here every exchange asks again, and follows none.
"""

from __future__ import annotations

import asyncio
import http.client
import ipaddress
import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from provisioner.localorg import jwk
from provisioner.localorg.content import root_of
from provisioner.localorg.org import Org
from provisioner.localorg.records import MetadataType
from provisioner.localorg.xmltree import Node

_ALGORITHMS = ("RS256", "RS512")
_SECONDS = 5.0
_LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class PublicKey:
    kid: str
    alg: str | None
    key: rsa.RSAPublicKey


async def issuer_and_keys(org: Org, keyset: str) -> tuple[str, list[PublicKey]] | None:
    """Return the keyset's issuer and its keys that can verify now; None if there is no such keyset."""
    component = org.store.components().get((MetadataType.KEYSET, keyset))
    if component is None:
        return None
    root = root_of(component)
    if root.value("type") == "JWKS_URL":
        # In a separate thread: this server may be the one that is asked.
        found = await asyncio.to_thread(_served, root.value("jwksEndPoint") or "")
    else:
        found = list(_uploaded(org, root))
    return root.value("jwtIssuer") or "", [key for members in found if (key := _usable(org, members)) is not None]


def _uploaded(org: Org, root: Node) -> Iterator[dict[str, Any]]:
    components = org.store.components()
    for member in root.all("publicKeyCertificateSetKeys"):
        component = components.get((MetadataType.KEY, member.value("publicKeyCertificate") or ""))
        key = root_of(component) if component is not None else None
        if key is not None and key.value("isActive") == "true":
            yield jwk.read(key.value("jsonWebKey") or "") or {}


def _served(url: str) -> list[dict[str, Any]]:
    """Return the members of each key that the endpoint serves; none if it returns no JWKS."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        return []
    connection = http.client.HTTPSConnection(
        parts.hostname, parts.port or 443, timeout=_SECONDS, context=_trust(parts.hostname)
    )
    try:
        connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        answer = connection.getresponse()
        served = json.loads(answer.read(_LARGEST)) if answer.status == 200 else None
    except (OSError, ValueError, http.client.HTTPException):
        return []
    finally:
        connection.close()
    keys = served.get("keys") if isinstance(served, dict) else None
    return [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []


def _trust(host: str) -> ssl.SSLContext:
    """Return the public authorities; on this machine any certificate, because no authority signs a test server's."""
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    if not loopback:
        return ssl.create_default_context()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _usable(org: Org, members: dict[str, Any]) -> PublicKey | None:
    kid, alg = members.get("kid"), members.get("alg")
    if members.get("kty") != "RSA" or not isinstance(kid, str) or (alg is not None and alg not in _ALGORITHMS):
        return None
    certificate = jwk.certificate(members.get("x5c"))
    if certificate is None and (members.get("x5c") or org.faults.on("chat-x5c-required")):
        return None
    if certificate is not None and not (org.faults.on("chat-certificate-unchecked") or _is_valid(org, certificate)):
        return None
    numbers = jwk.number(members.get("n")), jwk.number(members.get("e"))
    if None in numbers:
        key = certificate.public_key() if certificate is not None else None
        return PublicKey(kid, alg, key) if isinstance(key, rsa.RSAPublicKey) else None
    try:
        return PublicKey(kid, alg, rsa.RSAPublicNumbers(numbers[1] or 0, numbers[0] or 0).public_key())
    except ValueError:
        return None


def _is_valid(org: Org, certificate: x509.Certificate) -> bool:
    now = datetime.fromtimestamp(org.now / 1000, UTC)
    return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
