"""Reads the queues and flows that channels route to.

Source: object reference: Group, QueueSobject, GroupMember, FlowDefinitionView (which has no DeveloperName).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from provisioner.components.snapshot import Destinations, Flow, Queue, Unreadable
from provisioner.errors import UnreachableError
from provisioner.model.types import MetadataType
from provisioner.salesforce.api_errors import OrgFault
from provisioner.salesforce.metadata import unreadable
from provisioner.salesforce.parallel import in_background
from provisioner.salesforce.simple import format_soql

_QUEUES = "SELECT Id, DeveloperName, QueueRoutingConfigId FROM Group WHERE Type = 'Queue'"
_FOR_SESSIONS = "SELECT QueueId FROM QueueSobject WHERE SobjectType = 'MessagingSession'"
_MEMBERS = "SELECT GroupId, COUNT(Id) n FROM GroupMember WHERE GroupId IN {} GROUP BY GroupId"
_FLOWS = (
    "SELECT ApiName, ProcessType, ActiveVersionId FROM FlowDefinitionView "
    "WHERE ProcessType = 'RoutingFlow' OR ApiName IN {}"
)
_Query = Callable[[str], list[dict[str, Any]]]


def read_destinations(query: _Query, queues: Collection[str], flows: Collection[str]) -> Destinations | Unreadable:
    """Return all queues and Omni-Channel flows, with the members of ``queues`` and the flows named in ``flows``."""
    try:
        taking = in_background(lambda: {str(row["QueueId"]) for row in query(_FOR_SESSIONS)})
        known = in_background(lambda: _flows(query, flows))
        rows = query(_QUEUES)
        wanted = [str(row["Id"]) for row in rows if row["DeveloperName"] in queues]
        counted = query(format_soql(_MEMBERS, wanted)) if wanted else []
        members = dict.fromkeys(wanted, 0) | {str(row["GroupId"]): int(row["n"]) for row in counted}
        found = {
            str(row["DeveloperName"]): Queue(
                row["QueueRoutingConfigId"] is not None, str(row["Id"]) in taking.result(), members.get(str(row["Id"]))
            )
            for row in rows
        }
        return Destinations(found, known.result())
    except (OrgFault, UnreachableError) as error:
        return unreadable(MetadataType.CHANNEL, error)


def _flows(query: _Query, names: Collection[str]) -> dict[str, Flow]:
    # An empty list is not valid SOQL, and no flow has an empty name.
    rows = query(format_soql(_FLOWS, sorted(names) or [""]))
    return {
        str(row["ApiName"]): Flow(row["ProcessType"] == "RoutingFlow", row["ActiveVersionId"] is not None)
        for row in rows
    }
