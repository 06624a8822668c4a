"""A routing that only a channel's record binds: read, kept, guarded, compared after the deployment, and put back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from provisioner.execution.journal import Journal
from provisioner.execution.journal_entry import Entry
from provisioner.localorg.layout import Layout
from provisioner.localorg.records import MetadataType
from provisioner.localorg.routing import routing_of
from provisioner.localorg.store import Store
from tests.cli.conftest import Person

AGENT, QUEUE, OTHER = "0XxLO0000000001AAA", "00GLO0000000001AAA", "0XxLO0000000002AAA"
BOUND = {"SessionHandlerId": AGENT, "FallbackQueueId": QUEUE}
RESTORE = ("--env", "local", "--yes", "--allow-destroy", "--format", "json")


def bind(person: Person, values: Mapping[str, str | None], name: str = "Web_Chat") -> None:
    """Bind the routing in the record of a channel, as an administrator does by the Data API."""
    store = Store(Layout.of(person.org).database)
    try:
        store.bind_routing({store.components()[MetadataType.CHANNEL, name].id: dict(values)})
    finally:
        store.close()


def routing(person: Person, name: str = "Web_Chat") -> dict[str, str | None]:
    store = Store(Layout.of(person.org).database)
    try:
        component = store.components()[MetadataType.CHANNEL, name]
        found = routing_of(component, store.bound_routing().get(component.id, {}))
        return {field: found[field] for field in BOUND}
    finally:
        store.close()


def newest_entry() -> Entry:
    entry = Journal.here().entries()[-1]
    assert isinstance(entry, Entry)
    return entry


def test_a_routing_that_the_org_keeps_is_no_problem(person: Person) -> None:
    bind(person, BOUND)
    assert person.apply().status == 0
    assert routing(person) == BOUND
    (channel,) = [each for each in newest_entry().touched if each.address == "channel.Web_Chat"]
    assert {**channel.routing, "RoutingType": None, "TargetQueueId": None} == {
        **BOUND, "RoutingType": None, "TargetQueueId": None,
    }  # fmt: skip


def test_a_cleared_routing_is_restored_with_a_note(person: Person) -> None:
    bind(person, BOUND)
    person.breaks("session-handler-cleared")
    ran = person.apply()
    assert (ran.status, ran.json["outcome"], ran.json["converged"]) == (5, "failed", False)
    (problem,) = ran.json["problems"]
    assert problem["address"] == "channel.Web_Chat"
    assert "cleared SessionHandlerId and FallbackQueueId in the record of the channel Web_Chat" in problem["problem"]
    assert problem["meaning"].startswith("It was put back at once.")
    assert routing(person) == BOUND
    assert person.plan()["changes"] == [], "only the routing was lost"


def test_an_inactive_channel_is_compared_too(person: Person) -> None:
    store = Store(Layout.of(person.org).database)
    channel = store.components()[MetadataType.CHANNEL, "Web_Chat"]
    store.put_components([replace(channel, active=False)])
    store.close()
    person.breaks("session-handler-cleared")
    before = routing(person)
    assert before["SessionHandlerId"] is not None, "the flow that the metadata names"
    assert person.apply().status == 5
    assert routing(person) == before


def test_a_saved_plan_notices_a_changed_routing(person: Person) -> None:
    bind(person, BOUND)
    assert person.run("plan", "--env", "local", "--out", "plan.json").status == 0
    bind(person, {**BOUND, "SessionHandlerId": OTHER})
    ran = person.run("apply", "plan.json", "--env", "local", "--yes", "--format", "json")
    assert ran.status == 3
    assert "channel.Web_Chat was changed in the org since" in json.dumps(ran.json)
    bind(person, BOUND)
    assert person.run("apply", "plan.json", "--env", "local", "--yes").status == 0


def test_restore_brings_the_routing_back(person: Person) -> None:
    bind(person, BOUND)
    assert person.apply().status == 0
    bind(person, {"SessionHandlerId": None, "FallbackQueueId": None})
    shown = person.run("restore", "latest", "--env", "local").out
    assert f'record.SessionHandlerId "{AGENT}"' in " ".join(shown.split()), shown
    assert "New chats on Web_Chat are routed by record.SessionHandlerId and" in " ".join(shown.split())
    assert person.run("restore", "latest", *RESTORE).status == 0
    assert routing(person) == BOUND


def test_restore_of_an_org_that_clears_at_each_deployment(person: Person) -> None:
    bind(person, BOUND)
    assert person.apply().status == 0
    person.breaks("session-handler-cleared")
    ran = person.run("restore", "latest", *RESTORE)
    assert (ran.status, ran.json["problems"]) == (0, []), "the restore itself sets the routing, after its deployment"
    assert routing(person) == BOUND


@pytest.mark.parametrize("fault", ["routing-fields-missing", "routing-fields-missing=routing-type"])
def test_an_org_without_the_fields_needs_one_more_request(person: Person, fault: str) -> None:
    bind(person, BOUND)
    plain = person.run("-v", "plan", "--env", "local")
    person.breaks(fault)
    ran = person.run("-vv", "plan", "--env", "local")
    assert (plain.status, ran.status) == (0, 0)
    assert ran.err.count("FROM+MessagingChannel") == 2 or ran.err.count("FROM MessagingChannel") == 2
    assert "channel-inactive" not in ran.out
    person.breaks("session-handler-cleared")
    assert person.apply().status == (5 if fault.endswith("routing-type") else 0)


def test_an_org_that_does_not_show_the_records(person: Person) -> None:
    person.breaks("channel-records-unreadable")
    person.breaks("session-handler-cleared")
    ran = person.apply()
    assert ran.status == 0
    assert "Cannot tell whether Web_Chat" in json.dumps(ran.json)


def test_the_plan_warns_of_an_agent_that_only_the_record_binds(person: Person) -> None:
    rule = "channel-agent-in-record-only"
    assert rule not in [each["rule"] for each in person.plan()["warnings"]]
    store = Store(Layout.of(person.org).database)
    channel = store.components()[MetadataType.CHANNEL, "Web_Chat"]
    xml = channel.xml.replace("<sessionHandlerType>Flow<", "<sessionHandlerType>AgentforceServiceAgent<")
    store.put_components([replace(channel, xml=xml)])
    store.close()
    person.breaks("session-handler-asa-required")
    refused = person.apply()
    assert (refused.status, refused.json["problems"][0]["problem"]) == (5, "Missing required Agentforce Service Agent.")
    (warning,) = [each for each in person.plan()["warnings"] if each["rule"] == rule]
    assert warning["address"] == "channel.Web_Chat"
    with person.declaration.open("a") as file:
        file.write(f"\nignore:\n  - {{rule: {rule}, address: channel.Web_Chat, reason: tried in the sandbox}}\n")
    assert rule not in [each["rule"] for each in person.plan()["warnings"]]


def test_a_resumed_apply_puts_it_back_from_the_journal(person: Person) -> None:
    """The run was killed after its deployment was accepted; the journal knows the routing."""
    bind(person, BOUND)
    person.breaks("session-handler-cleared")
    person.breaks("deploy-queued=100000")
    ran = person.apply("--wait", "0.01")
    assert ran.status == 6
    person.mends("deploy-queued")
    resumed = person.apply("--resume", ran.json["deploy_id"])
    assert resumed.status == 5
    assert "cleared SessionHandlerId" in resumed.json["problems"][0]["problem"]
    assert routing(person) == BOUND


def test_the_next_apply_puts_it_back_after_a_killed_one(person: Person) -> None:
    bind(person, BOUND)
    person.breaks("session-handler-cleared")
    person.breaks("deploy-queued=100000")
    assert person.apply("--wait", "0.01").status == 6
    person.mends("deploy-queued")
    ran = person.run("apply", "--env", "local", "--yes")
    assert "That deployment, or another change since then, cleared SessionHandlerId and FallbackQueueId" in " ".join(
        ran.err.split()
    )
    assert routing(person) == BOUND


def test_a_deployment_that_is_called_failed_is_compared_too(person: Person) -> None:
    """It applied everything, and the org reports a failure: the run ends before its read-back."""
    bind(person, BOUND)
    person.breaks("session-handler-cleared")
    person.breaks("partial-success")
    ran = person.apply()
    assert (ran.status, ran.json["outcome"]) == (5, "failed")
    assert any("cleared SessionHandlerId" in each["problem"] for each in ran.json["problems"])
    assert routing(person) == BOUND


def test_a_deployment_that_applied_nothing_is_not_compared(person: Person) -> None:
    bind(person, BOUND)
    person.breaks("session-handler-cleared")
    person.breaks("deploy-error")
    ran = person.apply()
    assert (ran.status, [each["address"] for each in ran.json["problems"]]) == (5, [None])
    assert routing(person) == BOUND


def test_an_org_that_hides_the_records_holds_no_apply_up(person: Person) -> None:
    bind(person, BOUND)
    person.breaks("deploy-queued=100000")
    assert person.apply("--wait", "0.01").status == 6
    person.mends("deploy-queued")
    person.breaks("channel-records-unreadable")
    ran = person.run("apply", "--env", "local", "--yes")
    assert ran.status == 0, ran.err
    assert "Whether its channels kept their routing is not known" in " ".join(ran.err.split())
