"""Risk and impact, case by case as they are promised."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import etree

from provisioner.components.channel import edit_channel
from provisioner.components.key import edit_key
from provisioner.components.keyset import edit_keyset
from provisioner.components.metadata import NSMAP, qualified
from provisioner.components.snapshot import Snapshot, Unreadable
from provisioner.errors import UsageError
from provisioner.jose.material import Derivation
from provisioner.model.estate import (
    Channel,
    Configuration,
    Endpoint,
    Estate,
    Issuer,
    Key,
    Keyset,
    Removed,
    UploadedKeys,
)
from provisioner.model.jwk import Jwk
from provisioner.model.types import MetadataType, Risk
from provisioner.planning.guards import Allowed
from provisioner.planning.plan import Change, Plan
from provisioner.planning.planner import make_plan
from tests.planning.estates import NOW, SOURCE, jwk, snapshot_of

KEY = Key("key_a", SOURCE, active=True, label="A", description="B")
KEYSET = Keyset("set_a", Issuer("https://id.example.com"), UploadedKeys(("key_a",)), "S")
CHANNEL = Channel("Web_Chat", True, {"login": Configuration("login", "set_a", True)}, 60, 360)
ESTATE = Estate(keys={"key_a": KEY}, keysets={"set_a": KEYSET}, channels={"Web_Chat": CHANNEL})
OLD = jwk(0, "kid-1")


def bare_channel() -> etree._Element:
    root = etree.Element(qualified("MessagingChannel"), nsmap=NSMAP)
    etree.SubElement(root, qualified("messagingChannelType")).text = "EmbeddedMessaging"
    return root


def provisioned(channel: Channel = CHANNEL) -> Snapshot:
    """An org that has exactly what :data:`ESTATE` declares."""
    return snapshot_of(
        {"key_a": edit_key(None, KEY, OLD)},
        {"set_a": edit_keyset(None, KEYSET)},
        {"Web_Chat": edit_channel(bare_channel(), channel), "App_Chat": bare_channel()},
    )


def plan(estate: Estate, snapshot: Snapshot | None = None, derived: Jwk = OLD) -> Plan:
    derivations = dict.fromkeys(estate.keys, Derivation(derived, None, ()))
    return make_plan(
        estate,
        derivations,
        snapshot or provisioned(),
        environment="test",
        declaration_digest="",
        now=NOW,
        allowed=Allowed(destroy=True, production=True),
    )


def only(result: Plan) -> Change:
    (change,) = result.changes
    return change


def with_key(**fields: object) -> Estate:
    return replace(ESTATE, keys={"key_a": replace(KEY, **fields)})  # type: ignore[arg-type]


def with_keyset(**fields: object) -> Estate:
    return replace(ESTATE, keysets={"set_a": replace(KEYSET, **fields)})  # type: ignore[arg-type]


def with_channel(**fields: object) -> Estate:
    return replace(ESTATE, channels={"Web_Chat": replace(CHANNEL, **fields)})  # type: ignore[arg-type]


def test_what_is_as_declared_is_no_change() -> None:
    assert plan(ESTATE).changes == ()


def test_a_label_is_no_risk() -> None:
    change = only(plan(with_key(label="Other")))
    assert (change.risk, [field.path for field in change.fields]) == (Risk.NONE, ["label"])


@pytest.mark.parametrize("unset", ["label", "description"])
def test_an_omitted_field_keeps_the_orgs_value(unset: str) -> None:
    assert plan(with_key(**{unset: None})).changes == ()


def test_an_empty_description_is_taken_away() -> None:
    change = only(plan(with_key(description="")))
    assert [(field.path, field.before, field.after) for field in change.fields] == [("description", "B", None)]


def test_deactivating_a_key_is_disruptive_or_blocked() -> None:
    result = plan(with_key(active=False))
    assert only(result).risk is Risk.DISRUPTIVE
    assert "Tokens signed with kid kid-1 will stop verifying on Web_Chat" in only(result).impact[0]
    assert [blocked.guard for blocked in result.blocked] == ["no-usable-configuration"]


@pytest.mark.parametrize("derived", [jwk(1, "kid-1"), jwk(0, "kid-2")], ids=["public key", "kid"])
def test_another_key_or_kid_is_destructive_while_in_use(derived: Jwk) -> None:
    assert only(plan(ESTATE, derived=derived)).risk is Risk.DESTRUCTIVE
    unused = provisioned(replace(CHANNEL, enabled=False, configurations={}))
    estate = replace(ESTATE, channels={})
    assert only(plan(estate, unused, derived)).risk is Risk.NONE


def test_an_inactive_configuration_is_use_too() -> None:
    snapshot = provisioned(replace(CHANNEL, configurations={"login": Configuration("login", "set_a", False)}))
    estate = replace(ESTATE, channels={})
    assert only(plan(estate, snapshot, jwk(1, "kid-1"))).risk is Risk.DESTRUCTIVE


def test_what_cannot_be_read_may_use_anything() -> None:
    snapshot = provisioned()
    hidden = replace(snapshot, types={**snapshot.types, MetadataType.CHANNEL: Unreadable("no", "Configure Messaging")})
    result = plan(replace(ESTATE, channels={}), hidden, jwk(1, "kid-1"))
    assert only(result).risk is Risk.DESTRUCTIVE
    assert "unreadable" in [blocked.guard for blocked in result.blocked]


def test_a_new_keyset_breaks_nothing_in_hidden_channels() -> None:
    hidden = provisioned()
    types = {**hidden.types, MetadataType.CHANNEL: Unreadable("no", "Configure Messaging"), MetadataType.KEYSET: {}}
    change = only(plan(replace(ESTATE, channels={}), replace(hidden, types=types)))
    assert {field.risk for field in change.fields} == {Risk.NONE}


@pytest.mark.parametrize(
    ("fields", "risk"),
    [
        ({"issuer": Issuer("https://id.example.com/")}, Risk.DESTRUCTIVE),
        ({"source": Endpoint("https://id.example.com/jwks")}, Risk.DESTRUCTIVE),
        ({"label": "Other"}, Risk.NONE),
    ],
)
def test_a_keysets_issuer_and_type(fields: dict[str, object], risk: Risk) -> None:
    assert only(plan(with_keyset(**fields))).risk is risk


def test_a_removed_member_is_destructive_a_new_one_is_not() -> None:
    second = Key("key_b", SOURCE, label="B")
    both = replace(ESTATE, keys={"key_a": KEY, "key_b": second})
    more = replace(both, keysets={"set_a": replace(KEYSET, source=UploadedKeys(("key_a", "key_b")))})
    assert [change.risk for change in plan(more).changes] == [Risk.NONE, Risk.NONE]
    other = replace(both, keysets={"set_a": replace(KEYSET, source=UploadedKeys(("key_b",)))})
    keyset = next(change for change in plan(other).changes if change.type is MetadataType.KEYSET)
    assert (keyset.risk, keyset.removals) == (Risk.DESTRUCTIVE, ("key key_a leaves the keyset",))


def test_the_order_of_members_has_no_meaning() -> None:
    keys = {"key_a": KEY, "key_b": replace(KEY, name="key_b")}
    snapshot = snapshot_of(
        {name: edit_key(None, key, OLD) for name, key in keys.items()},
        {"set_a": edit_keyset(None, replace(KEYSET, source=UploadedKeys(("key_b", "key_a"))))},
        {"Web_Chat": edit_channel(bare_channel(), CHANNEL)},
    )
    estate = replace(ESTATE, keys=keys, keysets={"set_a": replace(KEYSET, source=UploadedKeys(("key_a", "key_b")))})
    assert plan(estate, snapshot).changes == ()


@pytest.mark.parametrize(
    ("fields", "risk", "words"),
    [
        ({"enabled": False}, Risk.DESTRUCTIVE, "becomes a guest"),
        ({"configurations": {"login": Configuration("login", "set_a", False)}}, Risk.DISRUPTIVE, "stop verifying"),
        (
            {"configurations": {"web": Configuration("web", "set_a", True)}},
            Risk.DESTRUCTIVE,
            "lose their conversations",
        ),
        ({"verified_minutes": 30}, Risk.DISRUPTIVE, "30 minutes instead of 60"),
        ({"verified_minutes": 120}, Risk.NONE, ""),
    ],
)
def test_a_channels_changes(fields: dict[str, object], risk: Risk, words: str) -> None:
    change = only(plan(with_channel(**fields)))
    assert change.risk is risk
    assert words in " ".join(change.impact)


def test_switching_verification_on_shuts_guests_out() -> None:
    snapshot = provisioned(replace(CHANNEL, enabled=False))
    change = only(plan(ESTATE, snapshot))
    assert change.risk is Risk.DISRUPTIVE
    assert "Guests can no longer chat on Web_Chat" in change.impact[0]


def test_a_shared_configuration_name_shares_conversations() -> None:
    estate = replace(
        ESTATE, channels={"Web_Chat": CHANNEL, "App_Chat": Channel("App_Chat", True, CHANNEL.configurations)}
    )
    assert "shares its conversations with Web_Chat" in " ".join(only(plan(estate)).impact)


def test_a_target_narrows_the_plan_and_counts_on_nothing_else() -> None:
    empty = snapshot_of({}, {}, {"Web_Chat": bare_channel()})
    derivations = {"key_a": Derivation(OLD, None, ())}

    def targeted(*targets: str) -> Plan:
        return make_plan(
            ESTATE,
            derivations,
            empty,
            environment="test",
            declaration_digest="",
            now=NOW,
            allowed=Allowed(destroy=True, production=True),
            targets=targets,
        )

    keys = targeted("key.key_a", "keyset.set_a")
    assert ([change.address for change in keys.changes], keys.complete, keys.blocked) == (
        ["key.key_a", "keyset.set_a"],
        False,
        (),
    )
    channel = targeted("channel.Web_Chat")
    assert [change.address for change in channel.changes] == ["channel.Web_Chat"]
    assert [blocked.guard for blocked in channel.blocked] == ["no-usable-configuration"]
    with pytest.raises(UsageError, match=r"Did you mean key\.key_a"):
        targeted("key.key_b")


def test_deletions_are_destructive_and_wait_for_their_users() -> None:
    estate = Estate(removed=Removed(("key_a",), ("set_a",)))
    result = plan(estate)
    assert [(change.address, change.risk) for change in result.changes] == [
        ("keyset.set_a", Risk.DESTRUCTIVE),
        ("key.key_a", Risk.DESTRUCTIVE),
    ]
    guards = {(blocked.guard, blocked.address) for blocked in result.blocked}
    assert ("still-referenced", "keyset.set_a") in guards
    assert plan(Estate(removed=Removed(("gone",), ("gone",)))).changes == ()


def test_an_org_that_is_in_that_state_already_may_be_changed() -> None:
    """Verification on with nothing usable: changing a label must not be blocked by what was so before."""
    expired = jwk(0, "kid-1", valid=False)
    snapshot = snapshot_of(
        {"key_a": edit_key(None, KEY, expired)},
        {"set_a": edit_keyset(None, KEYSET)},
        {"Web_Chat": edit_channel(bare_channel(), CHANNEL)},
    )
    result = plan(with_keyset(label="Other"), snapshot, expired)
    assert len(result.changes) == 1
    assert result.blocked == ()


def test_an_inactive_key_that_goes_takes_nobody_along() -> None:
    off = replace(KEY, active=False)
    other = replace(KEY, name="key_b")
    both = replace(KEYSET, source=UploadedKeys(("key_a", "key_b")))
    org = snapshot_of(
        {"key_a": edit_key(None, off, OLD), "key_b": edit_key(None, other, jwk(1, "kid-2"))},
        {"set_a": edit_keyset(None, both)},
        {"Web_Chat": edit_channel(bare_channel(), CHANNEL)},
    )
    estate = replace(
        ESTATE,
        keys={"key_b": other},
        keysets={"set_a": replace(KEYSET, source=UploadedKeys(("key_b",)))},
        removed=Removed(("key_a",)),
    )
    changes = plan(estate, org, jwk(1, "kid-2")).changes
    assert [(change.address, change.impact) for change in changes] == [("keyset.set_a", ()), ("key.key_a", ())]
    assert all(change.risk is Risk.DESTRUCTIVE for change in changes)
