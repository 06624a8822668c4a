"""The records of deployed channels: what was cleared is put back, what another changed is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.components.snapshot import ROUTING_FIELDS, ChannelRecord, Routing
from provisioner.execution.channel_records import still_routed
from provisioner.execution.entry_json import DamagedError, _read_routing
from provisioner.execution.outcome import Problem
from provisioner.salesforce import Org, OrgFault

AGENT, FLOW, QUEUE = "0Xx5g0000000001AAA", "3005g0000000001AAA", "00G5g0000000001AAA"
BOUND: Routing = {"SessionHandlerId": AGENT, "FallbackQueueId": QUEUE}


@dataclass
class FakeOrg:
    """Keeps the changes of records, or refuses them."""

    refuses: bool = False
    changes: list[tuple[str, Mapping[str, str | None]]] = field(default_factory=list)

    def change_channel_record(self, name: str, values: Mapping[str, str | None]) -> None:
        if self.refuses:
            raise OrgFault("FIELD_INTEGRITY_EXCEPTION", "Only active agents are supported", request="the change")
        self.changes.append((name, values))


def compared(org: FakeOrg, was: Routing, now: Routing | None) -> list[Problem]:
    records = {} if now is None else {"Web": ChannelRecord(True, now)}
    return list(still_routed(cast(Org, org), {"Web": was}, records))


def test_both_ids_are_put_back_together() -> None:
    """An org takes the two only together, even if it cleared one of them."""
    org = FakeOrg()
    (problem,) = compared(org, BOUND, {"SessionHandlerId": None, "FallbackQueueId": QUEUE})
    assert org.changes == [("Web", BOUND)]
    assert "cleared SessionHandlerId in the record" in problem.problem


def test_an_unrestorable_record_has_its_ids_in_the_message() -> None:
    (problem,) = compared(FakeOrg(refuses=True), BOUND, dict.fromkeys(BOUND))
    assert "Only active agents are supported" in problem.meaning
    assert f"SessionHandlerId {AGENT}, FallbackQueueId {QUEUE}" in problem.meaning


def test_a_value_that_changed_to_another_is_said_and_left_alone() -> None:
    org = FakeOrg()
    (problem,) = compared(org, BOUND, {**BOUND, "SessionHandlerId": FLOW})
    assert org.changes == []
    assert f"SessionHandlerId is {FLOW} and was {AGENT}" in problem.problem


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (BOUND, BOUND),
        (dict.fromkeys(BOUND), BOUND),
        (BOUND, {}),
        (BOUND, None),
        ({}, dict.fromkeys(BOUND)),
    ],
    ids=["as before", "bound by the deployment", "no longer offered", "no record", "not known before"],
)
def test_what_is_no_problem(was: Routing, now: Routing | None) -> None:
    org = FakeOrg()
    assert (compared(org, was, now), org.changes) == ([], [])


ids = st.one_of(st.none(), st.sampled_from([AGENT, FLOW, QUEUE]))
routings = st.dictionaries(st.sampled_from(ROUTING_FIELDS), ids)


@given(routings, routings)
def test_only_earlier_values_are_ever_set(was: Routing, now: Routing) -> None:
    org = FakeOrg()
    problems = compared(org, was, now)
    for _, values in org.changes:
        assert all(values[name] == was[name] is not None for name in values)
        assert any(now.get(name, "not offered") is None for name in values)
    lost = [name for name, value in was.items() if value is not None and now.get(name, value) != value]
    assert bool(problems) == bool(lost)


@pytest.mark.parametrize(
    "document",
    [
        {"routing": {"IsActive": "true"}},
        {"routing": {"SessionHandlerId": "0Xx'; DROP"}},
        {"routing": {"SessionHandlerId": 7}},
    ],
)
def test_a_journal_s_routing_has_the_shape_of_one(document: dict[str, Any]) -> None:
    with pytest.raises(DamagedError):
        _read_routing(document)


def test_an_entry_from_before_there_was_a_routing_is_read() -> None:
    assert _read_routing({}) == {}
