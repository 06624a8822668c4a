"""``${var:NAME}``: replaced whole with its type, inside longer texts as text, and never by surprise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.declaration.tree import Branch, Scalar, plain
from provisioner.declaration.variables import Substitution
from provisioner.declaration.yaml_text import parse
from provisioner.diagnostics import Location
from tests.declaration.configs import LOCAL, config, found, load

HERE = Location("a.yaml", 1, 1)


def replaced(text: str, **variables: Any) -> tuple[Any, list[str]]:
    nodes = {}
    for name, value in variables.items():
        node, _ = parse(json.dumps(value).encode(), "environment.yaml")
        assert node is not None
        nodes[name] = node
    substitution = Substitution(nodes)
    return plain(substitution.apply(Scalar(text, HERE))), [each.rule for each in substitution.findings]


@pytest.mark.parametrize("value", [60, True, 1.5, "text", ["a", "b"], {"a": 1}, "${var:other}"])
def test_alone_it_keeps_its_type(value: Any) -> None:
    assert replaced("${var:it}", it=value) == (value, [])


@pytest.mark.parametrize(
    ("text", "value", "result"),
    [
        ("https://${var:it}/a", "id.example.com", "https://id.example.com/a"),
        ("${var:it}${var:it}", "x", "xx"),
        ("${var: it }", "x", "x"),
        ("n${var:it}", 60, "n60"),
        ("n${var:it}", True, "ntrue"),
        ("$${var:it}", "x", "${var:it}"),
        ("a $${ b", "x", "a ${ b"),
        ("$${var:it} ${var:it}", "x", "${var:it} x"),
        ("costs $5", "x", "costs $5"),
        ("{a}", "x", "{a}"),
    ],
)
def test_in_a_longer_text_it_becomes_text(text: str, value: Any, result: str) -> None:
    assert replaced(text, it=value) == (result, [])


def test_what_has_no_reference_is_not_copied() -> None:
    tree, _ = parse(b'{"a": {"b": ["x", 1]}, "c": {"d": "${var:it}"}}', "a.yaml")
    assert isinstance(tree, Branch)
    applied = Substitution({"it": Scalar("y", HERE)}).apply(tree)
    assert plain(applied) == {"a": {"b": ["x", 1]}, "c": {"d": "y"}}
    assert isinstance(applied, Branch)
    assert applied.entries["a"].value is tree.entries["a"].value
    assert Substitution({}).apply(tree.entries["a"].value) is tree.entries["a"].value


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("${var:nobody}", "variable-unresolved"),
        ("a${var:nobody}", "variable-unresolved"),
        ("a${var:list}", "variable-unresolved"),
        ("${", "variable-unresolved"),
        ("${var:open", "variable-unresolved"),
        ("${it}", "variable-unresolved"),
        ("${VAR:it}", "variable-unresolved"),
        ("${env:HOME}", "environment-reference-misplaced"),
        ("a ${file:b} c", "environment-reference-misplaced"),
        ("${command:rm -rf /}", "environment-reference-misplaced"),
    ],
)
def test_what_cannot_be_replaced_is_said_once_and_stays(text: str, rule: str) -> None:
    assert replaced(text, it="x", list=[1]) == (text, [rule])


@given(st.text())
def test_any_text_can_be_written_with_escapes(text: str) -> None:
    assert replaced(text.replace("${", "$${"), it="x") == (text, [])


@given(st.text(st.characters(max_codepoint=0xD7FF)))  # YAML has no surrogate pairs
def test_a_value_is_put_in_as_it_is(value: str) -> None:
    assert replaced("a${var:it}b", it=value) == (f"a{value}b", [])
    assert replaced("${var:it}", it=value) == (value, [])


def test_a_near_name_is_offered_and_its_place_is_the_value(tmp_path: Path) -> None:
    declared = "version: 1\nissuers:\n  shop: ${var:isuer}\n"
    loaded = load(tmp_path, declared, LOCAL + "variables: {issuer: https://id.example.com}\n")
    assert found(loaded.findings) == [("variable-unresolved", 3, 9)]
    assert "Did you mean issuer?" in loaded.findings[0].message


def test_a_variable_of_a_wrong_type_is_found_at_its_use(tmp_path: Path) -> None:
    declared = "version: 1\nchannels: {Web: {token_expiration_minutes: {verified: '${var:minutes}'}}}\n"
    loaded = load(tmp_path, declared, LOCAL + "variables: {minutes: an hour}\n")
    assert found(loaded.findings) == [("expiration-invalid", 2, 55)]


def test_an_unresolved_variable_has_no_second_finding(tmp_path: Path) -> None:
    declared = "version: 1\nchannels: {Web: {token_expiration_minutes: {verified: '${var:minutes}'}}}\n"
    assert [each.rule for each in load(tmp_path, declared).findings] == ["variable-unresolved"]


def test_under_no_environment_references_stay_as_they_are(tmp_path: Path) -> None:
    declared = "version: ${var:v}\nissuers:\n  shop: ${var:issuer}\nkeys: ${var:keys}\n"
    loaded = config(tmp_path, declared).load(None)
    assert loaded.findings == ()
    assert loaded.estate.issuers == {"shop": "${var:issuer}"}


def test_a_variable_in_an_override_is_replaced(tmp_path: Path) -> None:
    overrides = "variables: {m: 90}\noverrides: {channels: {Web: {token_expiration_minutes: {verified: '${var:m}'}}}}\n"
    loaded = load(tmp_path, "version: 1\nchannels: {Web: {}}\n", LOCAL + overrides)
    assert loaded.findings == ()
    assert loaded.estate.channels["Web"].verified_minutes == 90


def test_variables_may_not_unfold_without_end() -> None:
    node, _ = parse(json.dumps(["x" * 1000] * 1000).encode(), "environment.yaml")
    uses, _ = parse(json.dumps(["${var:big}"] * 1000).encode(), "a.yaml")
    assert node is not None
    assert uses is not None
    substitution = Substitution({"big": node})
    substitution.apply(uses)
    assert [each.rule for each in substitution.findings] == ["yaml-alias-bomb"]
