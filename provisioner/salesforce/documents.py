"""Components as documents: the same shape whether they came by readMetadata or in a retrieved package."""

from __future__ import annotations

from copy import deepcopy
from urllib.parse import unquote

from lxml import etree

from provisioner.components.metadata import MetadataType, qualified
from provisioner.components.xml import new_component


def as_document(kind: MetadataType, node: etree._Element) -> etree._Element:
    """A root as a package's file has it: the type's name, no ``fullName``, no ``xsi:type``, no indentation.

    ``node`` is a ``records`` element or a file's root, and is left as it is. All other elements survive, in order.
    """
    root = new_component(kind)
    root.extend(deepcopy(child) for child in node if child.tag != qualified("fullName"))
    for inner in root.iter():
        if len(inner):
            inner.text = _unless_blank(inner.text)
        inner.tail = _unless_blank(inner.tail)
    etree.cleanup_namespaces(root)
    return root


def decoded(full_name: str) -> str:
    """A full name for comparison: the org percent-encodes some of them in some places."""
    return unquote(full_name)


def _unless_blank(text: str | None) -> str | None:
    return text if text and text.strip() else None
