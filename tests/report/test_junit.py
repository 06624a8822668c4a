"""Checks as JUnit XML: what readers take for a failure is what the exit status says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.diagnosis.chat.diagnosis import diagnose
from provisioner.errors import ExitStatus, LoginError, ProvisionerError
from provisioner.jose.diagnosis import diagnose as diagnose_key
from provisioner.jose.endpoint_diagnosis import judge_endpoint
from provisioner.jose.expiry import ExpiryList, Undated
from provisioner.jose.repair import Given, repair
from provisioner.report.diagnosis_parts import diagnosis_suites
from provisioner.report.drift import drifts_suites
from provisioner.report.endpoint import endpoint_suites
from provisioner.report.expiring import expiring_suites
from provisioner.report.junit import Case, Result, Suite, junit_xml, validate_suites
from provisioner.report.key import key_suites
from provisioner.report.plan_view import plans_suites
from provisioner.report.token import token_suites
from provisioner.report.verify import exit_status, verified_suites
from provisioner.tokens.explain import explain
from tests.jose.making import NOW
from tests.report import diagnosed, samples
from tests.report.test_diagnoses import ANSWERS, KEY, PRINTED, SLASH
from tests.report.test_drift import FULL, MISSING_CHANNEL, NONE, UNREADABLE
from tests.report.test_verify_and_chat import DIAGNOSES, PROBED, PROOFS
from tests.tokens.making import token

FAILED = LoginError("The org did not log us in.", next="Run it again.")
#: The attributes and children that the schema of Jenkins' xUnit plugin (junit-10.xsd) knows, of what is written here.
SCHEMA = {
    "testsuites": ({"name", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped"}, {"testcase"}),
    "testcase": ({"name", "classname", "time"}, {"failure", "error", "skipped", "system-out"}),
    "failure": ({"message", "type"}, set()),
    "error": ({"message", "type"}, set()),
    "skipped": ({"message"}, set()),
    "system-out": (set(), set()),
}  # fmt: skip


def parsed(found: Sequence[Suite]) -> ElementTree.Element:
    root = ElementTree.fromstring(junit_xml("plan", found))
    for element in root.iter():
        attributes, children = SCHEMA[element.tag]
        assert set(element.attrib) == attributes
        assert {child.tag for child in element} <= children
    assert root.get("tests") == str(len([*root.iter("testcase")]))
    assert root.get("failures") == str(len([*root.iter("failure")]))
    assert root.get("errors") == str(len([*root.iter("error")]))
    return root


def fails(found: Sequence[Suite]) -> bool:
    root = parsed(found)
    return bool([*root.iter("failure"), *root.iter("error")])


def test_a_document_with_every_kind_of_case() -> None:
    cases = (
        Case("a"),
        Case("b", Result.FAILED, "It failed.", "Fix: this\nAt: there"),
        Case("c", Result.ERROR, "It broke."),
        Case("d", Result.SKIPPED, "It was not run."),
        Case("e", Result.PASSED, "A warning."),
    )
    assert (
        junit_xml("plan", [Suite("sandbox", cases)])
        == """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="provisioner plan" tests="5" failures="1" errors="1">
  <testsuite name="sandbox" tests="5" failures="1" errors="1" skipped="1">
    <testcase name="a" classname="plan.sandbox" time="0" />
    <testcase name="b" classname="plan.sandbox" time="0">
      <failure message="It failed." type="failure">It failed.
Fix: this
At: there</failure>
    </testcase>
    <testcase name="c" classname="plan.sandbox" time="0">
      <error message="It broke." type="error">It broke.</error>
    </testcase>
    <testcase name="d" classname="plan.sandbox" time="0">
      <skipped message="It was not run." />
    </testcase>
    <testcase name="e" classname="plan.sandbox" time="0">
      <system-out>A warning.</system-out>
    </testcase>
  </testsuite>
