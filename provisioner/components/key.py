"""PublicKeyCertificate: an uploaded public key.

Source: Metadata API Developer Guide, PublicKeyCertificate (API 62.0 and later): description, isActive (default
false), jsonWebKey, masterLabel.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from provisioner.components import xml
from provisioner.components.metadata import MetadataType
from provisioner.keys.material import parse_observed
from provisioner.model.estate import Key
from provisioner.model.jwk import Jwk


@dataclass(frozen=True, slots=True)
class ObservedKey:
    """A key as the org has it; ``jwk`` is None where its JSON is no RSA JWK that we can read."""

    label: str | None
    description: str | None
    active: bool
    jwk: Jwk | None


def default_label(name: str) -> str:
    """The label of a component that was declared without one: its API name with spaces."""
    return name.replace("_", " ")


def read_key(element: etree._Element) -> ObservedKey:
    """The key in a PublicKeyCertificate element."""
    text = xml.text_of(element, "jsonWebKey")
    return ObservedKey(
        label=xml.text_of(element, "masterLabel"),
        description=xml.text_of(element, "description"),
        active=xml.flag_of(element, "isActive"),
        jwk=parse_observed(text) if text is not None else None,
    )


def edit_key(present: etree._Element | None, key: Key, jwk: Jwk) -> etree._Element:
    """``present`` (or a new component) such that it is ``key``; elements that are not ours stay.

    A stored JWK that already means the same is not rewritten.
    """
    element = xml.copy(present) if present is not None else xml.new_component(MetadataType.KEY)
    label = key.label if key.label is not None else default_label(key.name) if present is None else None
    if label is not None:
        xml.set_text(element, "masterLabel", label)
    if key.description is not None:
        xml.set_text(element, "description", key.description)
    xml.set_text(element, "isActive", key.active)
    observed = read_key(element).jwk
    if observed is None or not jwk.matches(observed):
        xml.set_text(element, "jsonWebKey", jwk.to_json())
    return element
