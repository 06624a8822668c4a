"""Deployments that an org refused, in pasted text: the words that count, their meaning, and what to do."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.diagnosis.findings import Confidence, LoginDiagnosis
from provisioner.diagnosis.login.clues.refusals import STEPS
from provisioner.diagnosis.login.diagnosis import diagnose
from provisioner.diagnosis.login.evidence import Configured, PastedRefusal
from provisioner.diagnosis.pasted.output import explain
from provisioner.diagnosis.pasted.refusals import refusals_in
from provisioner.salesforce.refusal_texts import Cause
from tests.execution.deploy_texts import TEXTS, DeployText

WORDS = "In field: keyset - no PublicKeyCertificateSet named shop_keys found"
NO_CLIENT = '{"error":"invalid_client_id","error_description":"client identifier invalid"}'
BOX = f"""Deploy ID: 0AfQx0000007361KAA
Component Failures [1]
┌──────────────────┬──────────┬──────────────────────────────┬─────────────┐
│ Type             │ Name     │ Problem                      │ Line:Column │
├──────────────────┼──────────┼──────────────────────────────┼─────────────┤
│ MessagingChannel │ Web_Chat │ {WORDS} │ 14:8        │
└──────────────────┴──────────┴──────────────────────────────┴─────────────┘
"""
BROKEN_BOX = """Component Failures [1]
│ Type             │ Name     │ Problem                            │ Line:Column │
│ MessagingChannel │ Web_Chat │ In field: keyset - no              │ 14:8        │
│                  │          │ PublicKeyCertificateSet named      │             │
│                  │          │ shop_keys found                    │             │
"""
COLUMNS = "\n".join([
    "=== Component Failures [2]",
    f" Type  Name        {'Problem':<{len(WORDS)}} Line:Column",
    f" ───── ─────────── {'─' * len(WORDS)} ───────────",
    f" Error Web_Chat    {WORDS} 14:8",
    f" Error Another_One {'Some other words':<{len(WORDS)}}",
])  # fmt: skip
XML = (
    "<result><details><componentFailures><componentType>MessagingChannel</componentType>"
    f"<fullName>Web_Chat</fullName><problem>{WORDS}</problem></componentFailures></details></result>"
)
FAILURE = {"componentType": "MessagingChannel", "fullName": "Web_Chat", "problem": WORDS, "success": False}
JSON = json.dumps({"deployResult": {"status": "Failed", "details": {"componentFailures": [FAILURE]}}})
SAID = {"message": "Deploy failed.", "exitCode": 1}
FILE = {"fullName": "Web_Chat", "type": "MessagingChannel", "state": "Failed", "error": WORDS, "lineNumber": 14}
SF_JSON = json.dumps(
    {"status": 1, "result": {"id": "0AfQx0000007361KAA", "files": [FILE]}, "name": "DeployFailed", **SAID}
)


def read(text: str) -> LoginDiagnosis:
    return diagnose(explain(text, Configured(), datetime(2026, 11, 27, 12, tzinfo=UTC)))


@pytest.mark.parametrize("text", [BOX, BROKEN_BOX, XML, JSON, SF_JSON, json.dumps(JSON)])
def test_the_component_and_its_words_are_found(text: str) -> None:
    finding = read(text).findings[0]
    assert (finding.cause, finding.confidence) == ("org-refused", Confidence.LIKELY)
    assert finding.evidence == (f'The org says about MessagingChannel Web_Chat: "{WORDS}".',)
    assert "refers to the PublicKeyCertificateSet shop_keys, which is missing in the org" in finding.meaning
    assert finding.fix[0].startswith("If channel.Web_Chat is declared: provisioner plan --env NAME ")


def test_a_table_without_bars_is_read_by_its_columns() -> None:
    assert refusals_in(COLUMNS) == (
        PastedRefusal(WORDS, "", "Web_Chat"),
        PastedRefusal("Some other words", "", "Another_One"),
    )


def test_a_word_that_crosses_a_column_is_not_cut() -> None:
    text = (
        "Component Failures [1]\n Type  Name                    Problem\n"
        " Error MessagingChannel/Web_Chat  In field: keyset - no PublicKeyCertificateSet named shop found\n"
    )
    (refusal,) = refusals_in(text)
    assert refusal.words == "In field: keyset - no PublicKeyCertificateSet named shop found"


def test_a_table_without_types_has_its_advice() -> None:
    assert read(COLUMNS).findings[0].fix[0].startswith("If keyset.shop_keys is declared: provisioner plan --env NAME ")
    of_others = read(COLUMNS.replace("PublicKeyCertificateSet", "CustomWidgetDescription")).findings[0]
    assert not any("is declared" in step for step in of_others.fix)


def test_a_deployment_without_words_is_only_possible() -> None:
    finding = read("Failed to validate the deployment (0Af1X00002h5J2sSAE). Due To:\n1 component error(s)").findings[0]
    assert (finding.cause, finding.confidence) == ("org-refused", Confidence.POSSIBLE)
    assert "does not hold the org's words" in finding.meaning
    named = read('[{"stack": "x", "message": "Deploy failed.", "name": "DeployFailed", "exitCode": 1}]').findings[0]
    assert (named.cause, named.confidence) == ("org-refused", Confidence.POSSIBLE)
    assert read("Deploy ID: 0Af1X00002h5J2sSAE\nStatus: Succeeded").findings[0].cause == "unknown"


ANT = "[sf:deploy] Component Failures:\n[sf:deploy] 1.  layouts/Feed Item.layout -- Error: Layout must have a section"
WEB = "Failures:\ndeploy/pages/a.page(a):Unsupported attribute\ndeploy/profiles/Admin.profile(Admin):Not in package.xml"


def test_lists_of_failures_are_read() -> None:
    assert refusals_in(ANT) == (PastedRefusal("Layout must have a section", "", "layouts/Feed Item.layout"),)
    assert refusals_in(WEB)[0] == PastedRefusal("Not in package.xml", "", "profiles/Admin.profile")
    assert len(refusals_in(WEB)) == 2


MISSING = "Required field is missing: masterLabel"
PATHS = f"""PROJECT PATH   ERRORS
────────────   ──────
force-app/a/b  {MISSING}
N/A            Odd (3:13)

