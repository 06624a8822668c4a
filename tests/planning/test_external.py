"""External components: judged by what the org has, counted in guards and impact, and never changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.components.key import edit_key
from provisioner.components.keyset import edit_keyset
from provisioner.components.snapshot import Snapshot, Unreadable
from provisioner.errors import ExitStatus, UsageError
from provisioner.jose.material import Derivation
from provisioner.model.estate import Configuration, Endpoint, Estate, External, Key, Keyset, Removed, UploadedKeys
from provisioner.model.types import TYPES, MetadataType
from provisioner.planning.declared_snapshot import declared_snapshot
from provisioner.planning.external import owned_elsewhere_in
from provisioner.planning.guards import Allowed
from provisioner.planning.import_merge import additions
from provisioner.planning.import_org import from_snapshot
from provisioner.planning.plan import Plan
from provisioner.planning.planner import make_plan
from tests.planning.estates import NOW, estates, jwk, snapshot_of, snapshots
from tests.planning.test_risk import CHANNEL, KEY, KEYSET, OLD, bare_channel, plan, provisioned

#: A channel's team: the keyset belongs to somebody else.
ESTATE = Estate(channels={"Web_Chat": CHANNEL}, external=External(keysets=("set_a",)))


def guards(found: Plan) -> list[tuple[str, str | None]]:
    return [(each.guard, each.address) for each in found.blocked]


def org(key: Key = KEY, keyset: Keyset = KEYSET, material: Any = OLD) -> Snapshot:
    channels = {"Web_Chat": provisioned().present(MetadataType.CHANNEL)["Web_Chat"].xml, "App_Chat": bare_channel()}
    return snapshot_of({"key_a": edit_key(None, key, material)}, {"set_a": edit_keyset(None, keyset)}, channels)


def test_a_usable_external_keyset_is_no_change() -> None:
    found = plan(ESTATE, org())
    assert (found.changes, guards(found)) == ((), [])
    assert [each.address for each in found.external] == ["key.key_a", "keyset.set_a"]
    assert [each.address for each in found.unmanaged] == ["channel.App_Chat"]


def test_a_missing_one_names_the_nearest_and_the_org_s() -> None:
    found = plan(replace(ESTATE, external=External(keysets=("set_a", "set_b"))), org())
    (blocked,) = found.blocked
    assert (blocked.guard, blocked.address, blocked.exit_status) == (
        "external-missing", "keyset.set_b", ExitStatus.WRONG_INPUT,
    )  # fmt: skip
    assert "Did you mean set_a?" in blocked.message
    assert "The org's keysets: set_a." in blocked.message


def test_a_missing_one_is_one_finding() -> None:
    logins = {"login": Configuration("login", "set_b")}
    estate = Estate(
        channels={"Web_Chat": replace(CHANNEL, configurations=logins)}, external=External(keysets=("set_b",))
    )
    assert guards(plan(estate, org())) == [("external-missing", "keyset.set_b")]


def test_one_that_the_org_has_none_of() -> None:
    bare = replace(org(), types={**org().types, MetadataType.KEY: {}})
    (blocked, *_) = plan(Estate(external=External(keys=("key_a",))), bare).blocked
    assert "The org has no key." in blocked.message


@pytest.mark.parametrize(
    "present",
    [
        org(key=replace(KEY, active=False)),
        org(material=jwk(0, "kid-1", valid=False)),
        org(keyset=replace(KEYSET, source=UploadedKeys(()))),
        org(keyset=replace(KEYSET, source=UploadedKeys(("gone",)))),
    ],
    ids=["inactive", "expired", "empty", "key missing"],
)
def test_a_keyset_by_which_nothing_verifies(present: Snapshot) -> None:
    assert ("external-unusable", "keyset.set_a") in guards(plan(ESTATE, present))


def test_an_endpoint_is_usable() -> None:
    assert plan(ESTATE, org(keyset=replace(KEYSET, source=Endpoint("https://id.example.com/jwks")))).blocked == ()


def test_an_unusable_key() -> None:
    estate = Estate(external=External(keys=("key_a",)))
    assert guards(plan(estate, org(key=replace(KEY, active=False)))) == [("external-unusable", "key.key_a")]
    assert guards(plan(estate, org())) == []


def test_a_channel_that_is_no_enhanced_chat() -> None:
    estate = Estate(external=External(channels=("App_Chat",)))
    assert guards(plan(estate, org())) == []
    sms = bare_channel()
    sms[0].text = "Text"
    other = snapshot_of({}, {}, {"App_Chat": sms})
    (blocked,) = plan(estate, other).blocked
    assert "it is a channel of type Text" in blocked.message


@pytest.mark.parametrize("kind", [MetadataType.KEY, MetadataType.KEYSET])
def test_what_is_unreadable_is_neither_missing_nor_unusable(kind: MetadataType) -> None:
    hidden = Unreadable("no permission", "Modify Metadata")
    for types in ({kind: hidden}, {kind: {("key_a" if kind is MetadataType.KEY else "set_a"): hidden}}):
        found = plan(ESTATE, replace(org(), types={**org().types, **types}))
        assert {each.guard for each in found.blocked if each.guard.startswith("external")} == set()
        assert any(each.unread for each in found.blocked)


def test_our_change_of_its_key_counts() -> None:
    """The keyset is external and its key is ours: the plan that switches the key off leaves nothing usable."""
    estate = replace(ESTATE, keys={"key_a": replace(KEY, active=False)})
    found = plan(estate, org())
    assert {"no-usable-configuration", "external-unusable"} <= {each.guard for each in found.blocked}
    assert "on Web_Chat" in found.changes[0].impact[0]


def test_a_key_that_an_external_keyset_holds_is_not_deleted() -> None:
    found = plan(replace(ESTATE, removed=Removed(keys=("key_a",))), org())
    assert ("still-referenced", "key.key_a") in guards(found)


def test_a_declared_keyset_may_hold_an_external_key() -> None:
    estate = Estate(keysets={"set_a": KEYSET}, external=External(keys=("key_a",)))
    found = plan(estate, org())
    assert (found.changes, found.blocked) == ((), ())


def test_an_external_key_with_the_kid_of_another() -> None:
    both = replace(KEYSET, source=UploadedKeys(("key_a", "key_b")))
    estate = Estate(keys={"key_a": KEY}, keysets={"set_a": both}, external=External(keys=("key_b",)))
    twins = {name: edit_key(None, replace(KEY, name=name), OLD) for name in ("key_a", "key_b")}
    present = replace(org(), types={**org().types, **snapshot_of(twins, {}, {}).types})
    assert ("keyset-duplicate-kid", "keyset.set_a") in guards(plan(estate, present))


def test_an_external_keyset_with_the_issuer_of_another() -> None:
    logins = {"login": Configuration("login", "set_a"), "other": Configuration("other", "set_b")}
    ours = replace(KEYSET, name="set_b", source=Endpoint("https://id.example.com/jwks"))
    estate = replace(ESTATE, keysets={"set_b": ours}, channels={"Web_Chat": replace(CHANNEL, configurations=logins)})
    assert [each.rule for each in plan(estate, org()).warnings] == ["channel-issuer-conflict"]


def test_a_target_that_is_external_is_told() -> None:
    with pytest.raises(UsageError, match=r"keyset\.set_a is external"):
        make_plan(
            ESTATE, {}, org(), environment="t", declaration_digest="", now=NOW, targets=["keyset.set_a"],
        )  # fmt: skip


def test_a_target_is_not_held_up_by_what_it_does_not_refer_to() -> None:
    """A leaked key is revoked by its target alone, whatever another team's components are like."""
    estate = Estate(
        keys={"key_a": replace(KEY, label="New")},
        channels={"Web_Chat": CHANNEL},
        external=External(keysets=("set_a", "gone"), keys=("nowhere",)),
    )

    def planned(*targets: str) -> list[str | None]:
        found = make_plan(
            estate, {"key_a": Derivation(OLD, None, ())}, org(key=replace(KEY, active=False)), environment="t",
            declaration_digest="", now=NOW, targets=targets,
        )  # fmt: skip
        return [each.address for each in found.blocked if each.guard.startswith("external")]

    assert planned("key.key_a") == []
    assert planned("channel.Web_Chat") == ["keyset.set_a"], "its keyset has only an inactive key"
    assert planned() == ["key.nowhere", "keyset.gone"], "the whole plan makes the key active again"


