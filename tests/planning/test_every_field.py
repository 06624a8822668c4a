"""Every field of a declared component is planned, sent, imported and restored.

A field that is added to the model alone fails here.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from provisioner.components.channel import edit_channel
from provisioner.components.key import edit_key
from provisioner.components.keyset import edit_keyset
from provisioner.model.estate import Channel, Configuration, Endpoint, Estate, Issuer, Key, Keyset, UploadedKeys
from provisioner.model.types import TYPES
from provisioner.planning.import_merge import updates
from provisioner.planning.import_org import from_snapshot
from provisioner.planning.rollback_estate import restored
from tests.planning.estates import SOURCE, snapshot_of
from tests.planning.test_risk import OLD, bare_channel, plan

KEY = Key("key_a", SOURCE, active=True, label="A", description="B")
KEYSET = Keyset("set_a", Issuer("https://id.example.com"), UploadedKeys(("key_a",)), "S", "T")
LOGIN = Configuration("login", "set_a", True)
CHANNEL = Channel("Web_Chat", True, {"login": LOGIN}, 60, None)
#: The expiration of guests is in force, and compared, only while verification is off.
GUESTS = Channel("Web_Chat", False, {"login": LOGIN}, None, 360)
#: Another value of each field; a new field has none here, and fails.
OTHER: dict[tuple[type, str], Any] = {
    (Key, "active"): False, (Key, "label"): "Z", (Key, "description"): "Z",
    (Keyset, "issuer"): Issuer("https://other.example.com"), (Keyset, "source"): Endpoint("https://id.example.com/jwks"),
    (Keyset, "label"): "Z", (Keyset, "description"): "Z",
    (Channel, "enabled"): False, (Channel, "configurations"): {"login": Configuration("login", "set_a", False)},
    (Channel, "verified_minutes"): 30, (Channel, "unverified_minutes"): 30,
    (Configuration, "keyset"): "set_b", (Configuration, "active"): False,
}  # fmt: skip
IDENTITY = {"name", "places"}
#: Key material, and what is no element of an existing channel, have tests of their own.
OF_THEIR_OWN = {(Key, "source"), (Channel, "create"), (Channel, "active"), (Channel, "record")}
FIELDS = [
    (kind, field.name)
    for kind in (Key, Keyset, Channel, Configuration)
    for field in dataclasses.fields(kind)
    if field.name not in IDENTITY and (kind, field.name) not in OF_THEIR_OWN
]


def org(key: Key = KEY, keyset: Keyset = KEYSET, channel: Channel = CHANNEL) -> Any:
    return snapshot_of(
        {"key_a": edit_key(None, key, OLD)},
        {"set_a": edit_keyset(None, keyset), "set_b": edit_keyset(None, dataclasses.replace(KEYSET, name="set_b"))},
        {"Web_Chat": edit_channel(bare_channel(), channel)},
    )


def estate(key: Key = KEY, keyset: Keyset = KEYSET, channel: Channel = CHANNEL) -> Estate:
    return Estate(keys={"key_a": key}, keysets={"set_a": keyset}, channels={"Web_Chat": channel})


def with_other(kind: type, name: str) -> tuple[str, Any, Any]:
    """Return the word of a component, the component, and the component with another value of the field."""
    other = {name: OTHER[kind, name]}
    if kind is Configuration:
        login = dataclasses.replace(LOGIN, **other)
        return "channel", CHANNEL, dataclasses.replace(CHANNEL, configurations={"login": login})
    word = kind.__name__.lower()
    plain = GUESTS if name == "unverified_minutes" else {"key": KEY, "keyset": KEYSET, "channel": CHANNEL}[word]
    return word, plain, dataclasses.replace(plain, **other)


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_every_field_takes_part(kind: type, name: str) -> None:
    word, plain, changed = with_other(kind, name)
    was, now = org(**{word: plain}), org(**{word: changed})
    assert plan(estate(**{word: changed}), was).changes, "declaring it plans nothing"
    assert not plan(estate(**{word: changed}), now).changes, "what is sent is not what was declared"
    a, b = from_snapshot(was), from_snapshot(now)
    assert (a.keys, a.keysets, a.channels) != (b.keys, b.keysets, b.channels), "import does not see it"
    if (kind, name) != (Keyset, "source"):  # an import never replaces the declared source
        assert list(updates(b, estate(**{word: plain}))), "import does not update it"
    back = restored({(t, n): c.xml for t in TYPES for n, c in now.present(t).items()})
    found = {"key": back.keys["key_a"], "keyset": back.keysets["set_a"], "channel": back.channels["Web_Chat"]}[word]
    restored_part = found.configurations["login"] if kind is Configuration else found
    assert getattr(restored_part, name) == OTHER[kind, name], "restore does not bring it back"
