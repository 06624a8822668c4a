"""The content of an org at one moment, read at one API version.

A component is present (:class:`Component`), absent (not in the mapping), or unreadable (:class:`Unreadable`).
The three are never folded into two: "could not read" must become neither "create" nor "delete".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from provisioner.components.deployments import Deployments
from provisioner.model.types import OTHER_TYPES, MetadataType


@dataclass(frozen=True, slots=True)
class OrgFacts:
    """The org itself. ``id`` has 18 characters where the org said so, else 15; ``is_production`` is None if unknown.

    Production: IsSandbox is false, there is no trial expiration, and it is not a Developer Edition. ``borrowed`` tells
    that it was read with the session of the official CLI.
    """

    id: str
    instance_url: str
    is_sandbox: bool | None
    is_production: bool | None
    edition: str | None = None
    borrowed: bool = False


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The reason why something could not be read, by the org's words if there are any, and the permission it needs.

    ``later`` is the next step if the org refuses the request for now only: then no permission is missing.
    """

    reason: str
    permission: str
    later: str | None = None

    def next(self, who: str = "user") -> str:
        """Return the next step; ``who`` needs the missing permission."""
        return self.later or f"Give the {who} the missing permission: {self.permission}."


_NOT_REQUESTED = Unreadable("it was not requested", "none")


@dataclass(frozen=True, slots=True)
class Component:
    """A component of the org. ``xml`` is its root element as a package's file has it.

    ``xml`` has the type's name in the metadata namespace, no ``fullName`` child and no ``xsi:type``;
    it is never edited in place. The last change is as the org wrote it, and only if it was asked for.
    """

    type: MetadataType
    full_name: str
    xml: etree._Element
    last_modified_by: str | None = field(default=None, compare=False)
    last_modified_date: str | None = field(default=None, compare=False)
    last_modified_by_id: str | None = field(default=None, compare=False)

    @property
    def address(self) -> str:
        return self.type.address(self.full_name)


Observed = Mapping[str, Component | Unreadable]

#: The routing fields of a MessagingChannel record; fields that an org may lack come last.
ROUTING_FIELDS = ("SessionHandlerId", "FallbackQueueId", "RoutingType", "TargetQueueId")
#: The routing fields of an org, by name; None for an empty one.
Routing = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class ChannelRecord:
    """The state of a channel that only its MessagingChannel record has, and no metadata."""

    active: bool
    routing: Routing = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Queue:
    """``configured``: it has a routing configuration; ``takes_sessions``: messaging sessions can be in it.

    ``members`` are users, roles and groups; None if nobody asked.
    """

    configured: bool
    takes_sessions: bool
    members: int | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """``routes``: it is an Omni-Channel flow (ProcessType RoutingFlow); ``active``: one of its versions is."""

    routes: bool
    active: bool


@dataclass(frozen=True, slots=True)
class Destinations:
    """The queues and flows of an org by API name."""

    queues: Mapping[str, Queue]
    flows: Mapping[str, Flow]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The input of a plan from an org.

    ``types`` maps each metadata type to its components by full name, or to why the type could not be read.
    ``active_channels`` maps channel names to ``MessagingChannel.IsActive`` (by query), or says why it is not known.
    ``others`` are the types of deployments, only where a plan needs them; ``find`` and ``present`` know these, too.
    ``destinations`` are the queues and flows, ``deployments`` what is published, both only where a plan needs them.
    ``routing`` maps channel names to the routing of their records, as far as the org offers it (by the same query).
    ``api_version`` is the version that everything was read at; ``newest_api_version`` the newest the org offers.
    ``declaration``: no org was read, and the declaration in that folder stands for one.
    """

    org: OrgFacts
    api_version: str
    newest_api_version: str
    types: Mapping[MetadataType, Observed | Unreadable]
    active_channels: Mapping[str, bool] | Unreadable
    routing: Mapping[str, Routing] = field(default_factory=dict)
    declaration: str | None = None
    destinations: Destinations | Unreadable | None = None
    deployments: Deployments | Unreadable | None = None
    others: Mapping[MetadataType, Observed | Unreadable] = field(default_factory=dict)

    def is_active(self, channel: str) -> bool | None:
        """Return whether a channel is active; a new one is not. None if it could not be read."""
        active = self.active_channels
        return None if isinstance(active, Unreadable) else active.get(channel, False)

    def _observed(self, kind: MetadataType) -> Observed | Unreadable:
        return self.others.get(kind, _NOT_REQUESTED) if kind in OTHER_TYPES else self.types[kind]

    def find(self, kind: MetadataType, full_name: str) -> Component | Unreadable | None:
        """Return the component; the reason if it cannot be read; None if the org has none of that name."""
        observed = self._observed(kind)
        if isinstance(observed, Unreadable):
            return observed
        return observed.get(full_name)

    def present(self, kind: MetadataType) -> Mapping[str, Component]:
        """Return the readable components of a type, by full name; none if the type is unreadable."""
        observed = self._observed(kind)
        if isinstance(observed, Unreadable):
            return {}
        return {name: found for name, found in observed.items() if isinstance(found, Component)}

    def names(self, kind: MetadataType) -> tuple[str, ...]:
        """Return the names of all components of a type that the org listed, readable or not."""
        observed = self._observed(kind)
        return () if isinstance(observed, Unreadable) else tuple(observed)
