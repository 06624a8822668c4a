"""Small edits of component XML that change nothing else.

Elements of a component are in the order of their names, as in retrieved files; a new one is put at its place.
"""

from __future__ import annotations

from copy import deepcopy

from lxml import etree

from provisioner.components.metadata import NSMAP, qualified
from provisioner.model.types import FLAG, WHOLE, MetadataType

_TEXT_BETWEEN = etree.XPath("boolean(descendant-or-self::*[node()[not(self::text())]]/text()[normalize-space()])")


def new_component(kind: MetadataType) -> etree._Element:
    """Return an empty root element of that type."""
    return etree.Element(qualified(kind.root_name), nsmap=NSMAP)


def copy(element: etree._Element) -> etree._Element:
    """Return a deep copy to edit."""
    return deepcopy(element)


def name_of(element: etree._Element) -> str:
    """Return the element's name without its namespace; empty for comments and processing instructions."""
    tag: object = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def elements(element: etree._Element) -> list[etree._Element]:
    """Return the child elements, without comments and processing instructions."""
    return list(element.iterchildren("{*}*"))


def child(element: etree._Element, name: str) -> etree._Element | None:
    """Return the first child of that name."""
    return next(element.iterchildren(qualified(name)), None)


def children(element: etree._Element, name: str) -> list[etree._Element]:
    """Return all children of that name, in order."""
    return list(element.iterchildren(qualified(name)))


def text_of(element: etree._Element | None, name: str) -> str | None:
    """Return a child's text without surrounding blanks (orgs trim it); None if it is absent or empty."""
    found = child(element, name) if element is not None else None
    text = (found.text or "").strip() if found is not None else ""
    return text or None


def flag_of(element: etree._Element | None, name: str) -> bool:
    """Return a child's xsd:boolean; a missing one counts as false, which is the default of orgs."""
    return bool(FLAG.decode(text_of(element, name)))


def number_of(element: etree._Element | None, name: str) -> int | None:
    """Return a child's xsd:int; None if it is missing or no number."""
    number: int | None = WHOLE.decode(text_of(element, name))
    return number


def set_text(element: etree._Element, name: str, value: str | bool | int) -> None:
    """Set a child's text; a missing child is added at its alphabetical place."""
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    found = child(element, name)
    if found is None:
        found = etree.Element(qualified(name))
        insert(element, found)
    found.text = text


def insert(element: etree._Element, *new: etree._Element) -> None:
    """Put elements of one name among their like, or before the first child with a later name in the alphabet."""
    if not new:
        return
    name = name_of(new[0])
    position = next((index for index, sibling in enumerate(element) if name_of(sibling) > name), len(element))
    for each in new:
        each.tail = element[position - 1].tail if position else None
    element[position:position] = new


def remove(element: etree._Element, name: str) -> None:
    """Remove every child of that name."""
    for found in children(element, name):
        element.remove(found)


def to_file(element: etree._Element) -> bytes:
    """Return the component as a package's file: UTF-8, default namespace, 4 spaces, one element a line."""
    body = _indented(copy(element))
    if element.nsmap != NSMAP or body.count(b"xmlns") != 1 or _TEXT_BETWEEN(element):
        body = _indented(_rebuilt(element))  # slower, and only for what no org's own files have
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body + b"\n"


def _indented(root: etree._Element) -> bytes:
    etree.indent(root, space="    ")
    return etree.tostring(root, encoding="UTF-8", xml_declaration=False, with_tail=False)


def _rebuilt(element: etree._Element) -> etree._Element:
    """Return a copy of ``element`` with the metadata namespace as default, without prefixes of an envelope."""
    root = etree.Element(element.tag, nsmap=NSMAP)
    _copy_into(element, root)
    return root


def _copy_into(source: etree._Element, target: etree._Element) -> None:
    target.attrib.update(source.attrib)
    target.text = source.text if len(source) == 0 or (source.text or "").strip() else None
    for part in source:
        if name_of(part):
            _copy_into(part, etree.SubElement(target, part.tag))
        else:
            target.append(deepcopy(part))
            target[-1].tail = None
