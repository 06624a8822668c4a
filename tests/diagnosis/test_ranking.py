"""Evidence → findings: the order, the confidence, what is excluded, and what nothing tells apart."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.diagnosis.findings import Confidence, LoginDiagnosis, Verdict
from provisioner.diagnosis.login.causes import CAUSES
from provisioner.diagnosis.login.diagnosis import diagnose
from provisioner.diagnosis.login.evidence import (
    AdminQuery,
    AdminSeen,
    Call,
    Failure,
    LoginEvidence,
    NetworkSeen,
    TokenAnswer,
    app_with_key,
)
from provisioner.diagnosis.login.texts import TOKEN_TEXTS
from provisioner.report.login_diagnosis import diagnosis_json, diagnosis_terminal
from provisioner.report.style import Style
from tests.diagnosis import cases
from tests.diagnosis.cases import CASES, LOGIN, NETWORK, SESSION, SOUND, USER, asked, certificate, said
from tests.report.golden import assert_golden, assert_golden_json


def causes(diagnosis: LoginDiagnosis) -> list[str]:
    return [finding.cause for finding in diagnosis.findings]


def excluded(diagnosis: LoginDiagnosis) -> dict[str, str]:
    return {each.cause: each.because for each in diagnosis.excluded}


#: Causes that only a pasted text has: no org and no key of this program shows them.
EVERY = [*CAUSES, "client-crash", "client-setup", "access-token-refused", "org-refused", "key-leaked"]


@pytest.mark.parametrize("cause", EVERY)
def test_each_cause_ranks_first_on_its_evidence(cause: str) -> None:
    diagnosis = diagnose(CASES[cause])
    assert causes(diagnosis)[0] == cause
    assert_golden(f"diagnosis/{cause}.txt", diagnosis_terminal(diagnosis, Style(80)))


#: One case of each kind of full text; the others change with the catalogue's words alone.
IN_FULL = [
    *("user-not-approved", "certificate-mismatch", "eca-needs-my-domain", "wrong-username", "clock-skew"),
    *("key-encrypted", "tls-untrusted", "not-propagated", "chat-token", "unknown"),
]


@pytest.mark.parametrize("cause", IN_FULL)
def test_the_details_show_every_finding(cause: str) -> None:
    shown = diagnosis_terminal(diagnose(CASES[cause]), Style(100), details=True)
    assert_golden(f"diagnosis/{cause}, details.txt", shown)


@pytest.mark.parametrize("cause", EVERY)
def test_cause_proof_and_fix_fit_in_ten_lines(cause: str) -> None:
    diagnosis = diagnose(CASES[cause])
    text = diagnosis_terminal(diagnosis, Style(80))
    lines = text.splitlines()
    assert len(lines) <= 10
    assert ("1. Connected app: " in text) == ("2. External client app: " in text)
    assert all(len(line) <= 80 for line in lines)
    assert "--details" in lines[-1]
    if diagnosis.verdict is not Verdict.OK:
        assert cause in lines[0]
        assert any(line.startswith("Seen: ") for line in lines)
        assert any(line.startswith("Fix:  ") for line in lines)


@pytest.mark.parametrize("cause", ["user-not-approved", "clock-skew", "host-not-found"])
def test_the_json_is_what_programs_rely_on(cause: str) -> None:
    document = diagnosis_json(diagnose(CASES[cause]))
    assert list(document) == ["format_version", "verdict", "server", "findings", "excluded"]
    assert_golden_json(f"diagnosis/{cause}.json", document)


@pytest.mark.parametrize("kind", ["connected", "external"])
def test_the_known_kind_of_app_gets_its_own_setup_path(kind: str) -> None:
    evidence = CASES["user-not-approved"]
    known = replace(evidence, configured=replace(evidence.configured, app_kind=kind))
    assert_golden(f"diagnosis/user-not-approved, {kind} app.txt", diagnosis_terminal(diagnose(known), Style(80)))


def test_with_no_more_evidence_than_the_answer() -> None:
    """What the words alone say, in an environment of which nothing is known."""
    for words, first in (("user hasn't approved this consumer", "user-not-approved"),
                         ("invalid assertion", "certificate-mismatch")):  # fmt: skip
        bare = LoginEvidence(cases.NOW, answer=TokenAnswer(400, "invalid_grant", words))
        assert causes(diagnose(bare))[0] == first


@pytest.mark.parametrize(
    "shape", ["acme.lightning.force.com", "acme.my.salesforce.com", "nonsense", "na1.salesforce.com"]
)
def test_a_name_that_does_not_resolve_is_that_whatever_its_shape(shape: str) -> None:
    login = replace(LOGIN, login_url=f"https://{shape}", audience=f"https://{shape}")
    network = NetworkSeen(shape, failure=Failure("host-not-found", f"The host {shape} was not found."))
    diagnosis = diagnose(replace(SOUND, configured=login, network=network))
    assert causes(diagnosis)[0] == "host-not-found"
    assert diagnosis.findings[0].confidence is Confidence.CERTAIN
    assert diagnosis.verdict is Verdict.UNREACHABLE


def test_what_nothing_tells_apart_is_said_to_be_so() -> None:
    diagnosis = diagnose(said("invalid_grant", "inactive user"))
    assert causes(diagnosis) == ["user-inactive", "user-frozen"]
    assert "distinguishes this from: user-frozen" in diagnosis.findings[0].evidence[-1]
    assert "distinguishes this from: user-inactive" in diagnosis.findings[1].evidence[-1]
    assert "--admin-env" in diagnosis.findings[0].evidence[-1]


@pytest.mark.parametrize("cause", [cause.id for cause in CAUSES.values() if not cause.text_known])
def test_a_cause_of_unknown_words_is_at_most_possible(cause: str) -> None:
    for row in TOKEN_TEXTS:
        code = row.errors[0] if row.errors else "invalid_grant"
        for finding in diagnose(said(code, row.words)).findings:
            if finding.cause == cause:
                assert finding.confidence is Confidence.POSSIBLE
                assert "is not known" in finding.meaning


def test_an_expired_certificate_is_a_side_finding() -> None:
    works = diagnose(CASES["certificate-expired"])
    assert (works.verdict, causes(works)) == (Verdict.OK, ["certificate-expired"])
    fails = diagnose(
        replace(said("invalid_grant", "invalid assertion"), key=replace(cases.KEY, beside=certificate(days=-3)))
    )
    assert causes(fails)[0] == "certificate-mismatch"
    assert causes(fails)[-1] == "certificate-expired"
    expired = replace(cases.KEY, beside=certificate(days=-3))
    silent = diagnose(said("invalid_grant", "unspecified condition 17", key=expired))
    assert causes(silent) == ["unknown", "certificate-expired"]


def test_an_unknown_text_is_printed_and_no_cause_is_invented() -> None:
    diagnosis = diagnose(said("invalid_grant", "unspecified condition 17"))
    assert causes(diagnosis) == ["unknown"]
    assert "unspecified condition 17" in diagnosis.findings[0].evidence[0]
    assert diagnosis.findings[0].confidence is Confidence.POSSIBLE


@pytest.mark.parametrize(
    ("skew", "first"),
    [(3600.2, "clock-skew"), (90.0, "clock-skew"), (0.4, "expired-assertion"), (-30.0, "expired-assertion")],
)
def test_the_clock_decides_between_two_causes_of_one_text(skew: float, first: str) -> None:
    network = replace(NETWORK, skew=skew)
    diagnosis = diagnose(said("invalid_grant", "expired authorization code", network=network))
    assert causes(diagnosis)[0] == first
    other = {"clock-skew": "expired-assertion", "expired-assertion": "clock-skew"}[first]
    assert other in excluded(diagnosis)


def test_a_clock_that_is_ahead_is_not_called_right() -> None:
    network = replace(NETWORK, skew=-300.0)
    diagnosis = diagnose(said("invalid_grant", "expired authorization code", network=network))
    assert causes(diagnosis)[0] == "expired-assertion"
    assert "5 minutes ahead of the host's" in excluded(diagnosis)["clock-skew"]
    assert not any("clocks agree" in sentence for sentence in diagnosis.findings[0].evidence)


def test_a_whole_number_of_half_hours_is_rather_a_time_zone() -> None:
    for skew, zone in ((7200.4, True), (19800.0, True), (4000.0, False), (300.0, False)):
        network = replace(NETWORK, skew=skew)
        diagnosis = diagnose(said("invalid_grant", "expired authorization code", network=network))
        assert any("time zone" in sentence for sentence in diagnosis.findings[0].evidence) is zone, skew


def test_the_app_is_requested_at_its_own_or_a_generic_host() -> None:
    words = ("app_not_found", "External client app is not installed in this org")
    own = diagnose(said(*words))
    assert causes(own)[0] == "app-not-installed"
    assert "eca-needs-my-domain" in excluded(own)
    generic = diagnose(said(*words, configured=cases.GENERIC))
    assert causes(generic)[0] == "eca-needs-my-domain"


def test_words_and_record_tell_the_kind_of_app() -> None:
    said_so = diagnose(said("app_not_found", "External client app is not installed in this org"))
    assert not any("onnected app:" in step for finding in said_so.findings for step in finding.fix)
    admin = replace(asked(user=(USER,)), app_kind="connected")
    recorded = diagnose(said("invalid_grant", "user hasn't approved this consumer", admin=admin))
    assert not any("xternal" in step for finding in recorded.findings for step in finding.fix)


def test_the_login_history_wins_over_the_inferred_order() -> None:
    admin = asked(user=(USER,), history=({"Status": "user hasn't approved consumer"},))
    diagnosis = diagnose(said("invalid_grant", "invalid assertion", admin=admin))
    assert causes(diagnosis)[0] == "user-not-approved"


def test_the_apps_certificate_decides_about_a_mismatch() -> None:
    app: dict[str, object] = {"fullName": "A", "consumerKey": LOGIN.consumer_key, "scopes": ("Api", "RefreshToken")}
    for matches in (True, False):
        admin = replace(asked(user=(USER,), app_metadata=(app,)), certificate=certificate(matches=matches))
        diagnosis = diagnose(said("invalid_grant", "invalid assertion", admin=admin))
        if matches:
            assert "certificate-mismatch" in excluded(diagnosis)
        else:
            assert causes(diagnosis)[0] == "certificate-mismatch"
            assert diagnosis.findings[0].confidence is Confidence.CERTAIN


@pytest.mark.parametrize(
    ("policy", "first"),
    [
        ({"OptionsAllowAdminApprovedUsersOnly": False}, "user-not-approved"),
        ({"OptionsAllowAdminApprovedUsersOnly": True}, "user-not-preauthorized"),
        ({"PermittedUsersPolicyType": "AllSelfAuthorized"}, "user-not-approved"),
        ({"PermittedUsersPolicyType": "AdminApprovedPreAuthorized"}, "user-not-preauthorized"),
    ],
)
def test_the_policy_separates_approval_and_preauthorization(policy: dict[str, object], first: str) -> None:
    admin = asked(user=(USER,), app_policy=(policy,), access=(), permission_sets=({"PermissionSetId": "0PS1"},))
    diagnosis = diagnose(said("invalid_grant", "user hasn't approved this consumer", admin=admin))
    assert causes(diagnosis)[0] == first
    assert diagnosis.findings[0].confidence is Confidence.CERTAIN


def test_after_policy_and_assignment_the_host_is_left() -> None:
    admin = asked(
        user=(USER,),
        app_policy=({"OptionsAllowAdminApprovedUsersOnly": True},),
        access=({"ParentId": "0PS1"},),
        permission_sets=({"PermissionSetId": "0PS1"},),
    )
    diagnosis = diagnose(said("invalid_grant", "user hasn't approved this consumer", admin=admin))
    assert causes(diagnosis)[:2] == ["wrong-login-host", "not-propagated"]
    assert {"user-not-approved", "user-not-preauthorized"} <= set(excluded(diagnosis))


OTHER = {"kind": "connected", "fullName": "Other", "consumerKey": "3MVG9" + "x" * 80}


@pytest.mark.parametrize(
    ("apps", "confidence"),
    [
        ((OTHER,), Confidence.CERTAIN),
        ((OTHER, {"kind": "external"}), Confidence.LIKELY),
        ((OTHER, {"kind": "external", "fullName": "Ours", "consumerKey": None}), Confidence.LIKELY),
    ],
)
def test_an_unreadable_app_may_have_the_consumer_key(
    apps: tuple[dict[str, object], ...], confidence: Confidence
) -> None:
    refusal = said("invalid_client_id", "client identifier invalid", admin=asked(app_metadata=apps))
    first = diagnose(refusal).findings[0]
    assert (first.cause, first.confidence) == ("wrong-consumer-key", confidence)
    fits = diagnose(said("invalid_grant", "invalid assertion", admin=asked(app_metadata=apps)))
    assert (causes(fits)[0] == "wrong-consumer-key") is (confidence is Confidence.CERTAIN)


def test_a_login_without_consumer_key_has_no_app() -> None:
    assert app_with_key(({"kind": "external"}, {"consumerKey": None}), None) is None


def test_questions_that_failed_say_nothing() -> None:
    failed = {name: AdminQuery(name, problem="INVALID_TYPE") for name in ("user", "app-metadata", "history", "events")}
    plain = diagnose(CASES["user-not-approved"])
    asked_in_vain = diagnose(replace(CASES["user-not-approved"], admin=AdminSeen("somebody", asked=failed)))
    assert causes(plain) == causes(asked_in_vain)


def test_ten_minutes_of_trying_exclude_propagation() -> None:
    answer = TokenAnswer(400, "invalid_grant", "user hasn't approved this consumer", tries=20, seconds=600.0)
    assert "not-propagated" in excluded(diagnose(replace(SOUND, answer=answer)))


def test_another_org_than_the_one_configured_is_certain() -> None:
    login = replace(LOGIN, org_id="00D5g0000000009EAA")
    diagnosis = diagnose(
        replace(SOUND, configured=login, answer=TokenAnswer(200, shape="token", shown="a session"), session=SESSION)
    )
    assert (diagnosis.verdict, causes(diagnosis)) == (Verdict.FAILING, ["wrong-login-host"])


_WORDS = st.sampled_from([(row.errors[0] if row.errors else "", row.words) for row in TOKEN_TEXTS] + [("x", "y")])
_CALLS = st.sampled_from(
    [None, Call(True), Call(False, "INVALID_SESSION_ID", "x"), Call(False, "API_DISABLED_FOR_ORG")]
)
_NETWORKS = st.sampled_from(
    [None, NETWORK, replace(NETWORK, skew=4000.0), NetworkSeen("h", failure=Failure("proxy", "no")),
     replace(NETWORK, issuer="https://login.salesforce.com"), NetworkSeen("h", page='HTTP 200 and "x"', status=200)]
)  # fmt: skip
_ADMINS = st.sampled_from(
    [None, AdminSeen("a", problem="no"), asked(user=()), asked(user=(USER,)),
     asked(user=({**USER, "IsActive": False},)),
     asked(events=({"ErrorCode": "InvalidIssuer"},))]
)  # fmt: skip


@given(_WORDS, st.none() | _CALLS, _CALLS, _NETWORKS, _ADMINS, st.sampled_from([None, "connected", "external"]))
def test_whatever_was_seen_the_diagnosis_is_sound(
    words: tuple[str, str],
    rest: Call | None,
    soap: Call | None,
    network: NetworkSeen | None,
    admin: AdminSeen | None,
    kind: str | None,
) -> None:
    session = replace(SESSION, rest=rest, soap=soap) if rest is not None else None
    answer = TokenAnswer(200, shape="token", shown="a session") if session is not None else TokenAnswer(400, *words)
    evidence = replace(
        SOUND, configured=replace(LOGIN, app_kind=kind), network=network, answer=answer, session=session, admin=admin
    )
    diagnosis = diagnose(evidence)
    assert [finding.rank for finding in diagnosis.findings] == list(range(1, len(diagnosis.findings) + 1))
    assert not set(causes(diagnosis)) & set(excluded(diagnosis))
    assert diagnosis.findings or diagnosis.verdict is Verdict.OK
    reasons = [finding for finding in diagnosis.findings if not CAUSES[finding.cause].side]
    certainty = [finding.confidence is Confidence.CERTAIN for finding in reasons]
    assert certainty == sorted(certainty, reverse=True), "what was seen goes before what is inferred"
    for finding in diagnosis.findings:
        assert finding.evidence
        assert finding.fix
        assert finding.meaning
    assert diagnosis_terminal(diagnosis, Style(80))
