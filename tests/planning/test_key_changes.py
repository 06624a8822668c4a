"""Keys compared: what an org holds beside the declared key, or instead of it, is never silent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from provisioner.components import xml
from provisioner.components.key import edit_key
from provisioner.jose.material import Derivation
from provisioner.model.estate import Estate, External, Key
from provisioner.planning.plan import Plan
from provisioner.planning.planner import make_plan
from tests.planning.estates import NOW, SOURCE, jwk, snapshot_of

KEY = Key("key_a", SOURCE)
JWK = replace(jwk(0, "kid-1"), other={"x5t": "1"})


def plan(members: Mapping[str, Any], estate: Estate = Estate(keys={"key_a": KEY})) -> Plan:  # noqa: B008 - frozen
    """The plan for an org that holds the declared key with other ``members`` in its JWK."""
    element = edit_key(None, KEY, JWK)
    xml.set_text(element, "jsonWebKey", json.dumps({**JWK.members(), **members}))
    derivations = {"key_a": Derivation(JWK, None, ())} if estate.keys else {}
    snapshot = snapshot_of({"key_a": element}, {}, {})
    return make_plan(estate, derivations, snapshot, environment="sandbox", declaration_digest="sha256:0", now=NOW)


@pytest.mark.parametrize("estate", [Estate(keys={"key_a": KEY}), Estate(), Estate(external=External(keys=("key_a",)))])
def test_a_private_key_in_the_org_is_a_warning(estate: Estate) -> None:
    (warning,) = [each for each in plan({"d": "AQAB", "p": "AQ"}, estate).warnings if each.rule == "key-leaked"]
    assert (warning.address, "(d, p)" in warning.message) == ("key.key_a", True)
    assert "keys rotate" in warning.fix


@pytest.mark.parametrize("members", [{}, {"d": "d", "k": "k"}])
def test_a_placeholder_is_no_private_key(members: Mapping[str, Any]) -> None:
    assert not [each for each in plan(members).warnings if each.rule == "key-leaked"]


@pytest.mark.parametrize("value", [1, True, None, ["1"], "2"])
def test_another_value_of_a_member_is_a_change(value: object) -> None:
    (change,) = plan({"x5t": value}).changes
    assert [each.path for each in change.fields] == ["jwk.x5t"]
    assert plan({"x5t": "1"}).changes == ()
