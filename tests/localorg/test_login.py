"""Logging in by JWT bearer: what the token endpoint takes, and the words with which it refuses."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from tests.localorg import material
from tests.localorg.client import GRANT, Client


def refused(client: Client, **claims: Any) -> tuple[str, str]:
    answer = client.ask_token(**claims)
    assert answer.status_code == 400, answer.text
    body = answer.json()
    assert sorted(body) == ["error", "error_description"]
    return body["error"], body["error_description"]


def test_a_good_assertion_gives_a_session(stranger: Client) -> None:
    answer = stranger.ask_token()
    assert answer.status_code == 200
    body = answer.json()
    org_id = stranger.connection.org_id
    assert body["access_token"].startswith(f"{org_id[:15]}!")
    assert body["instance_url"] == stranger.connection.url
    assert body["id"].startswith(f"{stranger.connection.url}/id/{org_id}/005")
    assert (body["token_type"], body["scope"]) == ("Bearer", "api")
    assert "Date" in answer.headers


@pytest.mark.parametrize(
    "audience", ["https://login.salesforce.com", "https://test.salesforce.com/", "own", "own/", "127"]
)
def test_every_audience_of_the_org_is_good(stranger: Client, audience: str) -> None:
    url = stranger.connection.url
    spelled = {"own": url, "own/": url + "/", "127": url.replace("localhost", "127.0.0.1")}.get(audience, audience)
    assert stranger.ask_token(aud=spelled).status_code == 200


def test_times_may_be_text_or_milliseconds(stranger: Client) -> None:
    assert stranger.ask_token(exp=str(int(time.time()) + 60)).status_code == 200
    assert stranger.ask_token(exp=int(time.time() * 1000) + 300).status_code == 200


def test_a_username_is_found_in_any_case(stranger: Client) -> None:
    assert stranger.ask_token(sub=stranger.connection.username.upper()).status_code == 200


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"aud": "https://login.salesforce.com/services/oauth2/token"}, ("invalid_grant", "audience is invalid")),
        ({"aud": None}, ("invalid_grant", "audience is invalid")),
        ({"aud": ["https://login.salesforce.com"]}, ("invalid_grant", "audience is invalid")),
        ({"iss": "3MVG9unknown"}, ("invalid_client_id", "client identifier invalid")),
        ({"iss": None}, ("invalid_client_id", "client identifier invalid")),
        ({"exp": 1}, ("invalid_grant", "expired authorization code")),
        ({"exp": None}, ("invalid_grant", "expired authorization code")),
        ({"exp": "soon"}, ("invalid_grant", "expired authorization code")),
        ({"sub": "nobody@localorg.example"}, ("invalid_grant", "authentication failure")),
        ({"sub": None}, ("invalid_grant", "authentication failure")),
        ({"sub": "agent@localorg.example"}, ("invalid_app_access", "user is not admin approved to access this app")),
    ],
)
def test_claims_that_are_refused(stranger: Client, claims: dict[str, Any], expected: tuple[str, str]) -> None:
    assert refused(stranger, **claims) == expected


def test_checks_are_in_the_order_audience_app_signature(stranger: Client) -> None:
    other = material.private_pem()
    assert refused(stranger, key=other, iss="nobody", aud="https://x.example")[1] == "audience is invalid"
    assert refused(stranger, key=other, iss="nobody")[1] == "client identifier invalid"
    assert refused(stranger, key=other, exp=1)[1] == "invalid assertion"


@pytest.mark.parametrize("form", ["not a token", "a.b.c", "..", "x", "key"])
def test_what_is_no_assertion(stranger: Client, form: str) -> None:
    text = material.private_pem().decode() if form == "key" else form
    assert refused(stranger, assertion=text) == ("invalid_grant", "invalid assertion")


def test_only_rs256_is_taken(stranger: Client) -> None:
    claims = jwt.decode(stranger.assertion(), options={"verify_signature": False})
    with_secret = jwt.encode(claims, "a secret that is long enough for HS256", algorithm="HS256")
    assert refused(stranger, assertion=with_secret)[1] == "invalid assertion"
    unsigned = jwt.encode(claims, None, algorithm="none")
    assert refused(stranger, assertion=unsigned + "x")[1] == "invalid assertion"


def test_a_changed_claim_breaks_the_signature(stranger: Client) -> None:
    head, body, signature = stranger.assertion().split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["exp"] += 1
    changed = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    assert refused(stranger, assertion=f"{head}.{changed}.{signature}") == ("invalid_grant", "invalid assertion")


def test_forms_that_are_refused(stranger: Client) -> None:
    url = f"{stranger.connection.url}/services/oauth2/token"
    good = {"grant_type": GRANT, "assertion": stranger.assertion()}
    http = stranger.http
    answers = {
        "json": http.post(url, json=good),
        "multipart": http.post(url, files={name: (None, value) for name, value in good.items()}),
        "grant": http.post(url, data={**good, "grant_type": "client_credentials"}),
        "empty": http.post(url),
        "scope": http.post(url, data={**good, "scope": "api"}),
    }
    texts = {name: (answer.status_code, answer.json()["error_description"]) for name, answer in answers.items()}
    wrong_type = (400, "grant type not supported")
    assert texts == {
        "json": wrong_type, "multipart": wrong_type, "grant": wrong_type, "empty": wrong_type,
        "scope": (400, "scope parameter not supported"),
    }  # fmt: skip
    asked = http.get(url, params=good)
    assert asked.status_code == 405
    assert "Only POST allowed" in asked.text
    assert asked.headers["Content-Type"].startswith("text/html")


def test_an_attempt_of_a_known_user_is_in_the_history(stranger: Client) -> None:
    stranger.ask_token(iss="nobody")
    stranger.ask_token(key=material.private_pem())
    stranger.ask_token(sub="agent@localorg.example")
    stranger.login()
    rows = stranger.query("SELECT Status, LoginType, Application, UserId FROM LoginHistory ORDER BY LoginTime")
    assert [row["Status"] for row in rows] == ["Failed: Signature Invalid", "Not approved for access", "Success"]
    assert {row["LoginType"] for row in rows} == {"Remote Access 2.0"}
    assert len({row["UserId"] for row in rows}) == 2


@pytest.mark.parametrize(
    ("fault", "expected", "history"),
    [
        ("user-not-approved", ("invalid_grant", "user hasn't approved this consumer"), "user hasn't approved consumer"),
        ("user-not-preauthorized", ("invalid_app_access", "user is not admin approved to access this app"),
         "Not approved for access"),
        ("user-not-preauthorized=not-approved", ("invalid_grant", "user hasn't approved this consumer"),
         "Not approved for access"),
        ("user-unknown", ("invalid_grant", "authentication failure"), None),
        ("user-unknown=not-approved", ("invalid_grant", "user hasn't approved this consumer"), None),
        ("app-not-installed=connected", ("invalid_client", "app must be installed into org"), None),
        ("wrong-certificate", ("invalid_grant", "invalid assertion"), "Failed: Signature Invalid"),
        ("user-inactive", ("invalid_grant", "authentication failure"), "User is inactive"),
        ("user-inactive=inactive-user", ("inactive_user", "user is inactive"), "User is inactive"),
        ("user-frozen", ("invalid_grant", "authentication failure"), "User is frozen"),
        ("user-frozen=user-is-inactive", ("invalid_grant", "inactive user"), "User is frozen"),
        ("app-not-installed", ("app_not_found", "External client app is not installed in this org"), None),
        ("no-refresh-token-scope",
         ("invalid_request",
          "refresh_token scope is required and the connected app should be installed and preauthorized"),
         "Failed: Invalid Token"),
        ("ip-restricted", ("invalid_grant", "ip restricted"), "Restricted IP"),
        ("ip-restricted=documented", ("invalid_grant", "IP restricted or invalid login hours"), "Restricted IP"),
        ("login-hours", ("invalid_grant", "IP restricted or invalid login hours"), "Restricted time"),
        ("rate-limited", ("rate_limit_exceeded", "number of logins exceeded"), "Login rate exceeded"),
        ("not-propagated", ("invalid_client_id", "client identifier invalid"), None),
        ("oauth-not-enabled", ("invalid_client_id", "client identifier invalid"), None),
        ("digital-signatures-not-enabled", ("invalid_grant", "invalid assertion"), None),
        ("app-blocked", ("OAUTH_APP_BLOCKED", "this app is blocked by admin"), "Not approved for access"),
        ("org-inactive", ("inactive_org", "organization locked, closed or suspended"), None),
        ("transient-login-error", ("unknown_error", "retry your request"), None),
        ("clock-skew=10m", ("invalid_grant", "expired authorization code"), None),
    ],
)  # fmt: skip
def test_login_faults(
    stranger: Client, broken: Callable[..., None], fault: str, expected: tuple[str, str], history: str | None
) -> None:
    broken(fault)
    assert refused(stranger) == expected
    from provisioner.localorg import mend

    mend(stranger.directory)
    stranger.login()
    statuses = [row["Status"] for row in stranger.query("SELECT Status FROM LoginHistory ORDER BY LoginTime")]
    assert statuses == [*([history] if history else []), "Success"]


def test_a_fault_that_strikes_once(stranger: Client, broken: Callable[..., None]) -> None:
    broken("transient-login-error=2")
    assert [stranger.ask_token().status_code for _ in range(4)] == [400, 400, 200, 200]


def test_an_external_client_app_needs_the_orgs_own_url(stranger: Client, broken: Callable[..., None]) -> None:
    broken("eca-needs-my-domain")
    assert refused(stranger, aud="https://test.salesforce.com")[0] == "app_not_found"
    assert stranger.ask_token().status_code == 200


def test_the_orgs_clock_shows_in_its_answers(stranger: Client, broken: Callable[..., None]) -> None:
    from email.utils import parsedate_to_datetime

    broken("clock-skew=-1h")
    shown = parsedate_to_datetime(stranger.ask_token().headers["Date"]).timestamp()
    assert -3660 < shown - time.time() < -3540


def test_what_the_org_knows_of_a_fault_can_be_queried(org: Client, broken: Callable[..., None]) -> None:
    broken("user-not-approved", "user-not-preauthorized")
    assert org.query("SELECT OptionsAllowAdminApprovedUsersOnly FROM ConnectedApplication") == [
        {"OptionsAllowAdminApprovedUsersOnly": False}
    ]
    assert org.query("SELECT Id FROM SetupEntityAccess") == []


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [("api-not-enabled", 403, "API_DISABLED_FOR_ORG"), ("no-api-scope", 401, "INVALID_SESSION_ID"),
     ("session-level-policy", 403, "INSUFFICIENT_ACCESS"), ("user-inactive", 401, "INVALID_SESSION_ID")],
)  # fmt: skip
def test_a_token_that_is_of_no_use(
    org: Client, broken: Callable[..., None], fault: str, status: int, code: str
) -> None:
    broken(fault)
    answer = org.get("/services/data/v67.0/limits")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)


def test_a_jwt_format_token_works_for_rest_only(stranger: Client, broken: Callable[..., None]) -> None:
    broken("jwt-format-token")
    answer = stranger.ask_token().json()
    assert answer["token_format"] == "jwt"
    stranger.login()
    assert stranger.token is not None
    assert stranger.token.count(".") == 2
    assert stranger.get("/services/data/v67.0/limits").status_code == 200
    assert stranger.fault("<met:describeMetadata/>")[0] == "INVALID_SESSION_ID"
    broken("new-api")
    assert stranger.soap("<met:describeMetadata/>", version="68.0").status_code == 200


def test_sessions_end(org: Client, broken: Callable[..., None]) -> None:
    broken("session-ends=2")
    path = "/services/data/v67.0/limits"
    assert [org.get(path).status_code for _ in range(3)] == [200, 200, 401]
    assert org.get(path).json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
    org.login()
    assert org.get(path).status_code == 200


def test_a_session_can_be_revoked(org: Client) -> None:
    url = f"{org.connection.url}/services/oauth2/revoke"
    assert org.http.post(url, data={"token": org.token}).status_code == 200
    assert org.get("/services/data/v67.0/limits").status_code == 401
    assert org.http.post(url, data={"token": org.token}).status_code == 400


def test_who_am_i(org: Client) -> None:
    info = org.get("/services/oauth2/userinfo").json()
    assert info["preferred_username"] == org.connection.username
    assert info["organization_id"] == org.connection.org_id
    identity = org.http.get(info["sub"]).json()
    assert identity["username"] == org.connection.username
    found = org.get("/.well-known/openid-configuration").json()
    assert found["issuer"] == org.connection.url
    del org.http.headers["Authorization"]
    assert org.get("/services/oauth2/userinfo").status_code == 401


def test_the_event_log_has_its_own_words(stranger: Client) -> None:
    stranger.ask_token(key=material.private_pem())
    stranger.ask_token(sub="agent@localorg.example")
    stranger.ask_token(exp=1)
    stranger.login()
    rows = stranger.query("SELECT ErrorCode, IdentityUsed FROM IdpEventLog WHERE Timestamp = TODAY ORDER BY Timestamp")
    assert [(row["ErrorCode"], row["IdentityUsed"]) for row in rows] == [
        ("InvalidSignature", stranger.connection.username), ("AppAccessDenied", "agent@localorg.example"),
        ("CodeExpired", None),
    ]  # fmt: skip


def test_an_external_client_app_stands_among_its_own_kind(org: Client, broken: Callable[..., None]) -> None:
    def names(query: str) -> list[str]:
        return [next(iter(row.values())) for row in org.query(query)]

    connected, external = "SELECT Name FROM ConnectedApplication", "SELECT MasterLabel FROM ExternalClientApplication"
    policy = "SELECT PermittedUsersPolicyType FROM ExtlClntAppOauthPlcyCnfg"
    assert (names(connected), names(external), names(policy)) == (["Provisioner"], [], [])
    broken("external-client-app", "user-not-approved")
    assert (names(connected), names(external), names(policy)) == ([], ["Provisioner"], ["AllSelfAuthorized"])
    broken("app-not-installed")
    assert names(external) == []


def test_an_instance_url_may_lead_elsewhere(stranger: Client, broken: Callable[..., None]) -> None:
    broken("instance-url-elsewhere")
    assert stranger.ask_token().json()["instance_url"] == "https://elsewhere.example"
