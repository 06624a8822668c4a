"""The components that experiments send: keys, keysets, and copies of the borrowed channel with one thing changed.

The private keys of the uploaded public keys are discarded immediately: nobody can sign with them.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from provisioner.components import xml
from provisioner.components.metadata import qualified
from provisioner.components.package import Name
from provisioner.experiments.experiment import PREFIX
from provisioner.jose.certificates import SMALLEST_KEY_BITS
from provisioner.jose.generation import jwk_of, new_key, pair
from provisioner.model.jwk import Jwk
from provisioner.model.types import MetadataType

Part = tuple[Name, etree._Element]

KEY, OTHER_KEY = f"{PREFIX}key", f"{PREFIX}other_key"
KEYSET, OTHER_KEYSET = f"{PREFIX}keyset", f"{PREFIX}other_keyset"
#: One character more than Salesforce's documentation allows for names.
LONG_KEY = PREFIX + "n" * (81 - len(PREFIX))
#: All components that a probe may create.
NAMES: tuple[Name, ...] = (
    *((MetadataType.KEY, name) for name in (KEY, OTHER_KEY, LONG_KEY)),
    *((MetadataType.KEYSET, name) for name in (KEYSET, OTHER_KEYSET)),
)
#: No host answers under a name of this domain (RFC 2606).
ENDPOINT = "https://uvprobe.example.com/jwks.json"
CONFIGURATION, OTHER_CONFIGURATION = f"{PREFIX}login", f"{PREFIX}other_login"
_DAYS = 30
_ALGORITHM = "RS256"
_EMBEDDED, _CONFIGURATIONS = "embeddedConfig", "messagingAuthorizations"


@dataclass(frozen=True, slots=True)
class Material:
    """Two public keys with certificates that are valid for a month."""

    first: Jwk
    second: Jwk

    @classmethod
    def new(cls, now: datetime) -> Material:
        """Return new material."""
        return cls(_jwk("uvprobe-first", now), _jwk("uvprobe-second", now))


def _jwk(kid: str, now: datetime) -> Jwk:
    made = pair(new_key(SMALLEST_KEY_BITS), kid, now=now, days=_DAYS, serial_number=secrets.randbits(64) | 1)
    assert made.certificate is not None
    return jwk_of(made.certificate, kid, _ALGORITHM)


def key(jwk: str, name: str = KEY, *, active: bool = True) -> Part:
    """Return a key with the JWK's text."""
    element = xml.new_component(MetadataType.KEY)
    xml.set_text(element, "isActive", active)
    xml.set_text(element, "jsonWebKey", jwk)
    xml.set_text(element, "masterLabel", "uvprobe")
    return (MetadataType.KEY, name), element


def keyset(*keys: str, name: str = KEYSET, endpoint: str | None = None) -> Part:
    """Return a keyset of uploaded keys, or of an endpoint; each keyset has a separate issuer."""
    element = xml.new_component(MetadataType.KEYSET)
    xml.set_text(element, "jwtIssuer", f"https://{name.replace('_', '-')}.example.com")
    xml.set_text(element, "masterLabel", "uvprobe")
    for each in keys:
        member = etree.SubElement(element, qualified("publicKeyCertificateSetKeys"))
        xml.set_text(member, "publicKeyCertificate", each)
    if endpoint is not None:
        xml.set_text(element, "jwksEndPoint", endpoint)
    xml.set_text(element, "type", "JWKS" if endpoint is None else "JWKS_URL")
    return (MetadataType.KEYSET, name), element


def verifying(channel: etree._Element, keysets: Sequence[tuple[str, str]], *, verified: int = 60) -> etree._Element:
    """Return a copy of a channel that verifies by these pairs of configuration and keyset, and no others."""
    element = xml.copy(channel)
    part = xml.child(element, _EMBEDDED)
    if part is None:
        part = etree.Element(qualified(_EMBEDDED))
        xml.insert(element, part)
    xml.set_text(part, "authMode", "Auth")
    xml.set_text(part, "verifiedUserJwtExpirationTime", verified)
    xml.remove(part, _CONFIGURATIONS)
    xml.insert(part, *(_configuration(*pair) for pair in keysets))
    return element


def _configuration(name: str, keyset_name: str) -> etree._Element:
    element = etree.Element(qualified(_CONFIGURATIONS))
    xml.set_text(element, "authIdentifier", name)
    xml.set_text(element, "authorizationType", "PublicKeyCertificateSet")
    xml.set_text(element, "enabled", True)
    xml.set_text(element, "publicKeyCertificateSetName", keyset_name)
    return element


def with_text(channel: etree._Element, name: str, value: str | bool) -> etree._Element:
    """Return a copy of a channel with one more element, or another text in it."""
    element = xml.copy(channel)
    xml.set_text(element, name, value)
    return element


def without(channel: etree._Element, names: Sequence[str]) -> etree._Element:
    """Return a copy of a channel without the elements of these names, at any depth."""
    element = xml.copy(channel)
    for name in names:
        for found in list(element.iter(qualified(name))):
            parent = found.getparent()
            if parent is not None:
                parent.remove(found)
    return element


def embedded_text(channel: etree._Element, name: str) -> str | None:
    """Return the text of an element of a channel's embeddedConfig."""
    return xml.text_of(xml.child(channel, _EMBEDDED), name)


def configuration_names(channel: etree._Element) -> list[str]:
    """Return the names of a channel's configurations."""
    part = xml.child(channel, _EMBEDDED)
    found = xml.children(part, _CONFIGURATIONS) if part is not None else []
    return [xml.text_of(each, "authIdentifier") or "" for each in found]
