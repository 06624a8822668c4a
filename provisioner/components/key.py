"""PublicKeyCertificate: an uploaded public key.

Source: Metadata API Developer Guide, PublicKeyCertificate (API 62.0 and later): description, isActive (default
false), jsonWebKey, masterLabel.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from provisioner.components import xml
from provisioner.components.fields import edit_fields, read_fields
from provisioner.model.estate import Key
from provisioner.model.jwk import Jwk
from provisioner.model.types import MetadataType


@dataclass(frozen=True, slots=True)
class ObservedKey:
    """A key of the org; ``jwk`` is None if its JSON is not a readable RSA JWK.

    ``leaked`` are the names of the members of its JSON that hold private key material.
    """

    label: str | None
    description: str | None
    active: bool
    jwk: Jwk | None
    leaked: tuple[str, ...] = ()


def read_key(element: etree._Element, declared: Jwk | None = None) -> ObservedKey:
    """Return the key in a PublicKeyCertificate element.

    If its JSON is the text that ``declared`` is sent as, its JWK is ``declared`` itself: a large org has thousands, and
    parsing each takes time, and memory for a second copy.
    """
    text, fields = xml.text_of(element, "jsonWebKey") or "", read_fields(element, MetadataType.KEY.fields)
    if declared is not None and text == declared.to_json():
        return ObservedKey(jwk=declared, **fields)
    from provisioner.jose.uploaded_jwk import leaked_members, parse_observed  # cryptography: only where a key is read

    return ObservedKey(jwk=parse_observed(text) if text else None, leaked=leaked_members(text), **fields)


def edit_key(present: etree._Element | None, key: Key, jwk: Jwk) -> etree._Element:
    """Return ``present`` (or a new component) with the declared values; elements that are not ours stay.

    A stored JWK that already means the same is not rewritten.
    """
    element = xml.copy(present) if present is not None else xml.new_component(MetadataType.KEY)
    edit_fields(element, MetadataType.KEY.fields, key, is_new=present is None)
    observed = read_key(element, jwk).jwk
    if observed is None or not jwk.matches(observed):
        xml.set_text(element, "jsonWebKey", jwk.to_json())
    return element
