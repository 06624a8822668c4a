"""Logging in: what is sent, what comes back, and what the person is told when it does not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from provisioner.errors import InputError, LoginError, RefusedError, UnreachableError
from provisioner.salesforce import Clock, LoginSettings, Org, OrgFault
from provisioner.salesforce.clock import skew_of
from provisioner.secrets import Secret, redactor
from tests.salesforce.conftest import Waits
from tests.salesforce.server import (
    CUT,
    HTML_503,
    ORG_ID,
    TOKEN,
    USER_ID,
    Answer,
    ScriptedOrg,
    json_answer,
    oauth_error,
    rest_error,
)

Connect = Callable[..., Org]


def test_the_assertion_is_what_salesforce_asks_for(
    connect: Connect, scripted: ScriptedOrg, settings: LoginSettings, rsa_key: rsa.RSAPrivateKey
) -> None:
    org = connect()

    sent = next(received for received in scripted.received if received.name == "token")
    assert (sent.method, sent.path) == ("POST", "/services/oauth2/token")
    assert sent.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "Authorization" not in sent.headers
    assert set(sent.form) == {"grant_type", "assertion"}
    assert sent.form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    assertion = sent.form["assertion"]
    assert jwt.get_unverified_header(assertion)["alg"] == "RS256"
    claims = jwt.decode(assertion, rsa_key.public_key(), algorithms=["RS256"], audience=settings.audience)
    assert set(claims) == {"iss", "sub", "aud", "exp"}
    assert (claims["iss"], claims["sub"]) == (settings.consumer_key, settings.username)
    assert isinstance(claims["exp"], int)
    assert 170 < claims["exp"] - time.time() <= 180
    assert (org.session.org_id, org.session.user_id, org.session.token_format) == (ORG_ID, USER_ID, "opaque")
    assert TOKEN not in repr(org.session)
    assert TOKEN not in redactor.redact(f"the token {TOKEN}!")


@pytest.mark.parametrize("spelled", ["{0}%21{1}", "{0}&#33;{1}", "{0}\\u0021{1}", "{1}", "{0}%2521{1}"])
def test_a_session_that_the_org_echoes(connect: Connect, scripted: ScriptedOrg, spelled: str) -> None:
    org, door = TOKEN.split("!")
    echo = spelled.format(org, door)
    scripted.always("query Organization", rest_error("INVALID_FIELD", f"no {echo} here"))
    with pytest.raises(OrgFault) as failed:
        connect().query("SELECT Id FROM Organization")
    assert failed.value.message.endswith(("no *** here", f"no {org}*** here"))


@pytest.mark.parametrize("behind", [0, 3600, -3600])
def test_a_refused_login_knows_the_clock_of_the_host(
    settings: LoginSettings, scripted: ScriptedOrg, waits: Waits, behind: int
) -> None:
    scripted.always("token", oauth_error("invalid_grant", "invalid assertion"))
    with pytest.raises(LoginError) as failed:
        Org.connect(settings, clock=Clock(now=lambda: time.time() - behind, sleep=waits.sleep))
    assert failed.value.skew == pytest.approx(behind, abs=2)


@pytest.mark.parametrize("date", ["", "yesterday", "Thu, 01 Jan 99999 00:00:00 GMT", "Thu, 32 Jan 2026 00:00:00 GMT"])
def test_a_date_that_is_none_says_nothing_of_the_clock(date: str) -> None:
    assert skew_of({"Date": date}, Clock()) is None


@pytest.mark.parametrize("token", ["a\x00b", "a\ud800b", "a b", "tök", "a\r\nX: y", "x" * 20_000])
def test_a_token_that_no_header_can_carry(connect: Connect, scripted: ScriptedOrg, token: str) -> None:
    scripted.always("token", json_answer({"access_token": token, "instance_url": scripted.url}))
    with pytest.raises(RefusedError) as refused:
        connect()
    assert refused.value.code == "not-a-token"
    assert [name for name in scripted.names() if name != "versions"] == ["token"]


@pytest.mark.parametrize(
    "proxy",
    ["http://[bad", "://", "http://proxy:99999999", "http://\x01", "ftp:///", "http://u:p%@h:port", "http://a b"],
)
def test_a_proxy_that_is_no_url(
    settings: LoginSettings, waits: Waits, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    elsewhere = replace(settings, login_url="https://acme.my.salesforce.com", audience="https://login.salesforce.com")
    with pytest.raises(UnreachableError) as failed:
        Org.connect(elsewhere, clock=waits.clock)
    # Earlier versions of urllib3 look up a name with a blank or a control character instead of refusing it.
    assert failed.value.code in ({"proxy", "unreachable"} if proxy in ("http://a b", "http://\x01") else {"proxy"})
    assert "HTTPS_PROXY" in failed.value.next
    assert "p%" not in failed.value.message


def test_the_orgs_words_are_quoted_with_the_next_step(connect: Connect, scripted: ScriptedOrg, waits: Waits) -> None:
    scripted.always("token", oauth_error("invalid_grant", "user hasn't approved this consumer"))

    with pytest.raises(LoginError) as failed:
        connect()

    assert "invalid_grant: user hasn't approved this consumer" in failed.value.message
    assert failed.value.server == {
        "status": 400,
        "error": "invalid_grant",
        "error_description": "user hasn't approved this consumer",
    }
    assert "provisioner diagnose login --env uat" in failed.value.next
    assert failed.value.exit_status == 4
    assert scripted.count("token") == 1
    assert waits.slept == []


def test_an_unknown_answer_gets_no_invented_cause(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.always("token", oauth_error("odd_error", "unspecified condition 17"))
    with pytest.raises(LoginError) as failed:
        connect()
    assert "odd_error: unspecified condition 17" in failed.value.message
    assert failed.value.next == "Find out more with: provisioner diagnose login --env uat"


@pytest.mark.parametrize(
    "passing",
    [
        oauth_error("unknown_error", "retry your request"),
        oauth_error("server_error", "please try later", 500),
        HTML_503,
        Answer("slow down", 429),
        Answer("", 200),
        CUT,
    ],
)
def test_a_passing_fault_is_tried_again_with_a_new_assertion(
    connect: Connect, scripted: ScriptedOrg, passing: Answer
) -> None:
    scripted.script("token", passing)

    connect()

    assertions = [received.form["assertion"] for received in scripted.received if received.name == "token"]
    assert len(set(assertions)) == 2


@pytest.mark.parametrize(("answer", "kind"), [(HTML_503, UnreachableError), (CUT, UnreachableError)])
def test_five_attempts_are_enough(
    connect: Connect, scripted: ScriptedOrg, waits: Waits, answer: Answer, kind: type[Exception]
) -> None:
    scripted.always("token", answer)
    with pytest.raises(kind) as failed:
        connect()
    assert scripted.count("token") == 5
    assert len(waits.slept) == 4
    assert waits.slept == sorted(waits.slept)
    assert getattr(failed.value, "exit_status", None) == 4


def test_a_passing_fault_that_does_not_pass_keeps_the_orgs_words(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.always("token", oauth_error("unknown_error", "retry your request"))
    with pytest.raises(LoginError, match="unknown_error: retry your request"):
        connect()
    assert scripted.count("token") == 5


def test_too_many_logins_are_not_made_more(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.always("token", oauth_error("rate_limit_exceeded", "number of logins exceeded", 429))
    with pytest.raises(LoginError, match="rate_limit_exceeded"):
        connect()
    assert scripted.count("token") == 1


@pytest.mark.parametrize("status", [200, 404, 405])
def test_a_web_page_means_that_this_is_no_login_host(connect: Connect, scripted: ScriptedOrg, status: int) -> None:
    page = "<html><head><title>Only POST allowed</title></head></html>"
    scripted.always("token", Answer(page, status, {"Content-Type": "text/html"}))
    with pytest.raises(LoginError, match="not a login host") as failed:
        connect()
    assert failed.value.code == "not-a-login-host"
    assert "Only POST allowed" in failed.value.message
    assert scripted.count("token") == 1


def test_a_redirect_is_not_followed_with_an_assertion(connect: Connect, scripted: ScriptedOrg) -> None:
    elsewhere = f"{scripted.url}/elsewhere"
    scripted.always("token", Answer("", 307, {"Location": elsewhere}))
    with pytest.raises(LoginError, match="redirect") as failed:
        connect()
    assert elsewhere in failed.value.message
    assert [name for name in scripted.names() if name != "versions"] == ["token"]


def test_an_untrusted_host_is_refused_before_anything_is_sent(connect: Connect, scripted: ScriptedOrg) -> None:
    with pytest.raises(RefusedError) as refused:
        connect(login_url="https://login.salesforce.com.evil.example", audience="https://login.salesforce.com")
    assert refused.value.exit_status == 3
    assert scripted.received == []


def test_a_session_is_not_sent_to_a_host_that_the_answer_made_up(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.always("token", json_answer({"access_token": TOKEN, "instance_url": "https://evil.example"}))
    with pytest.raises(RefusedError, match="session was not sent"):
        connect()
    assert [name for name in scripted.names() if name != "versions"] == ["token"]


def test_an_unusable_key_is_said_so_before_anything_is_sent(connect: Connect, scripted: ScriptedOrg) -> None:
    with pytest.raises(InputError) as wrong:
        connect(private_key=Secret(""))
    assert wrong.value.code == "key-unreadable"
    assert scripted.received == []


JWT_TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"


def _jwt_answer(scripted: ScriptedOrg) -> Answer:
    return json_answer(
        {
            "access_token": JWT_TOKEN,
            "instance_url": scripted.url,
            "token_format": "jwt",
            "id": f"https://login.salesforce.com/id/{ORG_ID}/{USER_ID}",
        }
    )


def test_a_jwt_format_token_is_explained_before_soap(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.always("token", _jwt_answer(scripted))
    with pytest.raises(LoginError) as failed:
        connect()
    assert failed.value.code == "jwt-format-token"
    assert sorted(scripted.names()) == ["token", "versions"]


def test_a_token_in_jwt_format_is_fine_from_68_on(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.always("token", _jwt_answer(scripted))
    scripted.always("versions", json_answer([{"version": "68.0"}]))
    org = connect()
    assert org.session.token_format == "jwt"
    org.observe()


def test_the_versions_are_asked_beside_the_login(connect: Connect, scripted: ScriptedOrg) -> None:
    both = threading.Barrier(2)
    scripted.before_answering = lambda received: both.wait(10) if received.name in ("token", "versions") else None
    connect()
    assert sorted(scripted.names()) == ["token", "versions"]


def test_failed_versions_are_asked_again_after_the_login(connect: Connect, scripted: ScriptedOrg, waits: Waits) -> None:
    scripted.script("versions", Answer("", 503, {"Retry-After": "7"}))
    connect()
    assert scripted.names().count("versions") == 2
    assert waits.slept == [7.0]


@pytest.mark.parametrize(
    ("pinned", "offered", "chosen"), [(None, ["62.0", "100.0", "67.0"], "100.0"), ("66.0", ["66.0", "67.0"], "66.0")]
)
def test_the_newest_version_is_spoken_unless_one_is_pinned(
    connect: Connect, scripted: ScriptedOrg, pinned: str | None, offered: list[str], chosen: str
) -> None:
    scripted.always("versions", json_answer([{"version": version} for version in offered]))
    org = connect(api_version=pinned)
    assert org.versions.chosen == chosen
    assert org.versions.newest == max(offered, key=float)


@pytest.mark.parametrize(
    ("pinned", "offered", "words"),
    [
        (None, ["60.0", "61.0"], "newest API version is 61.0"),
        ("61.0", ["61.0", "67.0"], "below the minimum"),
        ("99.0", ["66.0", "67.0"], "does not offer"),
    ],
)
def test_a_version_that_will_not_do_is_refused(
    connect: Connect, scripted: ScriptedOrg, pinned: str | None, offered: list[str], words: str
) -> None:
    scripted.always("versions", json_answer([{"version": version} for version in offered]))
    with pytest.raises(RefusedError, match=words):
        connect(api_version=pinned)


def test_a_version_list_that_is_none_counts_as_out_of_reach(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.always("versions", Answer("<html>hello</html>"))
    with pytest.raises(UnreachableError):
        connect()
    assert scripted.count("versions") == 5
