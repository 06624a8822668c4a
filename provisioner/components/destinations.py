"""To whom channels route conversations, as an org has it: queues and flows. They are read, and never written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


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
