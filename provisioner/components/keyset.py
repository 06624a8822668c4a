"""PublicKeyCertificateSet: a keyset of uploaded keys or of a JWKS endpoint, with the issuer.

Source: Metadata API Developer Guide, PublicKeyCertificateSet (API 62.0 and later): description, jwksEndPoint,
jwtIssuer (case-sensitive), masterLabel, publicKeyCertificateSetKeys[].publicKeyCertificate, type (JWKS, JWKS_URL).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from lxml import etree

from provisioner.components import xml
from provisioner.components.fields import edit_entries, edit_fields, read_entries, read_fields
from provisioner.model.estate import Endpoint, Keyset, UploadedKeys
from provisioner.model.types import MEMBERS, MetadataType

UPLOADED = "JWKS"
ENDPOINT = "JWKS_URL"


@dataclass(frozen=True, slots=True)
class ObservedKeyset:
    """A keyset of the org. ``type`` is JWKS or JWKS_URL; ``keys`` are in the org's order."""

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
    """Return the ``type`` of a declared keyset."""
    return ENDPOINT if isinstance(keyset.source, Endpoint) else UPLOADED


def read_keyset(element: etree._Element) -> ObservedKeyset:
    """Return the keyset in a PublicKeyCertificateSet element."""
    members = (xml.text_of(member, MEMBERS.name) for member in read_entries(element, MEMBERS))
    return ObservedKeyset(
        type=xml.text_of(element, "type"),
        keys=tuple(member for member in members if member is not None),
        endpoint=xml.text_of(element, "jwksEndPoint"),
        **read_fields(element, MetadataType.KEYSET.fields),
    )


def edit_keyset(present: etree._Element | None, keyset: Keyset) -> etree._Element:
    """Return ``present`` (or a new component) with the declared values; elements that are not ours stay."""
    element = xml.copy(present) if present is not None else xml.new_component(MetadataType.KEYSET)
    edit_fields(element, MetadataType.KEYSET.fields, keyset, is_new=present is None)
    match keyset.source:
        case UploadedKeys(names=names):
            xml.remove(element, "jwksEndPoint")
            edit_entries(element, MEMBERS, dict.fromkeys(names))
        case Endpoint(url=url):
            xml.remove(element, MEMBERS.xml[-1])
            xml.set_text(element, "jwksEndPoint", url)
        case None:
            pass  # not declared: the org's source stays
        case _:
            assert_never(keyset.source)
    xml.set_text(element, "type", type_of(keyset))
    return element