</testsuites>
"""
    )


def test_a_suite_without_cases_passes_with_one() -> None:
    (case,) = parsed([Suite("declaration", ())]).iter("testcase")
    assert (case.get("name"), len(case)) == ("declaration", 0)


@given(st.text(), st.text(), st.sampled_from(Result))
def test_every_text_is_well_formed(name: str, text: str, result: Result) -> None:
    root = parsed([Suite(name or "x", (Case(name, result, text, text),))])
    assert "\x1b" not in "".join(root.itertext())


PLANS: list[tuple[object, bool, int]] = [
    (samples.EMPTY, False, 0),
    (samples.FULL, False, 0),
    (samples.FULL, True, 2),
    (samples.EMPTY, True, 0),
    (samples.UNREADABLE, False, 3),
    (samples.MISSING_CHANNEL, False, 1),
    (FAILED, False, 4),
]


@pytest.mark.parametrize(("plan", "detailed", "status"), PLANS)
def test_a_plan_fails_as_its_exit_status(plan: object, detailed: bool, status: int) -> None:
    found = plans_suites([("sandbox", plan)], detailed=detailed)  # type: ignore[list-item]
    assert fails(found) == (status != 0)


@pytest.mark.parametrize("drift", [NONE, FULL, UNREADABLE, MISSING_CHANNEL])
def test_a_drift_fails_as_its_exit_status(drift: object) -> None:
    found = drifts_suites([("sandbox", drift)])  # type: ignore[list-item]
    assert fails(found) == (drift.exit_status != 0)  # type: ignore[attr-defined]
    assert fails([*drifts_suites([("a", NONE), ("b", FAILED)])])


def test_a_drift_has_a_case_for_each_component() -> None:
    (suite,) = parsed(drifts_suites([("sandbox", FULL)]))
    assert [case.get("name") for case in suite] == [
        "key.storefront_2026_11", "keyset.storefront", "channel.Web_Chat", "key.storefront_2025", "key.legacy",
        "certificate-ends-soon key.storefront_2026_11",
    ]  # fmt: skip
    text = "".join(suite[1].itertext())
    assert "differs" in text
    assert 'issuer: org "https://id.example.com", declared' in text


@pytest.mark.parametrize("strict", [False, True])
def test_warnings_fail_if_they_are_strict(strict: bool) -> None:
    assert fails(validate_suites([samples.warning()], strict=strict)) == strict
    assert fails(validate_suites([samples.error()], strict=strict))
    assert not fails(validate_suites([], strict=strict))


@pytest.mark.parametrize("name", PROOFS)
def test_a_proof_fails_as_its_exit_status(name: str) -> None:
    found = verified_suites([("Web_Chat", (PROOFS[name], PROBED))])
    assert fails(found) == (exit_status(PROOFS[name]) is not ExitStatus.DONE)


def test_an_error_of_one_channel_is_an_error() -> None:
    root = parsed(verified_suites([("Web_Chat", FAILED)]))
    assert [element.get("message") for element in root.iter("error")] == ["The org did not log us in."]


@pytest.mark.parametrize("name", DIAGNOSES)
def test_a_chat_diagnosis_fails_as_its_verdict(name: str) -> None:
    found = diagnose(DIAGNOSES[name])
    shown = diagnosis_suites(found.channel, found.verdict, found.findings)
    assert fails(shown) == (found.verdict.value != "ok")


@pytest.mark.parametrize(("content", "failed"), [(token(key=KEY), False), (SLASH, True)])
def test_a_token_fails_if_it_is_refused(content: bytes, failed: bool) -> None:
    state = diagnosed.state()
    found = explain(content, state, state.channels["Web_Chat"], NOW)
    assert found.accepted is not None
    assert fails(token_suites(found)) == (found.accepted is False) == failed


@pytest.mark.parametrize(("asked", "written"), [(False, None), (True, None), (True, "key.jwk.json")])
def test_a_key_fails_if_it_does_not_upload(asked: bool, written: str | None) -> None:
    found = diagnose_key(PRINTED, "out.txt", NOW)
    repaired = repair(found, Given(), NOW)
    assert not found.uploadable
    assert fails(key_suites("out.txt", found, repaired, asked=asked, written=written))


def test_a_key_that_uploads_passes() -> None:
    found = diagnose_key(json.dumps(diagnosed.members()).encode(), "key.jwk.json", NOW)
    repaired = repair(found, Given(), NOW)
    assert not fails(key_suites("key.jwk.json", found, repaired, asked=False, written=None))
    assert fails(key_suites("key.jwk.json", found, repaired, asked=True, written=None))
    wrong = replace(found, matches=False)
    assert fails(key_suites("key.jwk.json", wrong, repaired, asked=False, written=None))


@pytest.mark.parametrize(
    ("undated", "errors", "failed"),
    [
        ((), [], False),
        ((Undated("key.a", "It cannot be read.", fails=True),), [], True),
        ((Undated("https://a.example", "It was not asked.", fails=False, unseen=True),), [], False),
        ((), [("production", FAILED)], True),
    ],
)
def test_expiring_fails_as_its_exit_status(
    undated: tuple[Undated, ...], errors: list[tuple[str, ProvisionerError]], failed: bool
) -> None:
    assert fails(expiring_suites(ExpiryList(NOW, 30, (), undated), errors)) == failed


@pytest.mark.parametrize("name", ANSWERS)
def test_an_endpoint_fails_as_its_verdict(name: str) -> None:
    answered, kid = ANSWERS[name]
    found = judge_endpoint("https://user:secret@id.example.com/jwks.json", answered, NOW, kid=kid)
    shown = endpoint_suites(found)
    assert fails(shown) == (found.verdict != "ok")
    assert "secret" not in junit_xml("diagnose endpoint", shown)
