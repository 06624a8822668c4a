"""The probes against a scripted org: what each wire looks like as evidence, and what never leaves this machine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from provisioner.diagnosis.findings import LoginDiagnosis, Verdict
from provisioner.diagnosis.login.diagnosis import diagnose
from provisioner.diagnosis.login.evidence import Configured, LoginEvidence
from provisioner.diagnosis.login.gather import Login, gather
from provisioner.diagnosis.login.probes.network import _without_password
from provisioner.diagnosis.login.probes.session import choose_version
from provisioner.salesforce.clock import Clock
from provisioner.secrets import Secret
from tests.salesforce.certificates import Authority, make_authority, pem
from tests.salesforce.conftest import Waits, authority, no_environment, rsa_key, scripted, waits
from tests.salesforce.flawed import check_the_form, flawed_authority
from tests.salesforce.proxy import Proxy
from tests.salesforce.server import (
    CUT,
    HTML_503,
    ORG_ID,
    Answer,
    ScriptedOrg,
    json_answer,
    oauth_error,
    records,
    rest_error,
)

__all__ = ["authority", "no_environment", "rsa_key", "scripted", "waits"]
ACME = "https://acme.my.salesforce.com"


@pytest.fixture
def login(scripted: ScriptedOrg, authority: Authority, rsa_key: rsa.RSAPrivateKey) -> Login:
    return Login(
        Configured(
            environment="uat",
            login_url=scripted.url,
            audience=scripted.url,
            username="ci@acme.com.uat",
            consumer_key="3MVG9" + "a" * 80,
        ),
        private_key=Secret(pem(rsa_key).decode()),
        ca_bundle=authority.ca_bundle,
    )


def at(login: Login, url: str, **changes: Any) -> Login:
    return replace(login, configured=replace(login.configured, login_url=url, audience=url, **changes))


def look(login: Login, waits: Waits) -> tuple[LoginEvidence, LoginDiagnosis]:
    evidence = gather(login, waits.clock)
    return evidence, diagnose(evidence)


def causes(diagnosis: LoginDiagnosis) -> list[str]:
    return [finding.cause for finding in diagnosis.findings]


def test_one_assertion_and_two_calls_are_sent(login: Login, scripted: ScriptedOrg, waits: Waits) -> None:
    _, diagnosis = look(login, waits)
    names = [received.name for received in scripted.received]
    assert names.count("token") == 1
    assert len(names) <= 5
    assert "Authorization" not in next(r for r in scripted.received if r.name == "token").headers
    assert diagnosis.verdict in (Verdict.OK, Verdict.FAILING)


@pytest.mark.parametrize(
    ("answer", "first", "verdict"),
    [
        (Answer("", 302, {"Location": "https://x.lightning.force.com/"}), "not-a-login-host", Verdict.FAILING),
        (Answer("<html><title>Shop</title></html>", 200), "not-a-login-host", Verdict.FAILING),
        (Answer("Only POST allowed", 405), "not-a-login-host", Verdict.FAILING),
        (Answer("", 200), "not-a-login-host", Verdict.FAILING),
        (HTML_503, "maintenance", Verdict.UNREACHABLE),
        (Answer("", 503), "maintenance", Verdict.UNREACHABLE),
        (Answer("Bad Gateway", 502), "transient", Verdict.UNREACHABLE),
        (Answer("<html><title>Proxy</title></html>", 407), "proxy", Verdict.UNREACHABLE),
        (json_answer({"error": "unknown_error", "error_description": "retry your request"}, 500), "transient",
         Verdict.FAILING),
        (json_answer(["no", "object"]), "not-a-login-host", Verdict.FAILING),
        (json_answer({"access_token": 7}), "not-a-login-host", Verdict.FAILING),
        (oauth_error("invalid_grant", "x" * 5000), "unknown", Verdict.FAILING),
    ],
)  # fmt: skip
def test_every_shape_of_an_answer_is_understood(
    login: Login, scripted: ScriptedOrg, waits: Waits, answer: Answer, first: str, verdict: Verdict
) -> None:
    scripted.always("token", answer)
    _, diagnosis = look(login, waits)
    assert (causes(diagnosis)[0], diagnosis.verdict) == (first, verdict)
    assert scripted.count("token") == 1


def test_a_connection_that_is_cut_at_the_token_endpoint(login: Login, scripted: ScriptedOrg, waits: Waits) -> None:
    scripted.always("token", CUT)
    evidence, diagnosis = look(login, waits)
    assert evidence.answer is None
    assert diagnosis.verdict is Verdict.UNREACHABLE
    assert diagnosis.findings
    assert scripted.count("token") == 1


def test_a_session_for_somebody_else_is_not_used(login: Login, scripted: ScriptedOrg, waits: Waits) -> None:
    token = {"access_token": "00D!x", "instance_url": "https://evil.example.com", "token_type": "Bearer"}
    scripted.always("token", json_answer(token))
    _, diagnosis = look(login, waits)
    assert diagnosis.verdict is Verdict.FAILING
    assert causes(diagnosis)[0] == "not-a-login-host"
    assert "evil.example.com" in diagnosis.findings[0].evidence[0]
    assert scripted.received[-1].name == "token"


@pytest.mark.parametrize("offset", [-7200, 0, 600])
def test_the_date_header_is_compared_with_the_clock(
    login: Login, scripted: ScriptedOrg, waits: Waits, offset: int
) -> None:
    scripted.always("token", oauth_error("invalid_grant", "expired authorization code"))
    clock = Clock(now=lambda: time.time() - offset, sleep=waits.sleep)
    evidence = gather(login, clock)
    assert evidence.network is not None
    assert evidence.network.skew is not None
    assert abs(evidence.network.skew - offset) < 2.0
    assert causes(diagnose(evidence))[0] == ("clock-skew" if offset > 60 else "expired-assertion")


def test_an_untrusted_certificate_names_its_issuer(
    login: Login, scripted: ScriptedOrg, waits: Waits, tmp_path: Any
) -> None:
    other = make_authority(tmp_path, "stranger")
    evidence, diagnosis = look(replace(login, ca_bundle=other.ca_bundle), waits)
    assert causes(diagnosis)[0] == "tls-untrusted"
    assert evidence.network is not None
    assert evidence.network.tls_issuer == "CN=trusted"
    assert "CN=trusted" in diagnosis.findings[0].evidence[0]
    assert scripted.received == []


@pytest.mark.parametrize(
    ("flaw", "cure"),
    [
        ("no-authority-key-identifier", "authorityKeyIdentifier = keyid"),
        ("no-key-usage", "keyUsage = critical, keyCertSign, cRLSign"),
        ("basic-constraints-not-critical", "basicConstraints = critical, CA:TRUE"),
    ],
)
def test_a_flaw_of_form_is_no_matter_of_the_bundle(
    login: Login, waits: Waits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flaw: str, cure: str
) -> None:
    check_the_form(monkeypatch)
    flawed = flawed_authority(tmp_path, flaw)
    org = ScriptedOrg(flawed.server_chain)
    _, diagnosis = look(replace(at(login, org.url), ca_bundle=flawed.ca_bundle), waits)
    org.stop()
    (finding,) = (each for each in diagnosis.findings if each.cause == "tls-untrusted")
    (fix,) = finding.fix
    assert finding.rank == 1
    assert "which Python 3.13 and later refuse" in finding.evidence[0]
    assert cure in fix
    assert "Python 3.12" in fix
    assert "set ca_bundle" not in fix


def test_a_bundle_that_is_none_is_the_only_advice(login: Login, waits: Waits, tmp_path: Path) -> None:
    _, diagnosis = look(replace(login, ca_bundle=tmp_path / "nowhere.pem"), waits)
    (finding,) = (each for each in diagnosis.findings if each.cause == "tls-untrusted")
    assert finding.fix == (
        "Set ca_bundle to a PEM file that holds the certificate of the authority that signed the host certificate.",
    )
    assert any("cannot be read" in each for each in finding.evidence)


def test_a_variable_that_names_no_bundle_is_a_finding(
    login: Login, waits: Waits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    _, diagnosis = look(replace(login, ca_bundle=None), waits)
    assert causes(diagnosis)[0] == "tls-untrusted"
    assert diagnosis.findings[0].fix[0].startswith("Set REQUESTS_CA_BUNDLE to a PEM file")


def test_nothing_is_sent_to_a_host_that_may_see_no_assertion(login: Login, scripted: ScriptedOrg, waits: Waits) -> None:
    stray = at(login, f"https://127.0.0.1.nip.invalid:{scripted.port}")
    stray = replace(stray, configured=replace(stray.configured, audience="https://login.salesforce.com"))
    evidence, diagnosis = look(stray, waits)
    assert evidence.network is not None
    assert evidence.network.refused is not None
    assert evidence.answer is None
    assert scripted.received == []
    assert {"host-not-found", "not-a-login-host"} & set(causes(diagnosis))


@pytest.fixture
def refusing(scripted: ScriptedOrg, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    made = Proxy(scripted.port, "407 Proxy Authentication Required")
    monkeypatch.setenv("HTTPS_PROXY", made.url.replace("http://", "http://somebody:a-password@"))
    yield made
    made.stop()


def test_a_refusing_proxy_is_certain_without_its_password(login: Login, refusing: Proxy, waits: Waits) -> None:
    evidence, diagnosis = look(at(login, ACME), waits)
    assert (causes(diagnosis)[0], diagnosis.verdict) == ("proxy", Verdict.UNREACHABLE)
    assert refusing.connects
    assert "a-password" not in repr((evidence.network, diagnosis))
    assert evidence.network is not None
    assert evidence.network.proxy == refusing.url


def test_a_proxy_that_nobody_runs(login: Login, monkeypatch: pytest.MonkeyPatch, waits: Waits) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    _, diagnosis = look(at(login, ACME), waits)
    assert (causes(diagnosis)[0], diagnosis.verdict) == ("proxy", Verdict.UNREACHABLE)


def test_a_name_behind_a_proxy_need_not_resolve_here(
    login: Login, scripted: ScriptedOrg, monkeypatch: pytest.MonkeyPatch, waits: Waits
) -> None:
    made = Proxy(scripted.port)
    monkeypatch.setenv("HTTPS_PROXY", made.url)
    evidence, diagnosis = look(at(login, ACME), waits)
    made.stop()
    assert evidence.answer is not None
    assert "host-not-found" not in causes(diagnosis)


def test_a_port_that_nobody_listens_on(login: Login, waits: Waits) -> None:
    _, diagnosis = look(at(login, "https://localhost:9"), waits)
    assert diagnosis.verdict is Verdict.UNREACHABLE
    assert "localhost" in diagnosis.findings[0].evidence[0]


@pytest.mark.parametrize(
    ("offered", "pinned", "chosen"),
    [
        (("62.0", "67.0", "9.0"), None, "67.0"),
        (("62.0", "67.0"), "62.0", "62.0"),
        (("62.0", "67.0"), "99.0", "67.0"),
        ((), None, "62.0"),
        ((), "65.0", "65.0"),
        (("nonsense",), None, "62.0"),
    ],
)
def test_the_version_of_the_calls(offered: tuple[str, ...], pinned: str | None, chosen: str) -> None:
    assert choose_version(offered, pinned) == chosen


def test_what_the_versions_page_really_is_stands_in_the_evidence(
    login: Login, scripted: ScriptedOrg, waits: Waits
) -> None:
    scripted.always("versions", Answer("<html><title>Acme Shop</title></html>"))
    scripted.always("token", Answer("<html><title>Acme Shop</title></html>"))
    evidence, diagnosis = look(login, waits)
    assert evidence.network is not None
    assert evidence.network.page == 'HTTP 200 and "Acme Shop"'
    assert causes(diagnosis) == ["not-a-login-host"]
    assert sum("Acme Shop" in sentence for sentence in diagnosis.findings[0].evidence) == 2


@pytest.mark.parametrize(
    ("answer", "org_id"),
    [
        (records({"Id": "00D5g0000000009EAA", "IsSandbox": True}), "00D5g0000000009EAA"),
        (rest_error("API_DISABLED_FOR_ORG", "API is disabled for this User", 403), ORG_ID),
    ],
)
def test_the_org_is_known_even_where_it_refuses_the_call(
    login: Login, scripted: ScriptedOrg, waits: Waits, answer: Answer, org_id: str
) -> None:
    scripted.always("query Organization", answer)
    evidence, _ = look(login, waits)
    assert evidence.session is not None
    assert evidence.session.org_id == org_id


@pytest.mark.parametrize("proxy", ["http://[bad", "http://proxy:99999999", "http://u:secret@h:port"])
def test_a_proxy_that_is_no_url_is_evidence(proxy: str) -> None:
    assert _without_password(proxy) == "a URL that cannot be read"


def test_a_proxy_is_shown_without_its_password() -> None:
    assert _without_password("http://user:secret@proxy:3128") == "http://proxy:3128"
