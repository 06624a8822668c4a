"""SARIF, held against the official schema."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from provisioner import project
from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.report import pages
from provisioner.report.sarif import findings_sarif
from provisioner.rules.rule import Rule
from tests.report.golden import assert_golden_json
from tests.report.samples import at, error, warning

SCHEMA = json.loads((Path(__file__).parent.parent / "vectors/sarif/sarif-schema-2.1.0.json").read_text("utf-8"))
OFFICIAL = Draft4Validator(SCHEMA, format_checker=Draft4Validator.FORMAT_CHECKER)

RULES = (
    Rule("certificate-ends-soon", Severity.WARNING, "It ends soon.", "An ended one fails.", "Rotate.", "a: 1", "a: 2"),
    Rule("keyset-unknown-key", Severity.ERROR, "No such key.", "It cannot verify.", "Declare it.", "b: 1", "b: 2"),
)


def sarif(*findings: Diagnostic, rules: tuple[Rule, ...] = RULES) -> dict[str, Any]:
    document = findings_sarif(
        findings, rules, version="1.2.3", relative=lambda file: file, fallback_file="config/user-verification.yaml"
    )
    OFFICIAL.validate(document)
    return document


def results(*findings: Diagnostic) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sarif(*findings)["runs"][0]["results"]
    return found


def test_the_tool_has_an_address_once_it_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "page_address", lambda page: f"https://code.example.com/a/blob/HEAD/{page}")
    pages.rule_page.cache_clear()
    document = findings_sarif(
        [], RULES, version="1.2.3", relative=str, fallback_file="c.yaml", address="https://code.example.com/a"
    )
    OFFICIAL.validate(document)
    driver = document["runs"][0]["tool"]["driver"]
    assert driver["informationUri"] == "https://code.example.com/a"
    first = driver["rules"][0]
    page = f"https://code.example.com/a/blob/HEAD/docs/reference/rules.md#{first['id']}"
    assert first["helpUri"] == page
    monkeypatch.undo()
    pages.rule_page.cache_clear()
    assert "helpUri" not in sarif()["runs"][0]["tool"]["driver"]["rules"][0]
    assert "informationUri" not in sarif()["runs"][0]["tool"]["driver"]


def test_findings_as_sarif() -> None:
    assert_golden_json("findings/an error and a warning.sarif.json", sarif(error(), warning()))


def test_no_findings_is_a_run_without_results() -> None:
    assert results() == []


def test_each_result_points_at_its_rule() -> None:
    run = sarif(warning(), error(), error(rule="of-the-org"))["runs"][0]
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [ids[result["ruleIndex"]] for result in run["results"][:2]] == [
        "certificate-ends-soon",
        "keyset-unknown-key",
    ]
    assert "ruleIndex" not in run["results"][2]


def test_paths_are_uris_relative_to_the_sources() -> None:
    [result] = results(error(location=Location("config/my config/größe.yaml", 1, 1)))
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": "config/my%20config/gr%C3%B6%C3%9Fe.yaml", "uriBaseId": "%SRCROOT%"}


@pytest.mark.parametrize(
    ("path", "uri"), [("/etc/config.yaml", "file:///etc/config.yaml"), ("D:/a b/c.yaml", "file:///D:/a%20b/c.yaml")]
)
def test_a_file_outside_of_the_sources_has_an_absolute_uri(path: str, uri: str) -> None:
    [result] = results(error(location=Location(path, 1, 1)))
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": uri}


def test_a_finding_without_a_place_is_at_the_first_line() -> None:
    [result] = results(error(location=None))
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "config/user-verification.yaml"
    assert physical["region"] == {"startLine": 1, "startColumn": 1}


class TestFingerprints:
    def fingerprint(self, finding: Diagnostic) -> str:
        [result] = results(finding)
        value: str = result["partialFingerprints"]["primaryLocationLineHash"]
        return value

    def test_stay_when_lines_move_and_days_pass(self) -> None:
        moved = warning(location=at(99), message="The certificate ends in 20 days.", environments=("local",))
        assert self.fingerprint(moved) == self.fingerprint(warning())

    @pytest.mark.parametrize(
        "changed", [{"rule": "other"}, {"address": "key.other"}, {"location": Location("o", 7, 18)}]
    )
    def test_differ_for_another_finding(self, changed: dict[str, Any]) -> None:
        assert self.fingerprint(warning(**changed)) != self.fingerprint(warning())

    def test_differ_for_the_same_finding_twice(self) -> None:
        one, other = results(warning(), warning(location=at(9)))
        assert one["partialFingerprints"] != other["partialFingerprints"]


@given(
    message=st.text(max_size=30),
    file=st.text(min_size=1, max_size=20),
    line=st.integers(1, 10**6),
    address=st.none() | st.text(max_size=9),
)
def test_any_finding_makes_a_document_that_the_schema_admits(
    message: str, file: str, line: int, address: str | None
) -> None:
    place = Location(file, line, 1, line + 1, 1)
    sarif(replace(error(), message=message, fix=message, location=place, address=address))
