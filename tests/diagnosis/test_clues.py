"""Single clues at their edges, beside the whole cases of test_catalogue.py."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from provisioner.diagnosis.cases import Against, For
from provisioner.diagnosis.login.clues import admin, answer, configured, network, session
from provisioner.diagnosis.login.diagnosis import diagnose
from provisioner.diagnosis.login.evidence import Call, Configured, LoginEvidence, SessionSeen, TokenAnswer
from provisioner.diagnosis.login.gather import _may_ask
from provisioner.diagnosis.login.probes.key import look_at_key
from provisioner.diagnosis.login.seen import seen
from tests.diagnosis.cases import KEY, LOGIN, NETWORK, SOUND, certificate, said
from tests.jose.making import private_pem


def causes(clue: object, evidence: LoginEvidence) -> set[str]:
    return {each.cause for each in clue.clue(evidence) if isinstance(each, For)}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("status", "found"),
    [
        (407, {"proxy"}),
        (429, {"transient", "maintenance"}),
        (428, {"not-a-login-host"}),
        (499, {"not-a-login-host"}),
        (500, {"transient", "maintenance"}),
        (501, {"transient", "maintenance"}),
        (502, {"transient", "maintenance"}),
        (503, {"maintenance", "transient"}),
        (405, {"not-a-login-host"}),
        (200, {"not-a-login-host"}),
    ],
)
def test_a_page_in_the_token_endpoints_place(status: int, found: set[str]) -> None:
    assert causes(answer, replace(SOUND, answer=TokenAnswer(status, shape="html", shown="A page"))) == found


@pytest.mark.parametrize("status", [200, 404, 500, 503])
def test_a_page_that_says_maintenance_means_it(status: int) -> None:
    page = TokenAnswer(status, shape="html", shown="Down for Maintenance")
    assert causes(answer, replace(SOUND, answer=page)) == {"maintenance"}
    listed = replace(NETWORK, versions=(), page="Down for Maintenance", status=status)
    assert "maintenance" in causes(network, replace(SOUND, network=listed))


@pytest.mark.parametrize(("status", "is_maintenance"), [(501, False), (502, True), (503, True), (504, False)])
def test_a_status_that_means_maintenance_means_it_on_any_page(status: int, is_maintenance: bool) -> None:
    listed = replace(NETWORK, versions=(), page="A page", status=status)
    assert ("maintenance" in causes(network, replace(SOUND, network=listed))) is is_maintenance


@pytest.mark.parametrize(
    ("seconds", "words"), [(599.0, None), (600.0, "for 10 minutes"), (3600.0, "for 60 minutes"), (7200.0, "120 min")]
)
def test_what_was_tried_for_long_is_no_matter_of_waiting(seconds: float, words: str | None) -> None:
    evidence = said("invalid_client_id", "client identifier invalid")
    assert evidence.answer is not None
    evidence = replace(evidence, answer=replace(evidence.answer, seconds=seconds))
    against = [
        each.because for each in answer.clue(evidence) if isinstance(each, Against) and each.cause == "not-propagated"
    ]
    assert [words in each for each in against if words] == ([True] if words else [])
    assert len(against) == (1 if words else 0)


@pytest.mark.parametrize(
    ("username", "host", "found"),
    [
        ("ci@acme.com.uat", "login.salesforce.com", True),
        ("ci@acme.com.dev1", "login.salesforce.com", True),
        ("ci@acme.com", "login.salesforce.com", False),
        ("ci@acme.de", "login.salesforce.com", False),
        ("ci@acme.com.uat", "test.salesforce.com", False),
        ("ci@acme.com.uat", "acme.my.salesforce.com", False),
    ],
)
def test_a_sandboxs_user_at_the_login_host_of_production(username: str, host: str, found: bool) -> None:
    login = Configured(login_url=f"https://{host}", audience=f"https://{host}", username=username)
    assert ("wrong-login-host" in causes(configured, replace(SOUND, configured=login))) is found


@pytest.mark.parametrize("missing", ["username", "consumer_key", "login_url"])
@pytest.mark.parametrize("value", [None, ""])
def test_nobody_is_asked_with_half_a_login(missing: str, value: str | None) -> None:
    assert _may_ask(LOGIN, NETWORK)
    assert not _may_ask(replace(LOGIN, **{missing: value}), NETWORK)  # type: ignore[arg-type]
    assert not _may_ask(LOGIN, replace(NETWORK, refused="not that host"))


def test_a_key_file_that_vanishes_meanwhile_is_no_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.key"
    file.write_bytes(private_pem())

    def gone(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_bytes", gone)
    assert look_at_key(None, None, file) == (None, None)


def test_an_unknown_cause_precedes_a_side_matter() -> None:
    aged = replace(said("something_new", "never seen"), key=replace(KEY, beside=certificate(days=-1)))
    findings = diagnose(aged).findings
    assert [(each.rank, each.cause) for each in findings] == [(1, "unknown"), (2, "certificate-expired")]


@pytest.mark.parametrize(("tries", "words"), [(1, ""), (2, ", after 2 attempts in 12 seconds"), (3, ", after 3 att")])
def test_several_attempts_are_counted(tries: int, words: str) -> None:
    evidence = said("invalid_grant", "no")
    assert evidence.answer is not None
    evidence = replace(evidence, answer=replace(evidence.answer, tries=tries, seconds=12.2))
    (row,) = [shown for what, shown in seen(evidence) if what == "token endpoint"]
    assert words in row
    assert ("attempts" in row) is bool(words)


@pytest.mark.parametrize(
    ("scopes", "missing"),
    [
        (set(), {"missing-refresh-token-scope", "missing-api-scope"}),
        ({"api"}, {"missing-refresh-token-scope"}),
        ({"refreshtoken"}, {"missing-api-scope"}),
        ({"refreshtoken", "api"}, set()),
        ({"refresh_token", "full"}, set()),
        ({"offlineaccess", "api", "web"}, set()),
    ],
)
def test_the_scopes_that_an_apps_metadata_lists(scopes: set[str], missing: set[str]) -> None:
    marks = list(admin._scopes(scopes))
    assert {each.cause for each in marks if isinstance(each, For)} == missing
    cleared = {each.cause for each in marks if isinstance(each, Against)}
    assert cleared == {"missing-refresh-token-scope"} - missing


@pytest.mark.parametrize(
    ("code", "text", "jwt_format", "found"),
    [
        ("INVALID_SESSION_ID", "", True, {"jwt-format-token"}),
        ("INVALID_SESSION_ID", "", False, {"missing-api-scope", "session-level-policy"}),
        ("API_DISABLED_FOR_ORG", "", True, {"api-not-enabled"}),
        ("A_NEW_CODE", "", True, {"transient"}),
        ("INSUFFICIENT_ACCESS", "use of the Metadata API requires", True, {"metadata-permission-missing"}),
    ],
)
def test_what_the_metadata_api_says_of_a_session_that_rest_takes(
    code: str, text: str, jwt_format: bool, found: set[str]
) -> None:
    well = Call(ok=True)
    opened = SessionSeen(
        "00D5g0000000001EAA", "https://a", jwt_format, "api", well, Call(False, code, text), True, "67"
    )
    marks = session._soap(opened)
    assert {each.cause for each in marks if isinstance(each, For)} == found
