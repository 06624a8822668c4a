"""Every field of a change points at the line of YAML that asks for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioner.components.channel import edit_channel
from provisioner.components.snapshot import Component
from provisioner.diagnostics import Location
from provisioner.jose.material import Derivation
from provisioner.model.estate import (
    Channel,
    Configuration,
    Endpoint,
    Estate,
    Issuer,
    JwkSource,
    Key,
    Keyset,
    UploadedKeys,
)
from provisioner.model.places import Path, Places
from provisioner.model.types import MetadataType
from provisioner.planning.guards import Allowed
from provisioner.planning.planner import make_plan
from tests.planning.estates import NOW, SOURCE, jwk, snapshot_of
from tests.planning.test_risk import CHANNEL, KEY, KEYSET, bare_channel, only, plan

FILE = "config/user-verification.yaml"


def places(*paths: Path) -> Places:
    """The component in line 1, and each path in a line of its own below."""
    return Places(Location(FILE, 1, 1), {path: Location(FILE, line, 1) for line, path in enumerate(paths, start=2)})


def pointed_at(estate: Estate, *, others: tuple[Configuration, ...] = ()) -> dict[str, Path | None]:
    """Field to the path of YAML that its change points at; () is the component itself."""
    org = snapshot_of({}, {}, {})
    if estate.channels:
        before = Channel("Web_Chat", configurations={each.name: each for each in others})
        root = edit_channel(bare_channel(), before)
        org = replace(
            org,
            types={**org.types, MetadataType.CHANNEL: {"Web_Chat": Component(MetadataType.CHANNEL, "Web_Chat", root)}},
        )
    made = make_plan(
        estate, {name: Derivation(jwk(0, "k"), None, ()) for name in estate.keys}, org,
        environment="test", declaration_digest="", now=NOW, allowed=Allowed(destroy=True),
    )  # fmt: skip
    (change,) = made.changes
    (declared,) = (*estate.keys.values(), *estate.keysets.values(), *estate.channels.values())
    assert change.declared_at == declared.places.own
    paths = {place: path for path, place in declared.places.below.items()} | {declared.places.own: ()}
    return {field.path: paths[field.declared_at] for field in change.fields}


@pytest.mark.parametrize(
    ("source", "member", "algorithm"),
    [(SOURCE, "certificate", True), (SOURCE, "certificate", False), (JwkSource(SOURCE.file), "jwk", False)],
)
def test_a_keys_fields(source: object, member: str, algorithm: bool) -> None:
    written = [("algorithm",)] if algorithm else []
    below = places(("label",), ("description",), ("kid",), ("active",), (member,), *written)
    key = replace(KEY, source=source, places=below)  # type: ignore[arg-type]
    assert pointed_at(Estate(keys={"key_a": key})) == {
        "label": ("label",),
        "description": ("description",),
        "active": ("active",),
        "kid": ("kid",) if member == "certificate" else (member,),
        "algorithm": ("algorithm",) if algorithm else (member,),
        "public_key": (member,),
        "certificate": (member,),
    }


@pytest.mark.parametrize("source", [UploadedKeys(("key_a",)), Endpoint("https://id.example.com/jwks")])
def test_a_keysets_fields(source: UploadedKeys | Endpoint) -> None:
    member = "keys" if isinstance(source, UploadedKeys) else "endpoint"
    below = places(("label",), ("description",), ("issuer",), (member,))
    keyset: Keyset = replace(KEYSET, issuer=Issuer("shop"), source=source, description="D", places=below)
    assert pointed_at(Estate(keysets={"set_a": keyset})) == {
        "label": ("label",),
        "description": ("description",),
        "issuer": ("issuer",),
        "type": (member,),
        member: (member,),
    }


def test_a_channels_fields() -> None:
    configurations = ("user_verification", "configurations")
    below = places(
        ("user_verification", "enabled"), configurations, (*configurations, "login", "keyset"),
        (*configurations, "login", "active"), ("token_expiration_minutes", "verified"),
        ("token_expiration_minutes", "unverified"),
    )  # fmt: skip
    channel = replace(CHANNEL, places=below)
    gone = Configuration("old", "set_b", True)
    at = "user_verification.configurations"
    assert pointed_at(Estate(channels={"Web_Chat": channel}), others=(gone,)) == {
        "user_verification.enabled": ("user_verification", "enabled"),
        f"{at}.login.keyset": (*configurations, "login", "keyset"),
        f"{at}.login.active": (*configurations, "login", "active"),
        f"{at}.old.keyset": configurations,
        f"{at}.old.active": configurations,
        "token_expiration_minutes.verified": ("token_expiration_minutes", "verified"),
    }


@pytest.mark.parametrize("enabled", [True, False])
def test_each_expiration_points_at_its_own_line(enabled: bool) -> None:
    below = places(("token_expiration_minutes", "verified"), ("token_expiration_minutes", "unverified"))
    channel = replace(CHANNEL, enabled=enabled, configurations=None, places=below)
    snapshot = snapshot_of({}, {}, {"Web_Chat": edit_channel(bare_channel(), Channel("Web_Chat", enabled))})
    found = plan(Estate(channels={"Web_Chat": channel}), snapshot)
    (field,), (other,) = only(found).fields, found.not_in_force
    verified, unverified = below.below.values()
    assert field.declared_at == (verified if enabled else unverified)
    assert other.declared_at == (unverified if enabled else verified)


def test_a_value_without_a_line_points_at_its_component() -> None:
    found = pointed_at(Estate(keys={"key_a": Key("key_a", SOURCE, places=places())}))
    assert set(found.values()) == {()}
