"""The routing targets of channels: a queue with its routing configuration and members, flows, the service channel.

Source: object reference. They are the same in every local org; faults make them defective.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from provisioner.localorg.ids import record_id
from provisioner.localorg.org import Org
from provisioner.localorg.soql_tables import Table, table

#: The queues and flows that a channel can name.
QUEUES = ("Support", "Web_Chat_Queue")
FLOWS = ("Route_Messaging", "Route_Web_Chat")
_OBJECTS = ("MessagingSession", "MessagingEndUser")


def routing_tables(org: Org) -> dict[str, Table]:
    """Return the tables; an org without them for this user does not know their names."""
    if org.faults.on("routing-unreadable"):
        return {}
    return {
        "Group": table("Id Name DeveloperName Type QueueRoutingConfigId", lambda: _queues(org)),
        "QueueSobject": table("Id QueueId SobjectType", lambda: _objects(org)),
        "GroupMember": table("Id GroupId UserOrGroupId", lambda: _members(org)),
        "FlowDefinitionView": table(
            "Id DurableId ApiName Label ProcessType IsActive ActiveVersionId", lambda: _flows(org)
        ),
        "ServiceChannel": table(
            "Id DeveloperName MasterLabel RelatedEntity",
            lambda: [{
                "Id": record_id("0N9", 1), "DeveloperName": "sfdc_livemessage", "MasterLabel": "Messaging",
                "RelatedEntity": "MessagingSession",
            }],
        ),
    }  # fmt: skip


def queue_id(name: str) -> str | None:
    return record_id("00G", 1 + QUEUES.index(name)) if name in QUEUES else None


def flow_id(name: str) -> str | None:
    return record_id("300", 1 + FLOWS.index(name)) if name in FLOWS else None


def _queues(org: Org) -> Iterator[dict[str, Any]]:
    configured = not org.faults.on("queue-without-routing")
    for number, name in enumerate(QUEUES, 1):
        yield {
            "Id": record_id("00G", number), "Name": name.replace("_", " "), "DeveloperName": name, "Type": "Queue",
            "QueueRoutingConfigId": record_id("0K9", number) if configured else None,
        }  # fmt: skip


def _objects(org: Org) -> Iterator[dict[str, Any]]:
    if org.faults.on("queue-not-for-messaging"):
        return
    for number, queue in enumerate(QUEUES, 1):
        for place, name in enumerate(_OBJECTS):
            yield {"Id": record_id("03g", 2 * number + place), "QueueId": queue_id(queue), "SobjectType": name}


def _members(org: Org) -> Iterator[dict[str, Any]]:
    if org.faults.on("queue-without-members"):
        return
    for number, queue in enumerate(QUEUES, 1):
        yield {"Id": record_id("011", number), "GroupId": queue_id(queue), "UserOrGroupId": org.users()[-1].id}


def _flows(org: Org) -> Iterator[dict[str, Any]]:
    active = not org.faults.on("flow-inactive")
    kind = "AutoLaunchedFlow" if org.faults.on("flow-not-for-routing") else "RoutingFlow"
    for number, name in enumerate(FLOWS, 1):
        yield {
            "Id": flow_id(name), "DurableId": name, "ApiName": name, "Label": name.replace("_", " "),
            "ProcessType": kind, "IsActive": active, "ActiveVersionId": record_id("301", number) if active else None,
        }  # fmt: skip
