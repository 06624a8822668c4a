"""Reads listed components: some by parallel readMetadata calls, many by one retrieve."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from lxml import etree

from provisioner.components.snapshot import Component, Unreadable
from provisioner.model.types import TYPES, MetadataType
from provisioner.salesforce.api_errors import OrgFault
from provisioner.salesforce.clock import Clock
from provisioner.salesforce.metadata import (
    NAMES_A_READ,
    TYPES_A_LIST,
    Listed,
    list_components,
    read_components,
    unreadable,
)
from provisioner.salesforce.parallel import in_background
from provisioner.salesforce.retrieve import Name, retrieve
from provisioner.salesforce.soap import Soap

ListedTypes = Mapping[MetadataType, tuple[Listed, ...] | Unreadable]
Document = etree._Element | Unreadable | None


def list_types(soap: Soap, kinds: Sequence[MetadataType] = TYPES) -> ListedTypes:
    """List all components of the types, in parallel if they need more than one request.

    A type that is refused does not hide the others.
    """
    parts = [kinds[start : start + TYPES_A_LIST] for start in range(0, len(kinds), TYPES_A_LIST)]
    others = [in_background(partial(_list_together, soap, part)) for part in parts[1:]]
    listed = [_list_together(soap, parts[0]), *(future.result() for future in others)]
    return {kind: rows for part in listed for kind, rows in part.items()}


def _list_together(soap: Soap, kinds: Sequence[MetadataType]) -> ListedTypes:
    try:
        rows = list_components(soap, kinds)
    except OrgFault:
        alone = {kind: in_background(partial(_list_alone, soap, kind)) for kind in kinds}
        return {kind: future.result() for kind, future in alone.items()}
    return {kind: tuple(row for row in rows if row.type is kind) for kind in kinds}


def _list_alone(soap: Soap, kind: MetadataType) -> tuple[Listed, ...] | Unreadable:
    try:
        return tuple(row for row in list_components(soap, [kind]) if row.type is kind)
    except OrgFault as fault:
        return unreadable(kind, fault)


def read_documents(soap: Soap, names: Sequence[Name], *, reads_at_most: int, clock: Clock) -> Mapping[Name, Document]:
    """Return each name's document; None if the org shows none; the reason if it refuses.

    At most ``reads_at_most`` requests of ten names of one type each; a retrieve if that is not enough.
    """
    by_retrieve = [name for name in names if name[0].by_retrieve]
    if by_retrieve:
        alone = {name: _retrieved(name, document) for name, document in retrieve(soap, by_retrieve, clock).items()}
        others = [name for name in names if name not in alone]
        return {**alone, **read_documents(soap, others, reads_at_most=reads_at_most, clock=clock)}
    chunks = [
        (kind, of_kind[start : start + NAMES_A_READ])
        for kind in dict.fromkeys(named for named, _ in names)
        if (of_kind := [name for named, name in names if named is kind])
        for start in range(0, len(of_kind), NAMES_A_READ)
    ]
    if len(chunks) > reads_at_most:
        retrieved = retrieve(soap, names, clock)
        return {name: _retrieved(name, document) for name, document in retrieved.items()}
    reads = [in_background(partial(_read, soap, kind, chunk)) for kind, chunk in chunks]
    return {name: document for read in reads for name, document in read.result().items()}


def retrieved(
    soap: Soap, names: Mapping[MetadataType, Collection[str]], clock: Clock
) -> Mapping[Name, Component | Unreadable | None]:
    """Return the named components by a retrieve."""
    asked = [(kind, name) for kind, found in names.items() for name in found]
    documents = retrieve(soap, asked, clock)
    return {name: as_component(Listed(*name), _retrieved(name, documents[name])) for name in asked}


def as_component(listed: Listed, document: Document) -> Component | Unreadable:
    """Return the snapshot's value for a component that the org lists: never None."""
    if document is None:
        return unreadable(listed.type, "the org lists it, but returns no content for it")
    if isinstance(document, Unreadable):
        return document
    last = listed.last_modified_by, listed.last_modified_date, listed.last_modified_by_id
    return Component(listed.type, listed.full_name, document, *last)


def _read(soap: Soap, kind: MetadataType, names: Sequence[str]) -> Mapping[Name, Document]:
    """Send one request; if the org refuses it, one for each name: a bad component must not hide the others."""
    try:
        return {(kind, name): document for name, document in read_components(soap, kind, names).items()}
    except OrgFault as fault:
        if len(names) == 1:
            return {(kind, names[0]): unreadable(kind, fault)}
    alone = [in_background(partial(_read, soap, kind, [name])) for name in names]
    return {name: document for read in alone for name, document in read.result().items()}


def _retrieved(name: Name, document: etree._Element | str) -> Document:
    return unreadable(name[0], document) if isinstance(document, str) else document
