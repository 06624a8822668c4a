"""Reads everything that a plan needs from an org, in few requests and with three states: present, absent, unreadable.

After the login and the versions (one round) there are two: four parallel requests, then the listed components in
parallel.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from provisioner.components.snapshot import ChannelRecord, Component, Observed, OrgFacts, Snapshot, Unreadable
from provisioner.errors import RefusedError, UnreachableError
from provisioner.model.ids import ORGANIZATION, require_id, same_id
from provisioner.model.types import OTHER_TYPES, TYPES, MetadataType
from provisioner.salesforce.api_errors import OrgFault
from provisioner.salesforce.channel_records import read_channel_records
from provisioner.salesforce.clock import Clock
from provisioner.salesforce.documents import decoded
from provisioner.salesforce.login import Session
from provisioner.salesforce.metadata import Listed, describe, unreadable
from provisioner.salesforce.parallel import in_background
from provisioner.salesforce.reading import Document, ListedTypes, as_component, list_types, read_documents
from provisioner.salesforce.rest import Rest
from provisioner.salesforce.retrieve import Name
from provisioner.salesforce.soap import Soap
from provisioner.salesforce.versions import Versions

log = logging.getLogger(__name__)

_ORGANIZATION = "SELECT Id, IsSandbox, OrganizationType, TrialExpirationDate FROM Organization"
#: A plan of a small org makes nine requests; six precede the components.
READS_OF_AN_OBSERVATION = 3
#: Another read of touched components has no such limit, but a retrieve is faster than many reads.
READS_OF_TOUCHED = 6


@dataclass(frozen=True, slots=True)
class Scope:
    """The types and components to read. By default all: an undeclared component may refer to a declared one.

    ``names`` limits a type to some full names; its other components are then unreadable, never absent. ``kinds`` are
    the types to read; up to three take one request.
    """

    names: Mapping[MetadataType, Collection[str]] = field(default_factory=dict)
    kinds: tuple[MetadataType, ...] = TYPES

    def wants(self, listed: Listed) -> bool:
        return listed.type not in self.names or listed.full_name in self.names[listed.type]


EVERYTHING = Scope()


def observe(soap: Soap, rest: Rest, session: Session, versions: Versions, clock: Clock, wanted: Scope) -> Snapshot:
    """Return the current org. A refused part becomes :class:`Unreadable`; raises :class:`UnreachableError`."""
    organization = in_background(lambda: _organization(rest, session))
    records = in_background(lambda: _channel_records(rest) if MetadataType.CHANNEL in wanted.kinds else {})
    offered = in_background(lambda: _offered(soap))
    listed = _narrowed(list_types(soap, wanted.kinds), offered.result())
    types = _types(soap, listed, wanted, clock)
    found = records.result()
    return Snapshot(
        org=organization.result(),
        api_version=versions.chosen,
        newest_api_version=versions.newest,
        types={kind: seen for kind, seen in types.items() if kind not in OTHER_TYPES},
        others={kind: seen for kind, seen in types.items() if kind in OTHER_TYPES},
        active_channels=found
        if isinstance(found, Unreadable)
        else {name: record.active for name, record in found.items()},
        routing={} if isinstance(found, Unreadable) else {name: record.routing for name, record in found.items()},
    )


def read_again(
    soap: Soap, names: Mapping[MetadataType, Collection[str]], clock: Clock
) -> Mapping[Name, Component | Unreadable | None]:
    """Return the named components now; None for those that the org neither shows nor lists.

    A component that the org shows needs no list; the org is asked for a list only if it does not show a component.
    """
    asked = [(kind, name) for kind, found in names.items() for name in found]
    if not asked:
        return {}
    documents = read_documents(soap, asked, reads_at_most=READS_OF_TOUCHED, clock=clock)
    if all(isinstance(document, etree._Element) for document in documents.values()):
        return {name: as_component(Listed(*name), documents[name]) for name in asked}
    listed = {
        kind: found if isinstance(found, Unreadable) else {decoded(row.full_name): row for row in found}
        for kind, found in list_types(soap, tuple(names)).items()
    }
    return {name: _again(name, documents[name], listed[name[0]]) for name in asked}


def _again(name: Name, document: Document, listed: Mapping[str, Listed] | Unreadable) -> Component | Unreadable | None:
    """Return a component, from its document and the listing; absent only if the listing is certain."""
    kind, full_name = name
    if isinstance(listed, Unreadable):
        return as_component(Listed(kind, full_name), document) if document is not None else listed
    row = listed.get(decoded(full_name))
    if row is None:
        shown = document is not None and not isinstance(document, Unreadable)
        return as_component(Listed(kind, full_name), document) if shown else None
    return as_component(row, document)


def _types(
    soap: Soap, listed: ListedTypes, wanted: Scope, clock: Clock
) -> Mapping[MetadataType, Observed | Unreadable]:
    """Return the components of each type that could be listed, read together."""
    rows = {kind: () if isinstance(found, Unreadable) else found for kind, found in listed.items()}
    asked = [(row.type, row.full_name) for found in rows.values() for row in found if wanted.wants(row)]
    reads = max(READS_OF_AN_OBSERVATION, len(wanted.kinds))
    documents = read_documents(soap, asked, reads_at_most=reads, clock=clock)
    gone = _gone(soap, documents)
    not_asked = Unreadable("it was not requested", "none")
    return {
        kind: found
        if isinstance(found, Unreadable)
        else {
            row.full_name: as_component(row, documents[row.type, row.full_name]) if wanted.wants(row) else not_asked
            for row in found
            if (row.type, row.full_name) not in gone
        }
        for kind, found in listed.items()
    }


def _gone(soap: Soap, documents: Mapping[Name, Document]) -> frozenset[Name]:
    """Return the components that were deleted between the list and the read: a new list does not have them."""
    unread = [name for name, document in documents.items() if not isinstance(document, etree._Element)]
    if not unread:
        return frozenset()
    kinds = tuple(dict.fromkeys(kind for kind, _ in unread))
    certain = {kind: rows for kind, rows in list_types(soap, kinds).items() if not isinstance(rows, Unreadable)}
    still = {(row.type, row.full_name) for rows in certain.values() for row in rows}
    return frozenset(name for name in unread if name[0] in certain and name not in still)


def _offered(soap: Soap) -> frozenset[str] | OrgFault:
    try:
        return describe(soap)
    except OrgFault as fault:
        return fault


def _narrowed(listed: ListedTypes, offered: frozenset[str] | OrgFault) -> ListedTypes:
    """Mark a type that the org does not describe to this user as unreadable: its empty list would prove nothing."""

    def judge(kind: MetadataType, found: tuple[Listed, ...] | Unreadable) -> tuple[Listed, ...] | Unreadable:
        if isinstance(found, Unreadable) or (not isinstance(offered, OrgFault) and kind.xml_name in offered):
            return found
        if isinstance(offered, OrgFault):
            return unreadable(kind, offered)
        return unreadable(kind, f"the org does not offer {kind.xml_name} to this user")

    return {kind: judge(kind, found) for kind, found in listed.items()}


def _organization(rest: Rest, session: Session) -> OrgFacts:
    """Return the org's facts. Production: no sandbox, no trial expiration, no Developer Edition; None if unknown."""
    try:
        row = rest.query(_ORGANIZATION)[0]
        sandbox, edition, expires = row["IsSandbox"], row["OrganizationType"], row["TrialExpirationDate"]
    except (OrgFault, UnreachableError, IndexError, KeyError) as error:
        log.info("The type of the org could not be read: %s", error)
        return OrgFacts(
            session.org_id, session.instance_url, is_sandbox=None, is_production=None, borrowed=session.borrowed
        )
    production = None
    if isinstance(sandbox, bool):
        production = not sandbox and expires is None and edition != "Developer Edition"
    return OrgFacts(
        id=_own_id(row, session),
        instance_url=session.instance_url,
        is_sandbox=sandbox if isinstance(sandbox, bool) else None,
        is_production=production,
        edition=str(edition) if edition else None,
        borrowed=session.borrowed,
    )


def _own_id(row: Mapping[str, Any], session: Session) -> str:
    """Return the org's id.

    Raises :class:`RefusedError` for text that is not an id, or another org's than the login's.
    """
    found = require_id(str(row.get("Id") or session.org_id), ORGANIZATION, "the org")
    if session.org_id and not same_id(found, session.org_id):
        raise RefusedError(
            f"The org's id is {found}, but the login led to org {session.org_id}. Nothing more was sent.",
            next="Check login_url and any proxy between this machine and Salesforce: one login leads to one org.",
            code="another-org",
        )
    return found


def _channel_records(rest: Rest) -> Mapping[str, ChannelRecord] | Unreadable:
    try:
        return read_channel_records(rest)
    except (OrgFault, UnreachableError) as error:
        return unreadable(MetadataType.CHANNEL, error)
