"""A saved plan is itself or nothing: read back as it was, accepted where nothing moved, refused for anything else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from provisioner.components.package import FILES_AT_MOST
from provisioner.components.snapshot import Component, Snapshot
from provisioner.jose.material import Derivation
from provisioner.model.estate import Estate
from provisioner.model.types import TYPES
from provisioner.planning.plan import Plan
from provisioner.planning.saved_plan import (
    LARGEST_BYTES,
    NotThePlanError,
    SavedPlan,
    before_the_org,
    differences,
    digests_of,
    read,
    sealed,
)
from provisioner.report.plan_json import plan_json
from tests.planning.estates import estates, snapshots
from tests.planning.test_convergence import applied, plan_of
from tests.report import samples

EMPTY_ORG = Snapshot(samples.SANDBOX, "67.0", "67.0", {kind: {} for kind in TYPES}, {})
Declared = tuple[Estate, dict[str, Derivation]]


def saved(plan: Plan, snapshot: Snapshot, targets: Sequence[str] = ()) -> bytes:
    return json.dumps(
        sealed(
            {
                **plan_json(plan),
                "tool_version": "1.0.0",
                "saved_at": "2026-11-20T12:00:00Z",
                "targets": list(targets),
                "components": digests_of(plan.changes, snapshot),
            }
        ),
        indent=2,
    ).encode()


def compared(content: bytes, plan: Plan, snapshot: Snapshot) -> list[str]:
    """The addresses (or kinds) of what differs."""
    found = differences(read(content, "plan.json"), plan, snapshot, plan_json(plan))
    assert all(each.message.endswith(".") for each in found)
    return [each.address or each.what for each in found]


@given(estates(), snapshots())
def test_where_nothing_moved_it_is_accepted(declared: Declared, snapshot: Snapshot) -> None:
    plan = plan_of(declared, snapshot)
    assert compared(saved(plan, snapshot), plan_of(declared, snapshot), snapshot) == []


@given(estates(), snapshots())
def test_what_another_made_meanwhile_is_not_made_again(declared: Declared, snapshot: Snapshot) -> None:
    plan = plan_of(declared, snapshot)
    after = applied(declared, snapshot, plan)
    found = compared(saved(plan, snapshot), plan_of(declared, after), after)
    assert found == [change.address for change in plan.changes]


@given(estates(), snapshots(), st.data())
def test_a_component_that_moved_is_named(declared: Declared, snapshot: Snapshot, data: st.DataObject) -> None:
    """Also where what moved is not ours, and no field that the plan shows."""
    plan = plan_of(declared, snapshot)
    present = [change for change in plan.changes if isinstance(snapshot.find(change.type, change.full_name), Component)]
    if not present:
        return
    change = data.draw(st.sampled_from(present))
    before = snapshot.find(change.type, change.full_name)
    assert isinstance(before, Component)
    element = etree.fromstring(etree.tostring(before.xml))
    etree.SubElement(element, "{http://soap.sforce.com/2006/04/metadata}somebodyWroteThis").text = "here"
    moved = _with(snapshot, replace(before, xml=element))
    assert compared(saved(plan, snapshot), plan_of(declared, moved), moved) == [change.address]


def _with(snapshot: Snapshot, component: Component) -> Snapshot:
    from provisioner.execution.readback import with_read

    return with_read(snapshot, {(component.type, component.full_name): component})


@given(estates(), snapshots(), st.data())
def test_no_changed_byte_is_taken(declared: Declared, snapshot: Snapshot, data: st.DataObject) -> None:
    """Any byte of the file, turned into any other: refused, or it means the very same (white space)."""
    content = saved(plan_of(declared, snapshot), snapshot)
    position = data.draw(st.integers(0, len(content) - 1))
    byte = data.draw(st.integers(0, 255))
    changed = content[:position] + bytes([byte]) + content[position + 1 :]
    try:
        found = read(changed, "plan.json")
    except NotThePlanError:
        return
    assert found == read(content, "plan.json")


@given(estates(), snapshots(), st.data())
def test_no_part_of_it_is_taken_for_the_whole(declared: Declared, snapshot: Snapshot, data: st.DataObject) -> None:
    content = saved(plan_of(declared, snapshot), snapshot)
    with pytest.raises(NotThePlanError) as refusal:
        read(content[: data.draw(st.integers(0, len(content) - 1))], "plan.json")
    assert refusal.value.code == "plan-unreadable"


WHOLE: dict[str, Any] = json.loads(saved(samples.FULL, EMPTY_ORG))


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in WHOLE.items() if name not in names}


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "plan-unreadable", "is empty"),
        (b"  \n", "plan-unreadable", "is empty"),
        (b"\xff\xfe{", "plan-unreadable", "cut off or damaged"),
        (b"[" * 100_000, "plan-unreadable", "cut off or damaged"),
        (b'"a plan"', "plan-not-a-plan", "not a saved plan"),
        (b"[]", "plan-not-a-plan", "not a saved plan"),
        (b'{"error": {}}', "plan-not-a-plan", "not a saved plan"),
        (b'{"format_version": "1", "findings": []}', "plan-not-a-plan", "not a saved plan"),
        (b'{"format_version": "1", "environments": []}', "plan-not-a-plan", "several environments"),
        (json.dumps(without("digest")).encode(), "plan-not-a-plan", "the output of `plan --format json`"),
        (json.dumps(WHOLE | {"format_version": "2"}).encode(), "plan-format", 'has the format "2"'),
        (json.dumps(WHOLE | {"format_version": 1}).encode(), "plan-format", "has the format 1"),
        (json.dumps(WHOLE | {"targets": ["key.x"]}).encode(), "plan-tampered", "changed after it was saved"),
        (json.dumps(sealed(without("components"))).encode(), "plan-not-a-plan", "lacks parts"),
        (json.dumps(sealed(WHOLE | {"targets": 7})).encode(), "plan-not-a-plan", "lacks parts"),
        (json.dumps(sealed(WHOLE | {"org": None})).encode(), "plan-not-a-plan", "lacks parts"),
        (json.dumps(sealed(WHOLE | {"changes": [{"address": "key.x"}]})).encode(), "plan-not-a-plan", "lacks parts"),
        (b" " * (LARGEST_BYTES + 1), "plan-not-a-plan", "larger than any saved plan"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_what_is_no_saved_plan(content: bytes, code: str, words: str) -> None:
    with pytest.raises(NotThePlanError) as refusal:
        read(content, "plan.json")
    assert (refusal.value.code, refusal.value.exit_status) == (code, 3)
    assert words in refusal.value.message
    assert "provisioner plan --env" in refusal.value.next or "version" in refusal.value.next


def test_what_differs_before_the_org_is_asked() -> None:
    plan: SavedPlan = read(json.dumps(WHOLE).encode(), "plan.json")
    own = {
        "environment": plan.environment, "tool_version": plan.tool_version, "declaration": plan.declaration_digest,
    }  # fmt: skip
    assert before_the_org(plan, **own) == []
    for name, what in (("environment", "environment"), ("tool_version", "version"), ("declaration", "declaration")):
        assert [each.what for each in before_the_org(plan, **{**own, name: "other"})] == [what]
    assert [each.what for each in before_the_org(plan, environment="other", tool_version="2", declaration="x")] == [
        "environment", "version",
    ]  # fmt: skip


def test_another_org_and_another_version() -> None:
    content = saved(samples.FULL, EMPTY_ORG)
    assert compared(content, replace(samples.FULL, org=samples.PRODUCTION), EMPTY_ORG) == ["org"]
    assert compared(content, replace(samples.FULL, api_version="66.0"), EMPTY_ORG) == ["version"]


def test_what_customers_would_feel_is_approved_too() -> None:
    """Nothing of the component moved, and all the same the change means something else by now."""
    content = saved(samples.FULL, EMPTY_ORG)
    changes = list(samples.FULL.changes)
    changes[-1] = replace(changes[-1], impact=("Nobody can chat on Web_Chat.",))
    other = replace(samples.FULL, changes=tuple(changes))
    found = differences(read(content, "p"), other, EMPTY_ORG, plan_json(other))
    assert [each.message for each in found] == [f"{changes[-1].address} would now change differently: other impact."]


def test_lines_may_move() -> None:
    changes = tuple(replace(change, declared_at=samples.at(99)) for change in samples.FULL.changes)
    assert compared(saved(samples.FULL, EMPTY_ORG), replace(samples.FULL, changes=changes), EMPTY_ORG) == []


def test_absent_and_present_are_told_apart() -> None:
    assert set(digests_of(samples.FULL.changes, EMPTY_ORG).values()) == {None}


def test_the_largest_plan_that_can_be_applied_can_be_saved() -> None:
    """Of one change after the other as often as a deployment takes files; each of them is as large as they come."""
    per_change = len(saved(samples.FULL, EMPTY_ORG)) / len(samples.FULL.changes)
    assert per_change * FILES_AT_MOST < LARGEST_BYTES
