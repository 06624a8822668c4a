"""A channel's two expirations, of which one is in force: for every org, and whatever the channel held before."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from provisioner.components import xml
from provisioner.components.channel import ObservedChannel, read_channel
from provisioner.components.keyset import edit_keyset
from provisioner.components.meaning import meaning
from provisioner.components.metadata import NSMAP, qualified
from provisioner.components.snapshot import Component, Snapshot
from provisioner.execution.readback import compare, with_read
from provisioner.jose.material import Derivation
from provisioner.model.estate import Channel, Configuration, Endpoint, Estate, Issuer, Keyset
from provisioner.model.types import MetadataType, Risk
from provisioner.planning.drift import drift_of
from provisioner.planning.import_merge import updates
from provisioner.planning.import_org import from_snapshot
from provisioner.planning.rollback_estate import restored
from tests.components.shapes import channels_xml
from tests.planning.estates import OrgHabit, org_habits, snapshot_of, without_other_expiration
from tests.planning.test_convergence import applied, deployed, plan_of

NAME = "Web_Chat"
VERIFIED, UNVERIFIED = "verifiedUserJwtExpirationTime", "anonymousUserJwtExpirationTime"
MINUTES = st.one_of(st.none(), st.sampled_from([30, 60, 360]))


def channel_xml(mode: str | None, verified: int | None, unverified: int | None) -> etree._Element:
    """Return a channel that holds these; without a mode it has no embeddedConfig."""
    root = etree.Element(qualified("MessagingChannel"), nsmap=NSMAP)
    etree.SubElement(root, qualified("messagingChannelType")).text = "EmbeddedMessaging"
    if mode is not None:
        part = etree.SubElement(root, qualified("embeddedConfig"))
        for name, value in (("authMode", mode), (VERIFIED, verified), (UNVERIFIED, unverified)):
            if value is not None:
                xml.set_text(part, name, value)
    return root


befores = st.builds(channel_xml, st.sampled_from([None, "Auth", "UnAuth"]), MINUTES, MINUTES)
declarations = st.builds(
    Channel,
    st.just(NAME),
    st.sampled_from([None, True, False]),
    st.sampled_from([None, {}, {"login": Configuration("login", "set_a", True)}]),
    MINUTES,
    MINUTES,
)


def org(channel: etree._Element) -> Snapshot:
    keyset = edit_keyset(None, Keyset("set_a", Issuer("shop"), Endpoint("https://id.example.com/jwks")))
    return snapshot_of({}, {"set_a": keyset}, {NAME: channel})


def declared(channel: Channel) -> tuple[Estate, dict[str, Derivation]]:
    return Estate(channels={NAME: channel}), {}


def observed(snapshot: Snapshot) -> ObservedChannel:
    found = snapshot.find(MetadataType.CHANNEL, NAME)
    assert isinstance(found, Component)
    return read_channel(found.xml)


def in_force(channel: ObservedChannel) -> int | None:
    return channel.verified_minutes if channel.auth_mode == "Auth" else channel.unverified_minutes


@given(befores, declarations, org_habits)
def test_after_an_apply_nothing_is_left_to_do(before: etree._Element, channel: Channel, habit: OrgHabit) -> None:
    snapshot = org(before)
    plan = plan_of(declared(channel), snapshot)
    package, read = deployed(declared(channel), snapshot, plan, habit)
    assert compare(package, read, plan.changes) == []
    after = with_read(snapshot, read)
    again = plan_of(declared(channel), after)
    assert again.changes == ()
    assert again.not_in_force == plan.not_in_force
    assert drift_of(again, after).is_none
    assert list(updates(from_snapshot(after), Estate(channels={NAME: channel}))) == []


@given(befores, declarations, org_habits)
def test_what_is_in_force_is_what_is_declared(before: etree._Element, channel: Channel, habit: OrgHabit) -> None:
    snapshot = org(before)
    after = observed(applied(declared(channel), snapshot, plan_of(declared(channel), snapshot), habit))
    wanted = channel.verified_minutes if after.auth_mode == "Auth" else channel.unverified_minutes
    assert wanted in (None, in_force(after))


@given(befores, declarations, org_habits, org_habits)
def test_a_restore_brings_back_what_was_in_force(
    before: etree._Element, channel: Channel, habit: OrgHabit, later: OrgHabit
) -> None:
    snapshot = org(before)
    changed = applied(declared(channel), snapshot, plan_of(declared(channel), snapshot), habit)
    found = restored({(MetadataType.CHANNEL, NAME): before})
    plan = plan_of((found.estate, {}), changed)
    package, read = deployed((found.estate, {}), changed, plan, later)
    assert compare(package, read, plan.changes) == []
    after = with_read(changed, read)
    assert plan_of((found.estate, {}), after).changes == ()
    was, now = observed(snapshot), observed(after)
    assert now.enabled is was.enabled
    if in_force(was) is not None:
        assert in_force(now) == in_force(was)
        assert found.left_out == {}
    else:
        assert "was not set, and stays as it is now" in found.left_out[f"channel.{NAME}"]


@given(channels_xml(), declarations, st.data())
def test_any_other_element_that_is_lost_is_found(before: etree._Element, channel: Channel, data: st.DataObject) -> None:
    snapshot = org(before)
    plan = plan_of(declared(channel), snapshot)
    package, read = deployed(declared(channel), snapshot, plan, without_other_expiration)
    if not plan.changes:
        return
    found = read[MetadataType.CHANNEL, NAME]
    assert isinstance(found, Component)
    sent = [meaning(each) for each in package.components[MetadataType.CHANNEL, NAME].iter()]
    parts = [each for each in found.xml.iterdescendants() if any(meaning(each)[1:]) and meaning(each) in sent]
    gone = data.draw(st.sampled_from(parts))
    parent = gone.getparent()
    assert parent is not None
    parent.remove(gone)
    assert compare(package, read, plan.changes) != []


@pytest.mark.parametrize("mode", ["Auth", "UnAuth"])
@pytest.mark.parametrize("which", ["both", "one", "none"])
def test_the_other_expiration_alone_is_no_change(mode: str, which: str) -> None:
    verified, unverified = {"both": (60, 360), "one": (60, None) if mode == "Auth" else (None, 360)}.get(
        which, (None, None)
    )
    alone = Channel(NAME, None, None, None, 30) if mode == "Auth" else Channel(NAME, None, None, 30, None)
    plan = plan_of(declared(alone), org(channel_xml(mode, verified, unverified)))
    assert (plan.changes, plan.blocked) == ((), ())
    assert [(each.value, each.takes_effect) for each in plan.not_in_force] == [
        (30, f"when verification is switched {'off' if mode == 'Auth' else 'on'}")
    ]


@pytest.mark.parametrize(
    ("mode", "enabled", "fields", "risk"),
    [
        ("Auth", None, {"verified_minutes": 30}, Risk.DISRUPTIVE),
        ("Auth", True, {"verified_minutes": 30}, Risk.DISRUPTIVE),
        ("UnAuth", None, {"unverified_minutes": 30}, Risk.DISRUPTIVE),
        ("UnAuth", True, {"verified_minutes": 30, "unverified_minutes": 30}, Risk.NONE),
        ("Auth", False, {"verified_minutes": 30, "unverified_minutes": 30}, Risk.NONE),
    ],
)
def test_only_what_stays_in_force_is_shortened(
    mode: str, enabled: bool | None, fields: dict[str, int], risk: Risk
) -> None:
    channel = replace(Channel(NAME, enabled), **fields)  # type: ignore[arg-type]
    (change,) = plan_of(declared(channel), org(channel_xml(mode, 60, 360))).changes
    assert [each.risk for each in change.fields if each.path.startswith("token_expiration")] == [risk]
    assert any("must be renewed" in each for each in change.impact) is (risk is Risk.DISRUPTIVE)


def test_the_other_expiration_is_sent_with_the_channel() -> None:
    channel = Channel(NAME, True, None, 60, 300)
    snapshot = org(channel_xml("UnAuth", None, 360))
    package, _ = deployed(declared(channel), snapshot, plan_of(declared(channel), snapshot), without_other_expiration)
    sent = read_channel(package.components[MetadataType.CHANNEL, NAME])
    assert (sent.verified_minutes, sent.unverified_minutes) == (60, 300)