def test_import_keeps_them_and_takes_over_what_is_ours() -> None:
    external = owned_elsewhere_in(org(), ESTATE)
    taken = from_snapshot(org(), external)
    assert (taken.keys, taken.keysets, taken.left_out) == ({}, {}, {})
    assert taken.channels["Web_Chat"]["user_verification"]["configurations"] == {
        "login": {"keyset": "set_a", "active": True}
    }
    assert additions(taken, ESTATE).channels == {}


def test_a_key_in_a_keyset_of_ours_too_is_not_owned_elsewhere() -> None:
    ours = edit_keyset(None, replace(KEYSET, name="set_b"))
    both = {**org().present(MetadataType.KEYSET), **snapshot_of({}, {"set_b": ours}, {}).present(MetadataType.KEYSET)}
    present = replace(org(), types={**org().types, MetadataType.KEYSET: both})
    assert list(owned_elsewhere_in(present, ESTATE)[MetadataType.KEY]) == []


@given(estates(), snapshots(), st.data())
def test_an_external_component_is_never_touched(
    generated: tuple[Estate, dict[str, Derivation]], snapshot: Snapshot, data: st.DataObject
) -> None:
    """Whatever is declared and whatever the org has: no change has an external component's address."""
    estate, derivations = generated
    names: dict[str, Any] = {}
    for kind in TYPES:
        free = set(snapshot.present(kind)) - set(estate.components(kind)) - set(estate.removed.names(kind))
        names[kind.section] = tuple(sorted(data.draw(st.sets(st.sampled_from(sorted(free)))) if free else ()))
    external = External(**names)
    found = make_plan(
        replace(estate, external=external), derivations, snapshot, environment="t", declaration_digest="", now=NOW
    )
    listed = {kind.address(name) for kind in TYPES for name in external.names(kind)}
    assert listed <= {each.address for each in found.external}
    assert listed.isdisjoint({change.address for change in found.changes})
    assert listed.isdisjoint({each.address for each in found.unmanaged})
    plain = make_plan(estate, derivations, snapshot, environment="t", declaration_digest="", now=NOW)
    assert found.changes == plain.changes


@pytest.mark.parametrize("source", [("key_a",), ("key_a", "key_b")])
def test_without_an_org_nothing_is_said_of_them(source: tuple[str, ...]) -> None:
    """Two declarations are compared: neither says what another team owns."""
    mixed = replace(KEYSET, name="set_b", source=UploadedKeys(source))
    logins = {"login": Configuration("login", "set_b")}
    for estate in (
        ESTATE,
        Estate(
            keys={"key_b": replace(KEY, name="key_b", active=False)} if "key_b" in source else {},
            keysets={"set_b": mixed},
            channels={"Web_Chat": replace(CHANNEL, configurations=logins)},
            external=External(keys=("key_a",)),
        ),
    ):
        compared = declared_snapshot(Estate(), {}, ["Web_Chat"], "base")
        found = make_plan(
            estate, dict.fromkeys(estate.keys, Derivation(OLD, None, ())), compared, environment="t",
            declaration_digest="", now=NOW, allowed=Allowed(destroy=True),
        )  # fmt: skip
        assert [each.guard for each in found.blocked] == []
        assert "channel.Web_Chat" in [each.address for each in found.changes]
