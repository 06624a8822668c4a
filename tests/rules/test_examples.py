"""Every page's bad example is found out at the marked line, and its good example passes: pages cannot lie."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from provisioner.declaration.load import ConfigDirectory
from provisioner.declaration.schema import DECLARATION
from provisioner.declaration.schema_parts import deprecated, flag
from provisioner.diagnostics import Diagnostic
from provisioner.rules.check import validate
from provisioner.rules.pages import all_rules, area_of
from provisioner.rules.rule import Rule
from tests.jose.making import NOW
from tests.rules import examples

RULES = all_rules()
OFFLINE = [rule for rule in RULES if area_of(rule.id) != "plan"]
MESSAGES = Path(__file__).parent / "messages.txt"


@pytest.fixture(autouse=True)
def _references(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SET_FOR_THE_EXAMPLE", "a value of some length")


@pytest.fixture(autouse=True)
def _a_deprecated_field(monkeypatch: pytest.MonkeyPatch) -> None:
    """The field of the example for deprecations: no real field is deprecated."""
    old = deprecated(flag(""), since="9.1.0", until="2031-05-01", instead="`token_expiration_minutes`")
    old["type"] = "integer"
    channel = DECLARATION["properties"]["channels"]["additionalProperties"]["properties"]
    monkeypatch.setitem(channel, "example_of_a_deprecated_field", old)


def findings(text: str, rule: Rule, tmp_path: Path) -> tuple[examples.Example, Path, tuple[Diagnostic, ...]]:
    example = examples.parse(text)
    config = examples.write(example, tmp_path / "example")
    found = validate(ConfigDirectory(config), None, now=NOW, with_references=rule.id == "reference-unset")
    return example, config, found


@pytest.mark.parametrize("rule", OFFLINE, ids=lambda rule: rule.id)
def test_the_bad_example_is_found_at_its_marked_line(rule: Rule, tmp_path: Path) -> None:
    example, config, found = findings(rule.bad, rule, tmp_path)
    own = [finding for finding in found if finding.rule == rule.id]
    assert own, [finding.rule for finding in found]
    assert {finding.severity for finding in own} == {rule.severity}
    if example.marked is not None:
        assert example.marked in [examples.line_of(finding, config) for finding in own]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_good_example_has_nothing_to_be_found(rule: Rule, tmp_path: Path) -> None:
    _, _, found = findings(rule.good, rule, tmp_path)
    assert [f"{finding.rule}: {finding.message}" for finding in found] == []


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule not in OFFLINE], ids=lambda rule: rule.id)
def test_what_only_an_org_can_tell_is_not_found_offline(rule: Rule, tmp_path: Path) -> None:
    _, _, found = findings(rule.bad, rule, tmp_path)
    assert [finding for finding in found if finding.is_error or finding.rule == rule.id] == []


@pytest.mark.parametrize("rule", OFFLINE, ids=lambda rule: rule.id)
def test_the_bad_example_has_no_other_error_than_its_own(rule: Rule, tmp_path: Path) -> None:
    _, _, found = findings(rule.bad, rule, tmp_path)
    beside = {finding.rule for finding in found if finding.is_error} - {rule.id}
    assert beside <= {"yaml-unknown-field": {"key-source"}, "yaml-duplicate-key": set()}.get(rule.id, set())


def test_all_messages_read_well(tmp_path: Path) -> None:
    """One file with every message, so that a change of wording is read by somebody. UPDATE_GOLDEN=1 writes it anew."""
    lines = []
    for number, rule in enumerate(OFFLINE):
        _, config, found = findings(rule.bad, rule, tmp_path / str(number))
        for finding in found:
            if finding.rule == rule.id:
                at = str(finding.location).replace(str(config), "config")
                message, fix = (text.replace(str(config), "config") for text in (finding.message, finding.fix))
                address = f" {finding.address}" if finding.address else ""
                lines += [f"{rule.severity} {rule.id} {at}{address}", f"  {message}", f"  > {fix}", ""]
    printed = "\n".join(lines)
    if os.environ.get("UPDATE_GOLDEN") == "1":
        MESSAGES.write_text(printed, encoding="utf-8")
    assert printed == MESSAGES.read_text(encoding="utf-8")


#: What may stand before the entries of a section, each of another kind, and hides nothing of what follows.
NEIGHBOURS = {
    "keys": """\
  a_broken: {label: Aaa}
  a_missing: {certificate: keys/nowhere.crt, kid: a-missing}
  a_neighbour: {certificate: keys/other.crt, kid: a-neighbour}
""",
    "keysets": """\
  a_broken: {label: Aaa}
  a_endpoint: {issuer: "https://a.example.com", endpoint: "https://a.example.com/jwks.json"}
  a_neighbour: {issuer: "https://a.example.com", keys: [a_neighbour]}
""",
    "channels": """\
  A_Broken: {}
  A_Quiet: {user_verification: {enabled: false}}
  A_Timed: {token_expiration_minutes: {verified: 60}}
  A_Neighbour: {user_verification: {enabled: true, configurations: {a_login: {keyset: a_endpoint}}}}
""",
    "issuers": "  a_issuer: https://a.example.com\n",
}


@pytest.mark.parametrize("rule", OFFLINE, ids=lambda rule: rule.id)
def test_what_stands_before_it_hides_nothing(rule: Rule, tmp_path: Path) -> None:
    """The bad example is found out all the same where other entries, some of them broken, come first."""
    alone = findings(rule.bad, rule, tmp_path / "alone")[2]
    example = examples.parse(rule.bad)
    text = example.files[examples.DECLARATION]
    crowded = re.sub(r"^(\w+):\n(?=  )", lambda section: section[0] + NEIGHBOURS.get(section[1], ""), text, flags=re.M)
    config = examples.write(replace(example, files={**example.files, examples.DECLARATION: crowded}), tmp_path / "with")
    found = validate(ConfigDirectory(config), None, now=NOW, with_references=rule.id == "reference-unset")
    for finding in alone:
        if finding.rule == rule.id:
            assert (finding.rule, finding.address) in {(each.rule, each.address) for each in found}, crowded
