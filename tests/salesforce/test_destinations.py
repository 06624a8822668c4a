"""Queues and flows are read as an org has them, and what cannot be read is said to be so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from provisioner.components.snapshot import Destinations, Flow, Queue, Unreadable
from provisioner.errors import UnreachableError
from provisioner.localorg.soql import run
from provisioner.localorg.soql_tables import Table, table
from provisioner.salesforce.api_errors import OrgFault
from provisioner.salesforce.destinations import read_destinations

ROWS = {
    "Group": [
        {"Id": "00G1", "DeveloperName": "Support", "Type": "Queue", "QueueRoutingConfigId": "0K91"},
        {"Id": "00G2", "DeveloperName": "Empty", "Type": "Queue", "QueueRoutingConfigId": None},
        {"Id": "00G3", "DeveloperName": "Everybody", "Type": "Regular", "QueueRoutingConfigId": None},
    ],
    "QueueSobject": [
        {"QueueId": "00G1", "SobjectType": "MessagingSession"},
        {"QueueId": "00G2", "SobjectType": "Case"},
    ],
    "GroupMember": [{"GroupId": "00G1"}, {"GroupId": "00G1"}, {"GroupId": "00G3"}],
    "FlowDefinitionView": [
        {"ApiName": "Route", "ProcessType": "RoutingFlow", "ActiveVersionId": "3011"},
        {"ApiName": "Draft", "ProcessType": "RoutingFlow", "ActiveVersionId": None},
        {"ApiName": "Screen", "ProcessType": "Flow", "ActiveVersionId": "3012"},
    ],
}
Query = Callable[[str], list[dict[str, Any]]]


def answers(*missing: str) -> Query:
    def rows(name: str) -> Callable[[], list[dict[str, Any]]]:
        return lambda: [{"Id": str(number), **row} for number, row in enumerate(ROWS[name])]

    tables: dict[str, Table] = {
        name: table(" ".join(("Id", *each[0])), rows(name)) for name, each in ROWS.items() if name not in missing
    }

    def query(soql: str) -> list[dict[str, Any]]:
        from provisioner.localorg.soql_values import QueryProblem

        try:
            return run(soql, tables, 0).records
        except QueryProblem as problem:
            raise OrgFault(problem.code, problem.message, request="the query") from None

    return query


def test_queues_and_flows() -> None:
    found = read_destinations(answers(), {"Support", "Empty", "Gone"}, {"Screen", "Gone"})
    assert found == Destinations(
        {"Support": Queue(True, True, 2), "Empty": Queue(False, False, 0)},
        {"Route": Flow(True, True), "Draft": Flow(True, False), "Screen": Flow(False, True)},
    )


def test_members_are_counted_only_of_what_is_asked_about() -> None:
    found = read_destinations(answers(), {"Support"}, set())
    assert isinstance(found, Destinations)
    assert (found.queues["Support"].members, found.queues["Empty"].members) == (2, None)
    assert "Screen" not in found.flows


def test_what_cannot_be_read_is_unreadable_not_empty() -> None:
    for missing in ROWS:
        found = read_destinations(answers(missing), {"Support"}, {"Route"})
        assert isinstance(found, Unreadable), missing
        assert "INVALID_TYPE" in found.reason

    def silent(soql: str) -> list[dict[str, Any]]:
        raise UnreachableError("The org does not answer.", next="Wait.")

    assert read_destinations(silent, set(), set()) == Unreadable("The org does not answer.", found.permission)
