"""Comparing metadata files by what they say."""

from __future__ import annotations

import json

from lxml import etree

from tests.conformance.material import NAMESPACE

Shape = tuple[str, object]


def canonical(text: str) -> Shape:
    """A file's elements without order and white space between them; a JWK counts as JSON."""
    return _shape(etree.fromstring(text.encode()))


def _shape(element: etree._Element) -> Shape:
    name = etree.QName(element).localname
    if len(element):
        return name, sorted((_shape(nested) for nested in element), key=repr)
    text = element.text or ""
    if name == "jsonWebKey":
        return name, sorted((member, repr(value)) for member, value in json.loads(text).items())
    return name, text


def child(text: str, path: str) -> str | None:
    """The text of the element at ``path`` (names separated by slashes) below the root."""
    steps = "/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/"))
    return etree.fromstring(text.encode()).findtext(steps)
