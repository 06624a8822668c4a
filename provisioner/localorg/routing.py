"""The routing of a channel's sessions, as its record has it: from its metadata, or bound only in the record.

Source: Object Reference, MessagingChannel (SessionHandlerId, FallbackQueueId, RoutingType, TargetQueueId). Salesforce's
own skills bind an Agentforce agent by a PATCH of SessionHandlerId and FallbackQueueId, which are not in metadata.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from provisioner.localorg.content import root_of
from provisioner.localorg.faults import Faults
from provisioner.localorg.ids import record_id
from provisioner.localorg.records import Component

BINDABLE = ("SessionHandlerId", "FallbackQueueId")
FIELDS = (*BINDABLE, "RoutingType", "TargetQueueId")
#: The rest of a record's binding after a deployment with the fault session-handler-cleared.
CLEARED: Mapping[str, str | None] = dict.fromkeys(BINDABLE)
_ELEMENTS = ("sessionHandlerType", "sessionHandlerFlow", "sessionHandlerQueue", "sessionHandlerAsa")
_FLOW, _QUEUE, _AGENT = "300", "00G", "0Xx"


def offered(faults: Faults) -> tuple[str, ...]:
    """Return the fields of this org's MessagingChannel."""
    missing = faults.argument("routing-fields-missing")
    if missing is None:
        return FIELDS
    return BINDABLE if missing == "routing-type" else ()


def routing_of(component: Component, bound: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return the record's fields: those of the metadata, overridden by those that were ``bound`` in the record."""
    root = root_of(component)
    flow, queue, agent = (_id(prefix, root.value(element)) for prefix, element in (
        (_FLOW, "sessionHandlerFlow"), (_QUEUE, "sessionHandlerQueue"), (_AGENT, "sessionHandlerAsa"),
    ))  # fmt: skip
    kind = root.value("sessionHandlerType")
    return {
        "SessionHandlerId": flow or agent or queue,
        "FallbackQueueId": queue,
        "RoutingType": kind,
        "TargetQueueId": queue if kind == "Queue" else None,
        **bound,
    }


def is_rerouted(old: Component, new: Component) -> bool:
    """Return whether the metadata routes the sessions differently: then the record's binding is void."""
    before, after = root_of(old), root_of(new)
    return any(before.value(each) != after.value(each) for each in _ELEMENTS)


def wrong_binding(routing: Mapping[str, Any]) -> str | None:
    """Return the org's refusal of a record with this routing; None if it accepts it."""
    for name in BINDABLE:
        value = routing[name]
        if value is not None and not (isinstance(value, str) and len(value) in (15, 18) and value.isalnum()):
            return f"{name}: id value of incorrect type: {value}"
    if str(routing["SessionHandlerId"] or "").startswith(_FLOW) and routing["FallbackQueueId"] is None:
        return "A Fallback Queue must be specified when selecting a Flow routing method."
    return None


def _id(prefix: str, name: str | None) -> str | None:
    return record_id(prefix, zlib.crc32(name.encode())) if name else None
