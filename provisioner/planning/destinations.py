"""Checks the routing of a channel before the channel is created or activated.

A channel cannot be deleted, and without working routing it accepts conversations that reach no agent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provisioner import names
from provisioner.components.channel import read_channel
from provisioner.components.snapshot import Component, Destinations, Flow, Queue, Snapshot, Unreadable
from provisioner.errors import ExitStatus
from provisioner.model.estate import Channel, Estate
from provisioner.model.types import MetadataType
from provisioner.planning.plan import Blocked

if TYPE_CHECKING:
    from provisioner.planning.plan_input import PlanInput

_QUEUES, _FLOWS = "Setup > Queues", "Setup > Flows"


@dataclass(frozen=True, slots=True)
class Route:
    """The routing of a channel that is going to be created or activated."""

    queue: str | None
    flow: str | None


def routes(estate: Estate, snapshot: Snapshot) -> dict[str, Route]:
    """Return the routes of the channels that a plan creates or activates, by channel."""
    found = {name: _route(channel, snapshot) for name, channel in estate.channels.items()}
    return {name: route for name, route in found.items() if route is not None}


def _route(channel: Channel, snapshot: Snapshot) -> Route | None:
    component = snapshot.find(MetadataType.CHANNEL, channel.name)
    if component is None and channel.create is not None:
        return Route(channel.create.routes_to, channel.create.flow)
    if isinstance(component, Component) and channel.active and not snapshot.is_active(channel.name):
        observed = read_channel(component.xml)
        return Route(observed.queue, observed.flow)
    return None


def destination_guards(inputs: PlanInput) -> Iterator[Blocked]:
    """Yield a guard for each reason why conversations reach no agent."""
    wanted = routes(inputs.estate, inputs.snapshot)
    destinations = inputs.snapshot.destinations
    if not wanted:
        return
    if not isinstance(destinations, Destinations):
        why = destinations.reason if isinstance(destinations, Unreadable) else "they were not requested"
        yield Blocked(
            "routing-unreadable",
            f"The queues and flows of the org could not be read: {why}",
            "Give the user View Setup and Configuration, and View All Records or sharing for queues.",
            unread=True,
        )
        return
    for name, route in wanted.items():
        place = inputs.estate.channels[name].places
        for end in dead_ends(route, destinations):
            yield Blocked(
                end.name, f"{end.what} {end.effect(name)}", f"{end.remedy} Then run the command again.",
                MetadataType.CHANNEL.address(name), end.exit_status, place.of("create", "routing") or place.own,
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class DeadEnd:
    """A queue or a flow (``thing``) that stops conversations. ``missing``: the org does not have it."""

    name: str
    thing: str
    what: str
    remedy: str
    missing: bool = False

    @property
    def exit_status(self) -> ExitStatus:
        return ExitStatus.WRONG_INPUT if self.missing else ExitStatus.REFUSED

    def effect(self, channel: str) -> str:
        """Return the sentence about what becomes of conversations."""
        return f"Conversations on {channel} would be offered to nobody."


def dead_ends(route: Route, destinations: Destinations) -> Iterator[DeadEnd]:
    """Yield the defects of the flow and of the queue of a route."""
    if route.flow is not None:
        yield from _flow_ends(route.flow, destinations.flows)
    if route.queue is not None:
        yield from _queue_ends(route.queue, destinations.queues)


def _queue_ends(name: str, queues: Mapping[str, Queue]) -> Iterator[DeadEnd]:
    queue, edit = queues.get(name), f"{_QUEUES} > {name} > Edit"
    if queue is None:
        yield _missing("queue", name, queues, _QUEUES)
        return
    if not queue.configured:
        what = f"The queue {name} has no routing configuration."
        yield DeadEnd("queue-without-routing", name, what, f"Select a routing configuration in {edit}.")
    if not queue.takes_sessions:
        what = f"The queue {name} does not accept messaging sessions."
        yield DeadEnd("queue-not-for-messaging", name, what, f"Add Messaging Session to its objects in {edit}.")
    if not queue.members:
        yield DeadEnd("queue-without-members", name, f"The queue {name} has no members.", f"Add members in {edit}.")


def _flow_ends(name: str, flows: Mapping[str, Flow]) -> Iterator[DeadEnd]:
    flow = flows.get(name)
    if flow is None:
        yield _missing("flow", name, {each: found for each, found in flows.items() if found.routes}, _FLOWS)
    elif not flow.routes:
        what = f"The flow {name} is not an Omni-Channel flow."
        yield DeadEnd("flow-not-for-routing", name, what, f"Name an Omni-Channel flow; {_FLOWS} lists them.")
    elif not flow.active:
        what = f"The flow {name} has no active version."
        yield DeadEnd("flow-inactive", name, what, f"Activate it in {_FLOWS} > {name}.")


def _missing(kind: str, name: str, known: Mapping[str, object], where: str) -> DeadEnd:
    what = f"The org has no {kind} {name}.{names.hint(name, known)}"
    remedy = f"Write the API name of a {kind}, or create it in {where}."
    return DeadEnd(f"{kind}-missing", name, what, remedy, missing=True)
