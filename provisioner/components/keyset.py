"""PublicKeyCertificateSet: a keyset of uploaded keys or of a JWKS endpoint, with the issuer.

Source: Metadata API Developer Guide, PublicKeyCertificateSet (API 62.0 and later): description, jwksEndPoint,
jwtIssuer (case-sensitive), masterLabel, publicKeyCertificateSetKeys[].publicKeyCertificate, type (JWKS, JWKS_URL).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from lxml import etree

from provisioner.components import xml
from provisioner.components.key import default_label
from provisioner.components.metadata import MetadataType, qualified
from provisioner.model.estate import Endpoint, Keyset, UploadedKeys

UPLOADED = "JWKS"
ENDPOINT = "JWKS_URL"
_MEMBER, _MEMBER_NAME = "publicKeyCertificateSetKeys", "publicKeyCertificate"


@dataclass(frozen=True, slots=True)
class ObservedKeyset:
    """A keyset as the org has it. ``type`` is JWKS or JWKS_URL; ``keys`` in the org's order."""

    label: str | None
    description: str | None
    issuer: str | None
    type: str | None
    keys: tuple[str, ...]
    endpoint: str | None

    @property
    def is_endpoint(self) -> bool:
        return self.type == ENDPOINT


def type_of(keyset: Keyset) -> str:
    """The ``type`` that a declared keyset has."""
    return ENDPOINT if isinstance(keyset.source, Endpoint) else UPLOADED


def read_keyset(element: etree._Element) -> ObservedKeyset:
    """The keyset in a PublicKeyCertificateSet element."""
    members = (xml.text_of(member, _MEMBER_NAME) for member in xml.children(element, _MEMBER))
    return ObservedKeyset(
        label=xml.text_of(element, "masterLabel"),
        description=xml.text_of(element, "description"),
        issuer=xml.text_of(element, "jwtIssuer"),
        type=xml.text_of(element, "type"),
        keys=tuple(member for member in members if member is not None),
        endpoint=xml.text_of(element, "jwksEndPoint"),
    )


def edit_keyset(present: etree._Element | None, keyset: Keyset) -> etree._Element:
    """``present`` (or a new component) such that it is ``keyset``; elements that are not ours stay."""
    element = xml.copy(present) if present is not None else xml.new_component(MetadataType.KEYSET)
    label = keyset.label if keyset.label is not None else default_label(keyset.name) if present is None else None
    if label is not None:
        xml.set_text(element, "masterLabel", label)
    if keyset.description is not None:
        xml.set_text(element, "description", keyset.description)
    if keyset.issuer is not None and keyset.issuer.value is not None:
        xml.set_text(element, "jwtIssuer", keyset.issuer.value)
    match keyset.source:
        case UploadedKeys(names=names):
            xml.remove(element, "jwksEndPoint")
            _edit_members(element, names)
        case Endpoint(url=url):
            xml.remove(element, _MEMBER)
            xml.set_text(element, "jwksEndPoint", url)
        case None:
            pass  # not declared: the org's source stays
        case _:
            assert_never(keyset.source)
    xml.set_text(element, "type", type_of(keyset))
    return element


def _edit_members(element: etree._Element, names: tuple[str, ...]) -> None:
    """Members that stay are left as they are, in their place; the order has no meaning."""
    missing = dict.fromkeys(names)
    for member in xml.children(element, _MEMBER):
        name = xml.text_of(member, _MEMBER_NAME)
        if name in missing:
            del missing[name]
        else:
            element.remove(member)
    xml.insert(element, *map(_member, missing))


def _member(name: str) -> etree._Element:
    member = etree.Element(qualified(_MEMBER))
    xml.set_text(member, _MEMBER_NAME, name)
    return member
