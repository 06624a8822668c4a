"""Overrides that match nothing: an error with the nearest name, at every level, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.declaration.load import ConfigDirectory
from provisioner.declaration.overrides import matching
from provisioner.declaration.schema import DECLARATION
from provisioner.declaration.tree import Branch, merge, plain
from provisioner.declaration.yaml_text import parse
from provisioner.diagnostics import Diagnostic
from provisioner.rules.check import validate
from tests.declaration.configs import LOCAL
from tests.jose.making import NOW
from tests.rules.running import directory, findings

DECLARED = """\
issuers: {shop_issuer: https://id.example.com}
keys:
  shop_key: {certificate: keys/shop.crt, kid: shop-1}
keysets:
  shop_keys: {issuer: shop_issuer, keys: [shop_key]}
channels:
  Web_Chat:
    user_verification:
      enabled: true
      configurations:
        shop_login: {keyset: shop_keys}
"""


def under(tmp_path: Path, overrides: str) -> tuple[Diagnostic, ...]:
    return findings(tmp_path, DECLARED, f"{LOCAL}overrides: {overrides}\n")


@pytest.mark.parametrize(
    ("overrides", "unmatched", "near", "address"),
    [
        (
            "{channels: {Web_Chta: {token_expiration_minutes: {verified: 30}}}}",
            "Web_Chta",
            "Web_Chat",
            "channel.Web_Chta",
        ),
        ("{keysets: {shop_kyes: {issuer: https://b.example.com}}}", "shop_kyes", "shop_keys", "keyset.shop_kyes"),
        ("{keys: {shop_kay: {active: false}}}", "shop_kay", "shop_key", "key.shop_kay"),
        ("{issuers: {shop_isuer: https://b.example.com}}", "shop_isuer", "shop_issuer", None),
        (
            "{channels: {Web_Chat: {user_verification: {configurations: {shop_lgoin: {active: false}}}}}}",
            "shop_lgoin",
            "shop_login",
            "channel.Web_Chat",
        ),
        ("{channels: {Web_Chta: null}}", "Web_Chta", "Web_Chat", "channel.Web_Chta"),
    ],
)
def test_a_name_that_is_not_declared(
    overrides: str, unmatched: str, near: str, address: str | None, tmp_path: Path
) -> None:
    (found,) = under(tmp_path, overrides)
    assert (found.rule, found.address, found.environments) == ("override-unmatched", address, ("test",))
    assert f"no {found.message.split()[4]} {unmatched} under" in found.message
    assert f"Did you mean {near}?" in found.message
    assert found.location is not None
    assert found.location.file.endswith("test.yaml")


@pytest.mark.parametrize(
    ("overrides", "rules"),
    [
        ("{channels: {Web_Chat: {token_expiration_minutes: {verified: 60}}}}", []),
        ("{channels: {Web_Chat: null}}", []),
        ("{removed: {keys: [old]}, ignore: []}", []),
        ("{keys: {shop_key: {label: Other}}}", []),
        ("{keys: {shop_key: {lable: Other}}}", ["yaml-unknown-field"]),
        ("{channels: {Web_Chat: {user_verification: {enabeld: false}}}}", ["yaml-unknown-field"]),
        ("{chanels: {Web_Chat: {token_expiration_minutes: {verified: 60}}}}", ["yaml-unknown-field"]),
        ("{keysets: [a]}", ["yaml-wrong-type"]),
    ],
)
def test_fields_are_the_schemas_affair(overrides: str, rules: list[str], tmp_path: Path) -> None:
    assert [each.rule for each in under(tmp_path, overrides)] == rules


def test_each_environment_is_looked_at(tmp_path: Path) -> None:
    wrong = f"{LOCAL}overrides: {{channels: {{Web: null}}}}\n"
    config = directory(tmp_path, DECLARED, sandbox=LOCAL, uat=wrong)
    found = validate(config, None, now=NOW, with_references=False)
    assert [(each.rule, each.environments) for each in found] == [("override-unmatched", ("uat",))]


def test_an_unmatched_override_changes_nothing(tmp_path: Path) -> None:
    config = directory(tmp_path, DECLARED, test=f"{LOCAL}overrides: {{keysets: {{other: {{issuer: a.b}}}}}}\n")
    assert set(config.load("test").estate.keysets) == {"shop_keys"}


def test_a_section_that_the_declaration_lacks(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, "", f"{LOCAL}overrides: {{channels: {{Web_Chat: {{}}}}}}\n")
    assert found.rule == "override-unmatched"
    assert "Names there: none." in found.fix


def test_an_unreadable_declaration_does_not_blame_overrides(tmp_path: Path) -> None:
    folder = directory(tmp_path, "", test=f"{LOCAL}overrides: {{channels: {{Web: null}}}}\n").directory
    (folder / "user-verification.yaml").write_text("version: 1\nchannels: [a\n")
    found = validate(ConfigDirectory(folder), None, now=NOW, with_references=False)
    assert [each.rule for each in found] == ["yaml-syntax"]


NAMES = st.sampled_from(["one", "two", "One", "three"])
CHANNELS = st.dictionaries(
    NAMES,
    st.fixed_dictionaries(
        {},
        optional={
            "token_expiration_minutes": st.fixed_dictionaries({}, optional={"verified": st.integers(1, 90)}),
            "user_verification": st.fixed_dictionaries(
                {},
                optional={
                    "enabled": st.booleans(),
                    "configurations": st.dictionaries(NAMES, st.just({"keyset": "k"}), max_size=3),
                },
            ),
        },
    )
    | st.none(),
    max_size=4,
)


def branch(value: object) -> Branch:
    tree, findings = parse(json.dumps(value).encode(), "file.yaml")
    assert findings == []
    assert isinstance(tree, Branch)
    return tree


def named(channels: dict[str, Any]) -> set[tuple[str, ...]]:
    """The channels, and their configurations."""
    found: set[tuple[str, ...]] = {(name,) for name in channels}
    for name, channel in channels.items():
        configurations = ((channel or {}).get("user_verification") or {}).get("configurations") or {}
        found |= {(name, each) for each in configurations}
    return found


@given(CHANNELS, CHANNELS)
def test_what_is_kept_of_overrides_adds_no_name(declared: dict[str, Any], overrides: dict[str, Any]) -> None:
    declared = {name: channel for name, channel in declared.items() if channel is not None}
    tree = branch({"channels": declared})
    kept, findings = matching(tree, branch({"channels": overrides}), DECLARATION)
    left = plain(kept)["channels"]
    assert named(left) <= named(declared)
    missing = named(overrides) - named(declared)
    below = {path for path in missing if path[:1] in missing and len(path) > 1}
    assert len(findings) == len(missing - below)
    assert named(left) == named(overrides) - missing
    assert named(plain(merge(tree, kept) or tree).get("channels", {})) <= named(declared)
