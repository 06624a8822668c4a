"""What customers would feel, in every sentence a plan has for it: to be read in tests/golden/plan/impact.txt.

Each case is an org and a declaration. Where a case says nothing, nothing is felt.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from provisioner.components.channel import edit_channel
from provisioner.components.key import edit_key
from provisioner.components.keyset import edit_keyset
from provisioner.components.snapshot import Snapshot, Unreadable
from provisioner.components.xml import set_text
from provisioner.jose.material import Derivation
from provisioner.model.estate import Configuration, Endpoint, Estate, Issuer, Key, Removed, UploadedKeys
from provisioner.model.jwk import Jwk
from provisioner.model.types import MetadataType
from provisioner.planning.guards import Allowed
from provisioner.planning.planner import make_plan
from tests.planning.estates import NOW, SOURCE, jwk, snapshot_of
from tests.planning.test_risk import CHANNEL, ESTATE, KEY, KEYSET, OLD, bare_channel
from tests.report.golden import assert_golden

SECOND = Key("key_b", SOURCE, label="B")
SET_B = replace(KEYSET, name="set_b")
BOTH = replace(KEYSET, source=UploadedKeys(("key_a", "key_b")))
REMOTE = replace(KEYSET, source=Endpoint("https://id.example.com/jwks"))
JWKS = {"key_a": OLD, "key_b": jwk(1, "kid-2")}


def org(estate: Estate, held: dict[str, Jwk], unreadable_jwk: str | None, others: int) -> Snapshot:
    """An org that has what an estate declares, and ``others`` channels that use the same configurations."""
    keys = {name: edit_key(None, key, held[name]) for name, key in estate.keys.items()}
    if unreadable_jwk is not None:
        set_text(keys[unreadable_jwk], "jsonWebKey", "{}")
    channels = {name: edit_channel(bare_channel(), channel) for name, channel in estate.channels.items()}
    for number in range(others):
        channels[f"Other_{number}"] = edit_channel(bare_channel(), replace(CHANNEL, name=f"Other_{number}"))
    return snapshot_of(keys, {name: edit_keyset(None, each) for name, each in estate.keysets.items()}, channels)


def declared(**parts: Any) -> Estate:
    """ESTATE with other keys, keysets or channels, each given as a list."""
    return replace(ESTATE, **{part: {each.name: each for each in those} for part, those in parts.items()})


def channel(*configurations: Configuration, **fields: Any) -> Estate:
    found = {each.name: each for each in configurations}
    return declared(channels=[replace(CHANNEL, configurations=found or CHANNEL.configurations, **fields)])


LOGIN = Configuration("login", "set_a", True)
TWO_SETS = declared(keysets=[KEYSET, SET_B])
MORE_IN_B = declared(keys=[KEY, SECOND], keysets=[KEYSET, replace(BOTH, name="set_b")])
REMOTE_B = declared(keysets=[KEYSET, replace(REMOTE, name="set_b")])
TWO_KEYS = declared(keys=[KEY, SECOND], keysets=[BOTH])
ONE_OFF = replace(TWO_KEYS, keys={"key_a": replace(KEY, active=False), "key_b": SECOND})
NOTHING = Estate()

#: What is there; what shall be; what org() is told besides, the JWKs that would be sent, what cannot be read.
CASES: dict[str, tuple[Estate, Estate, dict[str, Any]]] = {
    "nothing changes": (ESTATE, ESTATE, {}),
    "a label": (ESTATE, declared(keys=[replace(KEY, label="L")]), {}),
    "a key comes": (declared(keys=[], keysets=[], channels=[]), declared(keysets=[], channels=[]), {}),
    "an inactive key comes": (NOTHING, replace(NOTHING, keys={"key_a": replace(KEY, active=False)}), {}),
    "a key is switched off": (TWO_KEYS, ONE_OFF, {}),
    "a key on three channels is switched off": (TWO_KEYS, ONE_OFF, {"others": 2}),
    "a key of a channel that verifies nobody is switched off": (
        replace(TWO_KEYS, channels=channel(enabled=False).channels),
        replace(ONE_OFF, channels=channel(enabled=False).channels), {},
    ),
    "a key of a configuration that is off is switched off": (
        replace(TWO_KEYS, channels=channel(replace(LOGIN, active=False)).channels),
        replace(ONE_OFF, channels=channel(replace(LOGIN, active=False)).channels), {},
    ),
    "a key is switched off, and the channels cannot be read": (TWO_KEYS, ONE_OFF, {"unreadable": True}),
    "another kid of a key that is off": (
        declared(keys=[replace(KEY, active=False)]), declared(keys=[replace(KEY, active=False)]),
        {"sent": {"key_a": jwk(0, "kid-9")}},
    ),
    "another kid where no channel uses the key": (
        declared(channels=[]), declared(channels=[]), {"sent": {"key_a": jwk(0, "kid-9")}},
    ),
    "a key is switched off and gets another kid": (
        TWO_KEYS, ONE_OFF, {"sent": {**JWKS, "key_a": jwk(0, "kid-9")}},
    ),
    "a key that no channel uses is switched on": (
        declared(keys=[replace(KEY, active=False)], channels=[]), declared(channels=[]), {},
    ),
    "a key and its configuration are switched on at once": (
        replace(channel(replace(LOGIN, active=False)), keys={"key_a": replace(KEY, active=False)}), ESTATE, {},
    ),
    "a key is deleted": (TWO_KEYS, replace(declared(keys=[KEY]), removed=Removed(("key_b",))), {}),
    "a key that is off is deleted": (
        replace(TWO_KEYS, keys={"key_a": KEY, "key_b": replace(SECOND, active=False)}),
        replace(declared(keys=[KEY]), removed=Removed(("key_b",))), {},
    ),
    "a keyset and its key are deleted": (ESTATE, Estate(removed=Removed(("key_a",), ("set_a",))), {}),
    "a keyset that verifies nobody is deleted": (
        channel(enabled=False), Estate(removed=Removed((), ("set_a",))), {},
    ),
    "a keyset is deleted, and another takes its place": (
        TWO_SETS,
        replace(declared(keysets=[SET_B], channels=[replace(CHANNEL, configurations={"login": replace(LOGIN,
                keyset="set_b")})]), removed=Removed((), ("set_a",))), {},
    ),
    "a keyset is deleted, and the channels cannot be read": (
        ESTATE, Estate(removed=Removed((), ("set_a",))), {"unreadable": True},
    ),
    "a key that no channel uses is switched off": (
        declared(channels=[]), declared(keys=[replace(KEY, active=False)], channels=[]), {},
    ),
    "a key is switched on": (declared(keys=[replace(KEY, active=False)]), ESTATE, {}),
    "another kid": (ESTATE, ESTATE, {"sent": {"key_a": jwk(0, "kid-9")}}),
    "another public key under one kid": (ESTATE, ESTATE, {"sent": {"key_a": jwk(1, "kid-1")}}),
    "another algorithm": (ESTATE, ESTATE, {"sent": {"key_a": replace(OLD, alg="RS512")}}),
    "another algorithm, the other way": (
        ESTATE, ESTATE, {"held": {"key_a": replace(OLD, alg="RS512")}},
    ),
    "another certificate for the same key": (ESTATE, ESTATE, {"sent": {"key_a": jwk(0, "kid-1", valid=False)}}),
    "what the org holds is no key": (ESTATE, ESTATE, {"unreadable_jwk": "key_a"}),
    "a keyset comes": (declared(keysets=[], channels=[]), declared(channels=[]), {}),
    "another issuer": (ESTATE, declared(keysets=[replace(KEYSET, issuer=Issuer("shop"))]), {}),
    "an endpoint instead of keys": (ESTATE, declared(keysets=[REMOTE]), {}),
    "keys instead of an endpoint": (declared(keysets=[REMOTE]), ESTATE, {}),
    "another endpoint": (
        declared(keysets=[REMOTE]),
        declared(keysets=[replace(REMOTE, source=Endpoint("https://id.example.com/keys"))]), {},
    ),
    "a key comes into a keyset": (declared(keys=[KEY, SECOND]), TWO_KEYS, {}),
    "a key leaves a keyset": (TWO_KEYS, declared(keys=[KEY, SECOND]), {}),
    "an inactive key leaves a keyset": (
        replace(TWO_KEYS, keys={"key_a": KEY, "key_b": replace(SECOND, active=False)}),
        declared(keys=[KEY, replace(SECOND, active=False)]), {},
    ),
    "a key that cannot be read leaves a keyset": (
        TWO_KEYS, declared(keys=[KEY, SECOND]), {"unreadable_jwk": "key_b"},
    ),
    "a key leaves a keyset that no channel uses": (
        replace(TWO_KEYS, channels={}), replace(declared(keys=[KEY, SECOND]), channels={}), {},
    ),
    "verification is switched on": (channel(enabled=False), ESTATE, {}),
    "verification is switched off": (ESTATE, channel(enabled=False), {}),
    "a configuration comes": (ESTATE, channel(LOGIN, Configuration("web", "set_a", True)), {}),
    "a configuration comes that another channel has": (channel(Configuration("web", "set_a", True)),
        channel(Configuration("web", "set_a", True), LOGIN), {"others": 1}),
    "a configuration comes that three others have": (channel(Configuration("web", "set_a", True)),
        channel(Configuration("web", "set_a", True), LOGIN), {"others": 3}),
    "a configuration goes": (channel(LOGIN, Configuration("web", "set_a", True)), channel(LOGIN), {}),
    "a configuration is renamed": (ESTATE, channel(Configuration("web", "set_a", True)), {}),
    "a configuration is switched off": (ESTATE, channel(replace(LOGIN, active=False)), {}),
    "a configuration is switched on": (channel(replace(LOGIN, active=False)), ESTATE, {}),
    "a configuration is switched off where nobody is verified": (
        channel(enabled=False), channel(replace(LOGIN, active=False), enabled=False), {},
    ),
    "another keyset with the same issuer and keys": (
        TWO_SETS, replace(TWO_SETS, channels=channel(replace(LOGIN, keyset="set_b")).channels), {},
    ),
    "another keyset with the same issuer and one key more": (
        MORE_IN_B, replace(MORE_IN_B, channels=channel(replace(LOGIN, keyset="set_b")).channels), {},
    ),
    "another keyset with the same issuer and one key less": (
        replace(MORE_IN_B, channels=channel(replace(LOGIN, keyset="set_b")).channels), MORE_IN_B, {},
    ),
    "an endpoint in place of a keyset of the same issuer": (
        REMOTE_B, replace(REMOTE_B, channels=channel(replace(LOGIN, keyset="set_b")).channels), {},
    ),
    "a keyset that does not exist yet": (
        declared(), replace(TWO_SETS, channels=channel(replace(LOGIN, keyset="set_b")).channels), {},
    ),
    "another keyset": (
        replace(TWO_SETS, keysets={"set_a": KEYSET, "set_b": replace(SET_B, issuer=Issuer("shop"))}),
        replace(TWO_SETS, keysets={"set_a": KEYSET, "set_b": replace(SET_B, issuer=Issuer("shop"))},
                channels=channel(replace(LOGIN, keyset="set_b")).channels), {},
    ),
    "another keyset for a configuration that is off": (
        replace(TWO_SETS, channels=channel(replace(LOGIN, active=False)).channels),
        replace(TWO_SETS, channels=channel(replace(LOGIN, keyset="set_b", active=False)).channels), {},
    ),
    "another keyset where nobody is verified": (
        replace(TWO_SETS, channels=channel(enabled=False).channels),
        replace(TWO_SETS, channels=channel(replace(LOGIN, keyset="set_b"), enabled=False).channels), {},
    ),
    "shorter and longer sessions": (ESTATE, channel(verified_minutes=59, unverified_minutes=361), {}),
    "shorter sessions of guests": (channel(enabled=False), channel(enabled=False, unverified_minutes=359), {}),
    "shorter sessions of guests while nobody is a guest": (ESTATE, channel(unverified_minutes=359), {}),
    "shorter sessions and the switch on": (channel(enabled=False), channel(verified_minutes=59), {}),
    "shorter sessions and the switch off": (ESTATE, channel(enabled=False, unverified_minutes=359), {}),
    "a first expiration": (channel(verified_minutes=None), ESTATE, {}),
}  # fmt: skip


def test_every_sentence_that_a_plan_has_for_customers() -> None:
    lines = []
    for title, (before, shall_be, how) in CASES.items():
        sent = how.get("sent") or JWKS
        snapshot = org(before, how.get("held") or JWKS, how.get("unreadable_jwk"), how.get("others", 0))
        if how.get("unreadable"):
            why = Unreadable("no", "Configure Messaging")
            snapshot = replace(snapshot, types={**snapshot.types, MetadataType.CHANNEL: why})
        after = replace(shall_be, channels={}) if how.get("unreadable") else shall_be
        found = make_plan(
            after,
            {name: Derivation(sent[name], None, ()) for name in after.keys},
            snapshot,
            environment="test",
            declaration_digest="",
            now=NOW,
            allowed=Allowed(destroy=True, production=True),
        )
        lines.append(f"# {title}")
        for change in found.changes:
            lines.append(f"{change.action.value} {change.address}, risk {change.risk.value}")
            lines += [f"    goes: {each}" for each in change.removals]
            lines += [f"    {field.path}, risk {field.risk.value}" for field in change.fields if field.risk.weight]
            lines += [f"  {sentence}" for sentence in change.impact]
        lines.append("")
    assert_golden("plan/impact.txt", "\n".join(lines))