ERROR  running"""
FILES = f"""Component Failures [1]
TYPE   FILE                  NAME  PROBLEM
─────  ────────────────────  ────  ───────
Error  tmp/x/Web.channel     Web   {MISSING}
"""
PRINTED = f"{{ componentFailures:\n   {{ componentType: 'Layout',\n fullName: 'One', problem: '{MISSING}' }}}}"
TESTS = [{"id": "01p", "message": "Assertion Failed", "methodName": None, "name": "A_Test", "namespace": {"nil": True}}]
FORMATS = [
    (PATHS, PastedRefusal(MISSING, "", "force-app/a/b")),
    (PATHS.replace(MISSING, "Odd"), PastedRefusal("Odd", "", "force-app/a/b")),
    (FILES, PastedRefusal(MISSING, "", "Web")),
    (PRINTED, PastedRefusal(MISSING, "Layout", "One")),
    (f"workflows/Case.workflow (Case.Mail) -- Error: {MISSING}", PastedRefusal(MISSING, "", "workflows/Case.workflow")),
    (f"Update of Layout One: Error on line 3, col 20: {MISSING}", PastedRefusal(MISSING, "Layout", "One")),
    ("MetadataComponentFailure: Creation of Layout One: Error: Odd", PastedRefusal("Odd", "Layout", "One")),
    ("One of Type Layout failed to deploy due to Odd", PastedRefusal("Odd", "Layout", "One")),
    ("3 Component Failures\n1. One.Mail - problem: Odd", PastedRefusal("Odd", "", "One.Mail")),
    (
        json.dumps({"numberTestErrors": "1", "runTestResult": {"failures": TESTS}}),
        PastedRefusal("Assertion Failed", "ApexClass", "A_Test"),
    ),
]


@pytest.mark.parametrize(("text", "refusal"), FORMATS)
def test_each_format_of_a_client_is_read(text: str, refusal: PastedRefusal) -> None:
    assert refusals_in(text)[0] == refusal
    assert read(text).findings[0].cause == read(json.dumps({"body": text})).findings[0].cause == "org-refused"


def test_a_table_ends_before_other_lines() -> None:
    assert refusals_in(PATHS)[1:] == (PastedRefusal("Odd (3:13)", "", ""),)


def test_known_words_come_before_unknown_ones() -> None:
    words = ["Something is wrong", "Not available for deploy for this organization"]
    failures = [{**FAILURE, "fullName": f"C{number}", "problem": each} for number, each in enumerate(words)]
    finding = read(json.dumps({"deployResult": {"details": {"componentFailures": failures}}})).findings[0]
    assert "C1" in finding.evidence[0]
    assert finding.meaning == "The login worked. The org lacks the feature, or the user lacks the permission."


def test_advice_about_our_own_package_is_not_given() -> None:
    finding = read(BOX.replace(WORDS, "Not in package.xml")).findings[0]
    assert "provisioner generates" not in finding.meaning
    assert finding.fix[0] == "List exactly the components of the package in its package.xml."


def test_unknown_words_get_no_meaning() -> None:
    finding = read(json.dumps({"deployResult": {"details": {"componentFailures": [{**FAILURE, "problem": "Odd."}]}}}))
    assert finding.findings[0].meaning == "The login worked. This is the org's own message; its cause is unknown."
    assert 'Web_Chat: "Odd"' in finding.findings[0].evidence[0]


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.words[:40])
def test_every_text_of_a_deployment_is_named(text: DeployText) -> None:
    finding = read(f"Component Failures\n│ Type │ Name │ Problem │\n│ Layout │ One │ {text.words} │").findings[0]
    if text.cause is not Cause.UNKNOWN and "use of the Metadata API requires" not in text.words:
        assert finding.cause == "org-refused"
    assert not re.search(r"\{\w+\}", " ".join((finding.meaning, *finding.fix)))


def test_each_subject_of_a_refusal_has_its_steps() -> None:
    assert set(STEPS) == set(Cause)


@pytest.mark.parametrize("login", [NO_CLIENT, "Error: getaddrinfo ENOTFOUND acme.my.salesforce.com"])
def test_a_failed_login_comes_before_a_deployment(login: str) -> None:
    causes = [finding.cause for finding in read(f"{login}\n{BOX}").findings]
    assert causes[0] != "org-refused"
    assert "org-refused" in causes


SUCCESS = "Successfully authorized ci@acme.com.uat with org ID 00D5g000000XXXXEAA"
RETRIED = "ERROR running auth:jwt:grant: user hasn't approved this consumer\nAttempt 2 to authorize the scratch org"


def test_a_failure_before_a_login_that_worked_is_past() -> None:
    assert [finding.cause for finding in read(f"{RETRIED}\n{SUCCESS}\n{BOX}").findings] == ["org-refused"]
    assert read(f"{SUCCESS}\n{NO_CLIENT}\n{BOX}").findings[0].cause == "wrong-consumer-key"


def test_without_a_later_failure_the_earlier_one_counts() -> None:
    assert read(f"{RETRIED}\n{SUCCESS}\nbye").findings[0].cause == "not-propagated"


@pytest.mark.parametrize(
    "text",
    [
        "Error: resource is in use by another process",
        "INSERT failed: required field is missing: name",
        "INVALID_CROSS_REFERENCE_KEY: invalid cross reference id",
        '{"errorCode":"UNABLE_TO_LOCK_ROW","message":"unable to obtain exclusive access to this record"}',
        "Successfully authorized ci@acme.com with org ID 00D5g000000XXXX\nStatus: Succeeded",
        "no module named requests found",
        "Deploying v62.0 metadata\nDeploy ID: 0AfQx0000007361KAA\nStatus: Succeeded\n> jest\ninsufficient access",
        "heroku: Deploy failed: insufficient access to the registry",
        "rspec\n\nFailures:\n\n  1) the port is in use",
        "Update of user 17: error: duplicate key value",
        "service web of type LoadBalancer failed to deploy due to a quota",
        "src/server.c (main) -- Error: not in scope",
        "NAME   ERROR\n─────  ─────\npod-1  CrashLoopBackOff",
        '{"tests": [{"methodName": "a", "name": "b", "message": "expected 1"}]}',
    ],
)
def test_other_requests_are_no_deployments(text: str) -> None:
    assert refusals_in(text) == ()
    assert read(text).findings[0].cause == "unknown"


def test_internal_errors_and_limits_need_no_deployment() -> None:
    internal = "query failed: UNKNOWN_EXCEPTION: An unexpected error occurred. Please include this ErrorId: 1-2 (3)"
    assert read(internal).findings[0].meaning.startswith("The login worked. This is an internal error of the org.")
    assert read("REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded.").findings[0].cause == "org-refused"


def test_a_token_in_the_words_of_an_org_is_masked() -> None:
    token = "00D5g000000abcd!AQ4AQK1secretsecretsecretsecretsecret"
    finding = read(XML.replace(WORDS, f"Not in package.xml {token}")).findings[0]
    assert finding.cause == "org-refused"
    assert "secret" not in " ".join(finding.evidence)


def test_long_lines_are_read_in_linear_time() -> None:
    for text in ("no a named " * 18_000, "│ a │ b │ no X named " * 9_000, "property '" * 19_000, "{" * 190_000,
                 '{"problem":"' * 16_000, '{"methodName": "a", ' * 9_000, "Update of A " * 15_000,
                 "a of Type B " * 15_000, "x - problem: " * 14_000, "PROJECT PATH  ERROR\n" * 9_000,
                 "<componentFailures>" * 10_000, "Type Name " * 19_000):  # fmt: skip
        assert len(refusals_in(f"Component Failures\nMessagingChannel {text}")) <= 3


@given(st.lists(st.sampled_from([*BOX.splitlines(), *COLUMNS.splitlines(), "", "│", "a │ b", XML[:90], "}", "{"])))
def test_no_table_is_too_strange(lines: list[str]) -> None:
    assert len(refusals_in("\n".join(lines))) <= 3
