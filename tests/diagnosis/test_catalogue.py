"""The catalogue as data: complete, consistent, and honest about what nobody has seen."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from provisioner.diagnosis.cases import Case, For
from provisioner.diagnosis.catalogue import LIKELY, Cause, Grade, KnownText
from provisioner.diagnosis.chat.causes import CAUSES as CHAT_CAUSES
from provisioner.diagnosis.chat.texts import CHAT_TEXTS
from provisioner.diagnosis.findings import Confidence
from provisioner.diagnosis.login.causes import CAUSES
from provisioner.diagnosis.login.diagnosis import diagnose
from provisioner.diagnosis.login.evidence import Configured
from provisioner.diagnosis.login.texts import EVENTS, HISTORY, TOKEN_TEXTS, known_text
from provisioner.diagnosis.pasted.causes import PASTED_CAUSES
from provisioner.diagnosis.pasted.output import explain
from provisioner.diagnosis.pasted.texts import CLIENT_TEXTS
from provisioner.localorg.faults import lookup

#: The ids that programs rely on.
IDS = [
    "certificate-mismatch",
    "malformed-assertion",
    "wrong-consumer-key",
    "swapped-claims",
    "oauth-not-enabled",
    "digital-signatures-not-enabled",
    "user-not-preauthorized",
    "user-not-approved",
    "wrong-username",
    "wrong-login-host",
    "wrong-audience",
    "clock-skew",
    "expired-assertion",
    "user-inactive",
    "user-frozen",
    "ip-restricted",
    "login-hours",
    "missing-refresh-token-scope",
    "missing-api-scope",
    "api-not-enabled",
    "metadata-permission-missing",
    "session-level-policy",
    "app-not-installed",
    "eca-needs-my-domain",
    "app-blocked",
    "not-propagated",
    "rate-limited",
    "org-inactive",
    "jwt-format-token",
    "unexpected-request",
    "key-unreadable",
    "key-encrypted",
    "key-too-small",
    "key-not-rsa",
    "certificate-expired",
    "host-not-found",
    "not-a-login-host",
    "tls-untrusted",
    "proxy",
    "maintenance",
    "transient",
    "wrong-flow",
    "chat-token",
    "unknown",
]
#: The failures of our notes that a token endpoint or a client has words for.
FAILURES = {f"F{number:02}" for number in range(1, 32)} - {"F10"} | {"F10a", "F10b"}


def test_the_ids_are_those_that_programs_rely_on() -> None:
    assert sorted(CAUSES) == sorted(IDS)


@pytest.mark.parametrize("cause", PASTED_CAUSES.values(), ids=lambda cause: cause.id)
def test_each_cause_says_what_it_means_and_what_to_do(cause: Cause) -> None:
    assert cause.meaning.endswith((".", ".)", ".\N{RIGHT DOUBLE QUOTATION MARK}"))
    for kind in ("connected", "external", None):
        assert cause.steps(kind), kind
    assert cause.sources or cause.id == "unknown"


@pytest.mark.parametrize("cause", CAUSES.values(), ids=lambda cause: cause.id)
def test_the_kind_of_app_decides_which_pages_are_named(cause: Cause) -> None:
    if not cause.connected:
        return
    assert not any("External Client App Manager" in step for step in cause.steps("connected"))
    assert not any("App Manager > {app}" in step.replace("Client App Manager", "") for step in cause.steps("external"))
    both = cause.steps(None)
    assert any(step.startswith("Connected app: Setup > ") for step in both) or cause.id == "app-not-installed"
    assert any(step.startswith("External client app: ") for step in both)


@pytest.mark.parametrize("row", [*TOKEN_TEXTS, *CLIENT_TEXTS], ids=lambda row: f"{row.id} {row.words}")
def test_each_text_stands_for_known_causes_most_likely_first(row: KnownText) -> None:
    points = [points for _, points in row.causes]
    assert points == sorted(points, reverse=True)
    assert {cause for cause, _ in row.causes} <= set(PASTED_CAUSES)
    assert row.causes or row.note


def test_each_failure_of_the_notes_is_covered() -> None:
    assert {row.id for row in (*TOKEN_TEXTS, *CLIENT_TEXTS)} == FAILURES


def test_what_the_orgs_logs_say_stands_for_known_causes() -> None:
    assert {cause for _, cause in HISTORY} | set(EVENTS.values()) <= set(CAUSES)


def test_an_invented_text_never_makes_a_cause_likely() -> None:
    for row in TOKEN_TEXTS:
        if row.grade is Grade.INVENTED:
            assert all(points < LIKELY for _, points in row.causes), row


def test_an_inferred_cause_is_never_first_of_a_seen_text() -> None:
    for row in TOKEN_TEXTS:
        if row.grade is Grade.OBSERVED and row.causes:
            assert CAUSES[row.causes[0][0]].grade is not Grade.INFERRED, row


@pytest.mark.parametrize("cause", sorted(set(IDS) - {"chat-token"}))
def test_each_cause_of_an_org_or_a_key_can_be_provoked(cause: str) -> None:
    assert lookup(cause).what


@pytest.mark.parametrize(
    ("error", "description", "number"),
    [
        ("invalid_grant", "user hasn\N{RIGHT SINGLE QUOTATION MARK}t approved this consumer", "F01"),
        ("INVALID_GRANT", "  User hasn't  approved this consumer. ", "F01"),
        ("", "user hasn't approved this consumer", "F01"),
        ("invalid_app_acess", "", "F02"),
        ("invalid_grant", "invalid assertion", "F03"),
        ("invalid_grant", "Audience validation failed", "F04"),
        ("invalid_grant", "invalid audience", "F04"),
        ("invalid_grant", "expired authorization code", "F05"),
        ("invalid_grant", "authentication failure - Failed: API security token required", "F22"),
        ("inactive_user", "user is inactive", "F07"),
        ("invalid_client_id", "client identifier invalid", "F09"),
        ("invalid_client_id", "invalid client identifier", "F09"),
        ("invalid_client", "invalid client credentials", "F10a"),
        ("invalid_client", "app must be installed into org", "F10b"),
        ("app_not_found", "", "F11"),
        ("invalid_request", "scope parameter not supported", "F14"),
        ("rate_limit_exceeded", "", "F17"),
        ("OAUTH_APP_BLOCKED", "", "F23"),
    ],
)
def test_texts_are_known_in_every_spelling(error: str, description: str, number: str) -> None:
    row = known_text(error, description)
    assert row is not None
    assert row.id == number


@pytest.mark.parametrize(
    ("error", "description"),
    [
        ("invalid_grant", ""),
        ("invalid_grant", "Couldn't validate jwt token"),
        ("invalid_grant", "No Salesforce.com Access"),
        ("user_authentication_failed", ""),
        ("", ""),
        ("invalid_request", ""),
    ],
)
def test_what_is_not_known_stays_unknown(error: str, description: str) -> None:
    assert known_text(error, description) is None


def test_no_setup_path_has_an_unfilled_placeholder() -> None:
    known = {"app", "environment", "file", "username", "login_url", "channel", "deployment", "chat_url", "thing"}
    for cause in PASTED_CAUSES.values():
        for text in (cause.meaning, *cause.steps(None)):
            assert set(re.findall(r"\{(\w+)\}", text)) <= known, cause.id


@pytest.mark.parametrize("row", CHAT_TEXTS, ids=lambda row: row.words)
def test_pasted_words_of_the_chat_fill_every_placeholder(row: KnownText) -> None:
    text = f"POST https://acme.my.salesforce-scrt.com/iamessage/api/v2\n{row.words} {' '.join(row.near)}"
    found = diagnose(explain(text, Configured(), datetime(2026, 1, 1, tzinfo=UTC))).findings[0]
    assert found.cause in {cause for row in CHAT_TEXTS for cause, _ in row.causes}
    assert not re.search(r"\{\w+\}", " ".join((found.meaning, *found.fix)))


@pytest.mark.parametrize("order", [1, -1])
def test_the_same_evidence_counts_once_with_its_most_points(order: int) -> None:
    marks = [For.of("key-inactive", sure, "kid x is not active.") for sure in (Confidence.LIKELY, Confidence.POSSIBLE)]
    case = Case(CHAT_CAUSES["key-inactive"], marks=marks[::order])
    assert case.confidence is Confidence.LIKELY
    assert case.evidence == ("kid x is not active.",)


def test_a_fix_of_the_clue_has_no_wait_of_the_catalogue() -> None:
    cause = CAUSES["wrong-consumer-key"]
    assert cause.wait is not None
    mark = For("wrong-consumer-key", 95, "It is not set.", proof=True, remedy="Set it.", meaning="Nothing was sent.")
    found = Case(cause, marks=[mark]).finding(1, {})
    assert (found.meaning, found.fix, found.wait) == ("Nothing was sent.", ("Set it.",), None)
