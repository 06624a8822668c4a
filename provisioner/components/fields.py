"""Reads and edits the fields of a component's XML by the rows of its type; every other element stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lxml import etree

from provisioner.components import xml
from provisioner.components.metadata import qualified
from provisioner.model.types import Entries, Field


def read_fields(element: etree._Element | None, fields: Iterable[Field]) -> dict[str, Any]:
    """Return the value of each field by its attribute; ``element`` is the component's root, or an entry."""
    return {row.attribute: row.codec.decode(text_at(element, row.xml)) for row in fields}


def text_at(element: etree._Element | None, path: tuple[str, ...]) -> str | None:
    """Return the text of the element at a path; None if it is missing or empty."""
    return xml.text_of(holder_of(element, path), path[-1])


def holder_of(element: etree._Element | None, path: tuple[str, ...]) -> etree._Element | None:
    """Return the element that holds the last one of ``path``."""
    for name in path[:-1]:
        element = xml.child(element, name) if element is not None else None
    return element


def edit_fields(element: etree._Element, fields: Iterable[Field], declared: Any, *, is_new: bool = False) -> None:
    """Set every managed field as declared; in a new component the default of a field that is left out, too."""
    for row in fields:
        value = row.declared_in(declared)
        if value is None and is_new:
            value = row.default(declared.name)
        if value is not None:
            holder = holder_of(element, row.xml)
            assert holder is not None  # the caller made the elements that hold others
            xml.set_text(holder, row.xml[-1], row.codec.encode(value))


def read_entries(element: etree._Element, row: Entries) -> Iterator[etree._Element]:
    """Yield the elements of entries, ours and others."""
    holder = holder_of(element, row.xml)
    yield from xml.children(holder, row.xml[-1]) if holder is not None else ()


def edit_entries(element: etree._Element, row: Entries, declared: Mapping[str, Any]) -> None:
    """Make our entries the declared ones, by name. An entry that stays keeps its place; the order has no meaning."""
    holder = holder_of(element, row.xml)
    assert holder is not None  # the caller made the elements that hold others
    kept = set()
    for entry in xml.children(holder, row.xml[-1]):
        if any(xml.text_of(entry, name) != text for name, text in row.only.items()):
            continue
        name = xml.text_of(entry, row.name) or ""
        if name not in declared or name in kept:
            holder.remove(entry)
            continue
        kept.add(name)
        present = read_fields(entry, row.fields)
        differing = (each for each in row.fields if present[each.attribute] != each.declared_in(declared[name]))
        edit_fields(entry, differing, declared[name])
    xml.insert(holder, *(_entry(row, name, value) for name, value in declared.items() if name not in kept))


def _entry(row: Entries, name: str, declared: Any) -> etree._Element:
    entry = etree.Element(qualified(row.xml[-1]))
    for element, text in {row.name: name, **row.only}.items():
        xml.set_text(entry, element, text)
    edit_fields(entry, row.fields, declared)
    return entry
