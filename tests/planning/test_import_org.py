"""What an import makes of an org, beside the properties in tests/cli/test_importing.py."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lxml import etree

from provisioner.components import xml
from provisioner.components.channel import edit_channel
from provisioner.components.key import edit_key
from provisioner.components.keyset import edit_keyset
from provisioner.model.estate import Channel, Configuration, Issuer, Key, Keyset, UploadedKeys
from provisioner.planning.import_org import ImportedConfig, from_snapshot, shared_issuers
from tests.planning.estates import SOURCE, jwk, snapshot_of
from tests.planning.test_risk import bare_channel


def test_an_issuer_gets_a_name_where_more_than_one_keyset_has_it() -> None:
    keysets = {name: {"issuer": issuer} for name, issuer in zip("abcdef", "xyxzzx", strict=True)}
    assert shared_issuers(keysets) == {"x": "a", "z": "d"}


KEY = edit_key(None, Key("k", SOURCE), jwk(0, "kid"))
KEYSET = edit_keyset(None, Keyset("s", Issuer("https://id.example.com"), UploadedKeys(("k",))))
LOGIN = Configuration("login", "s", True)


def channel(*configurations: Configuration) -> etree._Element:
    found = {each.name: each for each in configurations}
    return edit_channel(bare_channel(), Channel("c", True, found, 60, None))


def twice(element: etree._Element) -> None:
    part = xml.child(element, "embeddedConfig")
    assert part is not None
    part.append(xml.copy(xml.children(part, "messagingAuthorizations")[0]))


def without_keyset(element: etree._Element) -> None:
    for each in element.iter("{*}messagingAuthorizations"):
        xml.remove(each, "publicKeyCertificateSetName")


def of_another_keyset(element: etree._Element) -> None:
    for each in element.iter("{*}publicKeyCertificateSetName"):
        each.text = "gone"


def as_it_is(_: etree._Element) -> None: ...


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (as_it_is, None),
        (twice, "two of them are called login"),
        (without_keyset, "login uses no keyset"),
        (of_another_keyset, "login uses keyset.gone, which is left out"),
    ],
)
def test_a_channels_configurations_are_taken_whole_or_not_at_all(
    change: Callable[[etree._Element], None], why: str | None
) -> None:
    element = channel(LOGIN)
    change(element)
    taken = from_snapshot(snapshot_of({"k": KEY}, {"s": KEYSET}, {"c": element}))
    verification = taken.channels["c"]["user_verification"]
    assert taken.channels["c"]["token_expiration_minutes"] == {"verified": 60}
    assert verification["enabled"] is True
    if why is None:
        assert verification["configurations"] == {"login": {"keyset": "s", "active": True}}
        assert taken.left_out == {}
    else:
        assert "configurations" not in verification
        assert taken.left_out == {"channel.c": f"its configurations are not managed: {why}"}


def whole() -> ImportedConfig:
    return from_snapshot(snapshot_of({"k": KEY}, {"s": KEYSET}, {"c": channel(LOGIN)}))


def test_what_is_left_out_takes_along_what_cannot_be_without_it() -> None:
    taken = whole()
    taken.leave_out("key.k", "a rule has something against it")
    assert (taken.keys, taken.jwks, taken.keysets) == ({}, {}, {})
    assert taken.channels["c"] == {"user_verification": {"enabled": True}, "token_expiration_minutes": {"verified": 60}}
    assert taken.left_out == {
        "key.k": "a rule has something against it",
        "keyset.s": "it holds key.k, which is left out",
        "channel.c": "its configurations are not managed: one of them uses keyset.s, which is left out",
    }


def test_a_keyset_that_is_left_out_leaves_its_keys() -> None:
    taken = whole()
    taken.leave_out("keyset.s", "no")
    assert (list(taken.keys), list(taken.keysets), list(taken.channels)) == (["k"], [], ["c"])


def test_a_channel_that_is_left_out_leaves_the_rest() -> None:
    taken = whole()
    taken.leave_out("channel.c", "no")
    assert (list(taken.keys), list(taken.keysets), list(taken.channels)) == (["k"], ["s"], [])
    assert taken.left_out == {"channel.c": "no"}


def test_a_channel_that_verifies_nobody_is_quiet() -> None:
    off = edit_channel(bare_channel(), Channel("c", False))
    taken = from_snapshot(snapshot_of({}, {}, {"c": off}))
    assert (taken.channels, taken.quiet) == ({}, {"c": {"user_verification": {"enabled": False, "configurations": {}}}})
