"""An org merged into a declaration, value by value, beside the properties in tests/cli/test_importing.py."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

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
from provisioner.planning.import_merge import Update, additions, updates
from provisioner.planning.import_org import ImportedConfig
from tests.planning.estates import SOURCE, jwk

KEY = Key("k", SOURCE, active=True, label="L", description="D")
UPLOADED = Keyset("s", Issuer("https://id.example.com"), UploadedKeys(("k",)))
REMOTE = replace(UPLOADED, source=Endpoint("https://id.example.com/jwks"))
CHANNEL = Channel("c", True, {"login": Configuration("login", "s", True)}, 60, 360)
LOGIN = {"keyset": "s", "active": True}


def found(section: str, declared: Any, org: dict[str, Any]) -> list[Update]:
    name = declared.name
    return list(updates(ImportedConfig(**{section: {name: org}}), Estate(**{section: {name: declared}})))


def changed(section: str, declared: Any, org: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Path below the component to what is declared and what the org has; the path's head is checked."""
    result = {}
    for each in found(section, declared, org):
        assert each.address == f"{section.removesuffix('s')}.{declared.name}"
        assert each.path[:2] == (section, declared.name)
        result[".".join(each.path[2:])] = (each.declared, each.org)
    return result


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize("org", [{"active": True}, {"active": False}, {}])
def test_a_keys_switch(declared: bool, org: dict[str, Any]) -> None:
    theirs = org.get("active", True)
    expected = {} if theirs is declared else {"active": (declared, theirs)}
    assert changed("keys", Key("k", SOURCE, active=declared), org) == expected


@pytest.mark.parametrize(
    ("declared", "org", "expected"),
    [
        (KEY, {"label": "L", "description": "D"}, {}),
        (KEY, {"label": "M", "description": "E"}, {"label": ("L", "M"), "description": ("D", "E")}),
        (KEY, {}, {"label": ("L", "k"), "description": ("D", "")}),
        (replace(KEY, label=None, description=None), {"label": "M", "description": "E"}, {}),
        (replace(KEY, label="k", description=""), {}, {}),
    ],
)
def test_a_keys_words(declared: Key, org: dict[str, Any], expected: dict[str, Any]) -> None:
    assert changed("keys", declared, org) == expected


@pytest.mark.parametrize(
    ("declared", "org", "expected"),
    [
        (UPLOADED, {"issuer": "https://id.example.com", "keys": ["k"]}, {}),
        (UPLOADED, {"issuer": "shop", "keys": ["k"]}, {"issuer": ("https://id.example.com", "shop")}),
        (UPLOADED, {"issuer": "https://id.example.com", "keys": ["a", "k"]}, {"keys": (["k"], ["k", "a"])}),
        (UPLOADED, {"issuer": "https://id.example.com", "keys": []}, {}),
        (UPLOADED, {"issuer": "https://id.example.com", "endpoint": "https://id.example.com/jwks"}, {}),
        (replace(UPLOADED, issuer=None), {"issuer": "shop", "keys": ["k"]}, {}),
        (REMOTE, {"issuer": "https://id.example.com", "endpoint": "https://id.example.com/jwks"}, {}),
        (
            REMOTE,
            {"issuer": "https://id.example.com", "endpoint": "https://id.example.com/keys"},
            {"endpoint": ("https://id.example.com/jwks", "https://id.example.com/keys")},
        ),
        (REMOTE, {"issuer": "https://id.example.com", "keys": ["k"]}, {}),
    ],
)
def test_a_keyset(declared: Keyset, org: dict[str, Any], expected: dict[str, Any]) -> None:
    """Members are added and never taken away; a keyset is not turned into one of the other type."""
    assert changed("keysets", declared, org) == expected


@pytest.mark.parametrize(
    ("declared", "verification", "minutes", "expected"),
    [
        (CHANNEL, {"enabled": True, "configurations": {"login": LOGIN}}, {"verified": 60, "unverified": 360}, {}),
        (CHANNEL, {"enabled": False}, {}, {"user_verification.enabled": (True, False)}),
        (replace(CHANNEL, enabled=None), {"enabled": False}, {}, {}),
        (
            CHANNEL,
            {"enabled": True, "configurations": {"login": {"keyset": "t", "active": False}}},
            {"verified": 61, "unverified": 359},
            {
                "user_verification.configurations.login.keyset": ("s", "t"),
                "user_verification.configurations.login.active": (True, False),
                "token_expiration_minutes.verified": (60, 61),
            },
        ),
        (
            replace(CHANNEL, enabled=None),
            {"enabled": False},
            {"verified": 61, "unverified": 359},
            {"token_expiration_minutes.unverified": (360, 359)},
        ),
        (
            CHANNEL,
            {"enabled": False},
            {"verified": 61, "unverified": 359},
            {"user_verification.enabled": (True, False), "token_expiration_minutes.unverified": (360, 359)},
        ),
        (
            CHANNEL,
            {"enabled": True, "configurations": {"web": LOGIN, "login": LOGIN}},
            {"verified": 60},
            {"user_verification.configurations.web": (None, LOGIN)},
        ),
        (replace(CHANNEL, configurations=None), {"enabled": True, "configurations": {"web": LOGIN}}, {}, {}),
        (replace(CHANNEL, verified_minutes=None), {"enabled": True}, {"verified": 61}, {}),
    ],
)
def test_a_channel(
    declared: Channel, verification: dict[str, Any], minutes: dict[str, int], expected: dict[str, Any]
) -> None:
    org = {"user_verification": verification, "token_expiration_minutes": minutes}
    assert changed("channels", declared, org) == expected


def test_a_quiet_channel_is_compared_where_it_is_declared() -> None:
    taken = ImportedConfig(quiet={"c": {"user_verification": {"enabled": False}}, "other": {}})
    assert [each.path for each in updates(taken, Estate(channels={"c": CHANNEL}))] == [
        ("channels", "c", "user_verification", "enabled")
    ]


def test_what_the_org_lacks_stays_declared() -> None:
    estate = Estate(keys={"k": KEY}, keysets={"s": UPLOADED}, channels={"c": CHANNEL})
    assert list(updates(ImportedConfig(), estate)) == []


def test_only_what_is_neither_declared_nor_removed_is_added() -> None:
    names = ("declared", "removed", "new")
    taken = ImportedConfig(*({name: {} for name in names} for _ in range(3)), jwks={"new": jwk(0, "k")})
    estate = Estate(
        keys={"declared": KEY}, keysets={"declared": UPLOADED}, channels={"declared": CHANNEL},
        removed=Removed(("removed",), ("removed",)),
    )  # fmt: skip
    added = additions(taken, estate)
    assert (list(added.keys), list(added.keysets)) == (["new"], ["new"])
    assert list(added.channels) == ["removed", "new"], "channels cannot be removed"
    assert added.jwks == taken.jwks
