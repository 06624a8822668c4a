"""The plan's promise: once its changes are made, there is nothing left to do, and nothing else has moved."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from lxml import etree

from provisioner.components import xml
from provisioner.components.package import Package
from provisioner.components.snapshot import Component, Snapshot
from provisioner.execution.readback import compare, with_read
from provisioner.execution.work import Read, Work, compose
from provisioner.jose.material import Derivation
from provisioner.model.estate import Estate
from provisioner.model.types import TYPES, MetadataType, Risk
from provisioner.planning.guards import Allowed
from provisioner.planning.plan import Action, Plan
from provisioner.planning.planner import make_plan
from tests.planning.estates import NOW, OrgHabit, as_sent, estates, org_habits, snapshots

EVERYTHING = Allowed(destroy=True, old_api=True, production=True)
Declared = tuple[Estate, dict[str, Derivation]]


def plan_of(declared: Declared, snapshot: Snapshot, allowed: Allowed = EVERYTHING) -> Plan:
    estate, derivations = declared
    return make_plan(estate, derivations, snapshot, environment="test", declaration_digest="", now=NOW, allowed=allowed)


def deployed(declared: Declared, snapshot: Snapshot, plan: Plan, habit: OrgHabit) -> tuple[Package, Read]:
    """Return the plan's package, and the touched components as an org of that habit gives them back."""
    estate, derivations = declared
    jwks = {name: each.jwk for name, each in derivations.items() if each.jwk is not None}
    work = Work(estate, jwks, snapshot, plan, lambda _: plan)
    fresh = {(change.type, change.full_name): snapshot.find(change.type, change.full_name) for change in plan.changes}
    package = compose(work, plan.changes, fresh)
    read: dict[tuple[MetadataType, str], Component | None] = dict.fromkeys(package.deletions)
    for (kind, name), element in package.components.items():
        read[kind, name] = Component(kind, name, habit(etree.fromstring(xml.to_file(element))))
    return package, read


def applied(declared: Declared, snapshot: Snapshot, plan: Plan, habit: OrgHabit = as_sent) -> Snapshot:
    """Return the org after the plan's package, as files carry it."""
    return with_read(snapshot, deployed(declared, snapshot, plan, habit)[1])


@given(estates(), snapshots(), org_habits)
def test_after_its_changes_a_plan_is_empty(declared: Declared, snapshot: Snapshot, habit: OrgHabit) -> None:
    plan = plan_of(declared, snapshot)
    after = applied(declared, snapshot, plan, habit)
    again = plan_of(declared, after)
    assert again.changes == ()
    assert set(again.unchanged) >= {change.address for change in plan.changes if change.action is not Action.DELETE}


@given(estates(), snapshots(), org_habits)
def test_what_was_applied_is_read_back(declared: Declared, snapshot: Snapshot, habit: OrgHabit) -> None:
    package, read = deployed(declared, snapshot, plan_of(declared, snapshot), habit)
    assert compare(package, read) == []


@given(estates(), snapshots())
def test_what_no_change_names_is_not_touched(declared: Declared, snapshot: Snapshot) -> None:
    plan = plan_of(declared, snapshot)
    after = applied(declared, snapshot, plan)
    touched = {(change.type, change.full_name) for change in plan.changes}
    for kind in TYPES:
        for name, component in snapshot.present(kind).items():
            if (kind, name) not in touched:
                assert after.find(kind, name) is component


@given(estates(), snapshots())
def test_a_channel_that_could_verify_still_can(declared: Declared, snapshot: Snapshot) -> None:
    """A plan that no guard blocks never leaves a channel in Auth without anything usable that it had before."""
    from provisioner.planning.plan_input import PlanInput

    plan = plan_of(declared, snapshot)
    if plan.blocked:
        return
    estate, derivations = declared
    jwks = {name: each.jwk for name, each in derivations.items() if each.jwk is not None}
    before = PlanInput(estate, jwks, snapshot, NOW).before
    after = PlanInput(estate, jwks, applied(declared, snapshot, plan), NOW).before
    for name, channel in after.channels.items():
        was = before.channels[name]
        if channel.enabled and plan.changes and not (was.enabled and not before.has_usable_configuration(was, NOW)):
            assert after.has_usable_configuration(channel, NOW)


@given(estates(), snapshots())
def test_nothing_that_is_referred_to_is_deleted(declared: Declared, snapshot: Snapshot) -> None:
    plan = plan_of(declared, snapshot)
    if plan.blocked:
        return
    after = applied(declared, snapshot, plan)
    from provisioner.planning.plan_input import PlanInput

    state = PlanInput(Estate(), {}, after, NOW).before
    deleted = {(change.type, change.full_name) for change in plan.changes if change.action is Action.DELETE}
    for keyset in state.keysets.values():
        assert not {(MetadataType.KEY, name) for name in keyset.keys} & deleted
    for channel in state.channels.values():
        assert not {(MetadataType.KEYSET, each.keyset or "") for each in channel.configurations} & deleted


@given(estates(), snapshots())
def test_destructive_changes_are_blocked_unless_allowed(declared: Declared, snapshot: Snapshot) -> None:
    plan = plan_of(declared, snapshot, replace(EVERYTHING, destroy=False))
    destructive = {change.address for change in plan.changes if change.risk is Risk.DESTRUCTIVE}
    assert {blocked.address for blocked in plan.blocked if blocked.guard == "destructive"} == destructive
    assert destructive >= {
        change.address for change in plan.changes if change.action is Action.DELETE or change.removals
    }
