"""The reading operations of the Metadata API: describe, list, read.

Source: Metadata API Developer Guide, describeMetadata(), listMetadata(), readMetadata(), with their limits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from provisioner.components.metadata import qualified
from provisioner.components.snapshot import Unreadable
from provisioner.components.xml import text_of
from provisioner.errors import ProvisionerError
from provisioner.model.types import MetadataType
from provisioner.salesforce.api_errors import OrgFault
from provisioner.salesforce.documents import as_document, decoded
from provisioner.salesforce.soap import Soap, element

#: The maximum number of names of one type in one readMetadata call.
NAMES_A_READ = 10
#: The maximum number of types in one listMetadata call.
TYPES_A_LIST = 3
_API_ENABLED = "API Enabled"
_NO_API = frozenset({"API_CURRENTLY_DISABLED", "API_DISABLED_FOR_ORG"})


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of listMetadata. ``full_name`` is as the org writes it; the dates are the org's text."""

    type: MetadataType
    full_name: str
    last_modified_by: str | None = None
    last_modified_date: str | None = None
    last_modified_by_id: str | None = None


def describe(soap: Soap) -> frozenset[str]:
    """Return the XML names of the metadata types that the org offers to this user."""
    results = soap.call(element("describeMetadata", element("asOfVersion", text=soap.api_version)))
    offered = (text_of(row, "xmlName") for result in results for row in result.iter(qualified("metadataObjects")))
    return frozenset(name for name in offered if name)


def list_components(soap: Soap, kinds: Iterable[MetadataType]) -> tuple[Listed, ...]:
    """Return all components of at most :data:`TYPES_A_LIST` types, in the org's order."""
    known = {kind.xml_name: kind for kind in kinds}
    queries = [element("queries", element("type", text=kind.xml_name)) for kind in known.values()]
    rows = soap.call(element("listMetadata", *queries, element("asOfVersion", text=soap.api_version)))
    return tuple(listed for row in rows if (listed := _listed(row, known)) is not None)


def _listed(row: etree._Element, known: Mapping[str, MetadataType]) -> Listed | None:
    name, kind = text_of(row, "fullName"), known.get(text_of(row, "type") or "")
    if name is None or kind is None:
        return None
    last = ("lastModifiedByName", "lastModifiedDate", "lastModifiedById")
    return Listed(kind, name, *(text_of(row, each) for each in last))


def read_components(soap: Soap, kind: MetadataType, names: Sequence[str]) -> dict[str, etree._Element | None]:
    """Return the documents of at most ten components by name; None for those that the org answers with nil."""
    wanted = [element("fullNames", text=name) for name in names]
    results = soap.call(element("readMetadata", element("type", text=kind.xml_name), *wanted))
    records = [record for result in results for record in result.iterchildren(qualified("records"))]
    found: dict[str, etree._Element | None] = dict.fromkeys(names)
    for record in records:
        full_name = text_of(record, "fullName")
        for name in names:
            if full_name is not None and decoded(name) == decoded(full_name):
                found[name] = as_document(kind, record)
    return found


def unreadable(kind: MetadataType, why: ProvisionerError | str) -> Unreadable:
    """Return an unreadable type or component: the org's message, or ours, and the missing permission.

    Source: Metadata API Developer Guide, "User Permissions" and the type's pages; Salesforce Help, user verification.
    """
    if isinstance(why, OrgFault) and why.is_temporary:
        return Unreadable(why.words, "no permission, only a later attempt", why.next)
    if isinstance(why, OrgFault):
        return Unreadable(why.words, _API_ENABLED if why.fault_code in _NO_API else kind.permission)
    return Unreadable(why.message if isinstance(why, ProvisionerError) else why, kind.permission)
