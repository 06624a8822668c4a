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
from provisioner.components.metadata import TYPES
from provisioner.model.estate import Channel, Configuration, Endpoint, Estate, Issuer, Key, Keyset, UploadedKeys
from provisioner.planning.import_org import from_snapshot
from provisioner.planning.rollback_estate import restored
from tests.planning.estates import SOURCE, snapshot_of
from tests.planning.test_risk import OLD, bare_channel, plan

KEY = Key("key_a", SOURCE, active=True, label="A", description="B")
KEYSET = Keyset("set_a", Issuer("https://id.example.com"), UploadedKeys(("key_a",)), "S", "T")
CHANNEL = Channel("Web_Chat", True, {"login": Configuration("login", "set_a", True)}, 60, None)
#: The expiration of guests is in force, and compared, only while verification is off.
GUESTS = Channel("Web_Chat", False, {"login": Configuration("login", "set_a", True)}, None, 360)
#: Another value of each field; a new field has none here, and fails.
OTHER: dict[tuple[type, str], Any] = {
    (Key, "active"): False, (Key, "label"): "Z", (Key, "description"): "Z",
    (Keyset, "issuer"): Issuer("https://other.example.com"), (Keyset, "source"): Endpoint("https://id.example.com/jwks"),
    (Keyset, "label"): "Z", (Keyset, "description"): "Z",
    (Channel, "enabled"): False, (Channel, "configurations"): {"login": Configuration("login", "set_a", False)},
    (Channel, "verified_minutes"): 30, (Channel, "unverified_minutes"): 30,
}  # fmt: skip
IDENTITY = {"name", "places"}
FIELDS = [
    (kind, field.name)
    for kind in (Key, Keyset, Channel)
    for field in dataclasses.fields(kind)
    if field.name not in IDENTITY and (kind, field.name) != (Key, "source")  # key material has tests of its own
]


def org(key: Key = KEY, keyset: Keyset = KEYSET, channel: Channel = CHANNEL) -> Any:
    return snapshot_of(
        {"key_a": edit_key(None, key, OLD)},
        {"set_a": edit_keyset(None, keyset)},
        {"Web_Chat": edit_channel(bare_channel(), channel)},
    )


def estate(key: Key = KEY, keyset: Keyset = KEYSET, channel: Channel = CHANNEL) -> Estate:
    return Estate(keys={"key_a": key}, keysets={"set_a": keyset}, channels={"Web_Chat": channel})


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_every_field_takes_part(kind: type, name: str) -> None:
    which = kind.__name__.lower()
    plain = GUESTS if name == "unverified_minutes" else {"key": KEY, "keyset": KEYSET, "channel": CHANNEL}[which]
    changed = dataclasses.replace(plain, **{name: OTHER[kind, name]})
    was, now = org(**{which: plain}), org(**{which: changed})
    assert plan(estate(**{which: changed}), was).changes, "declaring it plans nothing"
    assert not plan(estate(**{which: changed}), now).changes, "what is sent is not what was declared"
    a, b = from_snapshot(was), from_snapshot(now)
    assert (a.keys, a.keysets, a.channels) != (b.keys, b.keysets, b.channels), "import does not see it"
    before = {(t, n): c.xml for t in TYPES for n, c in now.present(t).items()}
    back = restored(before)
    found = {"key": back.keys, "keyset": back.keysets, "channel": back.channels}[which]
    assert getattr(next(iter(found.values())), name) == OTHER[kind, name], "restore does not bring it back"
