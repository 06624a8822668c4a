"""Checks to whom a channel routes conversations, before it is created and before it is activated.

A channel cannot be deleted, and one without working routing accepts conversations that nobody is offered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from provisioner import names
from provisioner.components.channel import read_channel
from provisioner.components.destinations import Destinations, Flow, Queue
from provisioner.components.metadata import MetadataType
from provisioner.components.snapshot import Component, Snapshot, Unreadable
from provisioner.errors import ExitStatus
from provisioner.model.estate import Channel, Estate
from provisioner.planning.plan import Blocked
from provisioner.planning.world import World

_QUEUES, _FLOWS = "Setup > Queues", "Setup > Flows"


@dataclass(frozen=True, slots=True)
class Route:
    """Where a channel that is going to be created or activated sends its conversations."""

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


def destination_guards(world: World) -> Iterator[Blocked]:
    """Yield what keeps conversations from being offered to somebody."""
    wanted = routes(world.estate, world.snapshot)
    routing = world.snapshot.destinations
    if not wanted:
        return
    if not isinstance(routing, Destinations):
        why = routing.reason if isinstance(routing, Unreadable) else "they were not requested"
        yield Blocked(
            "routing-unreadable",
            f"The queues and flows of the org could not be read: {why}",
            "Give the user View Setup and Configuration, and View All Records or sharing for queues.",
            unread=True,
        )
        return
    for name, route in wanted.items():
        for guard, message, remedy, status in _problems(name, route, routing):
            place = world.estate.channels[name].places
            yield Blocked(
                guard, message, remedy, MetadataType.CHANNEL.address(name), status,
                place.of("create", "routing") or place.own,
            )  # fmt: skip


_Problem = tuple[str, str, str, ExitStatus]


def _problems(channel: str, route: Route, routing: Destinations) -> Iterator[_Problem]:
    if route.flow is not None:
        yield from _flow_problems(channel, route.flow, routing.flows)
    if route.queue is not None:
        yield from _queue_problems(channel, route.queue, routing.queues)


def _queue_problems(channel: str, name: str, queues: Mapping[str, Queue]) -> Iterator[_Problem]:
    queue = queues.get(name)
    if queue is None:
        yield _missing("queue", channel, name, queues, _QUEUES)
        return
    refused = partial(_not_offered, channel, name)
    if not queue.configured:
        yield refused(
            "queue-without-routing", "has no routing configuration", f"Select one in {_QUEUES} > {name} > Edit"
        )
    if not queue.takes_sessions:
        yield refused(
            "queue-not-for-messaging", "does not take messaging sessions",
            f"Add Messaging Session to the supported objects in {_QUEUES} > {name} > Edit",
        )  # fmt: skip
    if not queue.members:
        yield refused("queue-without-members", "has no members", f"Add members in {_QUEUES} > {name} > Edit")


def _not_offered(channel: str, queue: str, guard: str, what: str, remedy: str) -> _Problem:
    message = f"The queue {queue} {what}: conversations on {channel} would be offered to nobody."
    return guard, message, f"{remedy}, and run the command again.", ExitStatus.REFUSED


def _flow_problems(channel: str, name: str, flows: Mapping[str, Flow]) -> Iterator[_Problem]:
    flow = flows.get(name)
    if flow is None:
        routing = {each: found for each, found in flows.items() if found.routes}
        yield _missing("flow", channel, name, routing, _FLOWS)
    elif not flow.routes:
        message = f"The flow {name} is not an Omni-Channel flow, so it cannot route conversations on {channel}."
        yield "flow-not-for-routing", message, f"Name an Omni-Channel flow; {_FLOWS} lists them.", ExitStatus.REFUSED
    elif not flow.active:
        message = f"The flow {name} has no active version: conversations on {channel} would not be routed."
        yield "flow-inactive", message, f"Activate it in {_FLOWS} > {name}.", ExitStatus.REFUSED


def _missing(kind: str, channel: str, name: str, known: Mapping[str, object], where: str) -> _Problem:
    message = f"channel.{channel} routes to the {kind} {name}, which the org does not have.{names.hint(name, known)}"
    return (
        f"{kind}-missing",
        message,
        f"Write the API name of a {kind}, or create it in {where}.",
        ExitStatus.WRONG_INPUT,
    )
