"""Whose certificates are believed: which authorities count, and what a refusal advises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests.adapters
from cryptography.hazmat.primitives.asymmetric import ec

from provisioner.errors import InputError, UnreachableError
from provisioner.jose.jwks_answer import JwksAnswer, NoAnswer
from provisioner.salesforce import LoginSettings, Org, trust
from provisioner.salesforce.clock import SYSTEM_CLOCK
from provisioner.salesforce.jwks_endpoint import fetch
from provisioner.salesforce.transport import Transport
from tests.salesforce.certificates import Authority, make_authority
from tests.salesforce.conftest import Waits
from tests.salesforce.flawed import FLAWS, check_the_form, flawed_authority
from tests.salesforce.proxy import Proxy
from tests.salesforce.server import TOKEN, ScriptedOrg, json_answer

Connect = Callable[..., Org]
Serve = Callable[[Authority], ScriptedOrg]
ACME = "https://acme.my.salesforce.com"
FORM_FLAWS = sorted(set(FLAWS) - {"none"})


@pytest.fixture
def stranger(tmp_path: Path) -> Authority:
    """An authority that has signed nothing that the tests' server shows."""
    return make_authority(tmp_path, "stranger")


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a scripted org with another authority's certificate."""
    running: list[ScriptedOrg] = []

    def started(authority: Authority) -> ScriptedOrg:
        running.append(ScriptedOrg(authority.server_chain))
        return running[-1]

    yield started
    for org in running:
        org.stop()


@pytest.fixture
def to(settings: LoginSettings, serve: Serve, waits: Waits) -> Callable[..., Org]:
    """Log in to an org that shows an authority's certificate."""

    def connected(authority: Authority, ca_bundle: Path | None) -> Org:
        url = serve(authority).url
        changed = replace(settings, login_url=url, audience=url, ca_bundle=ca_bundle)
        return Org.connect(changed, clock=waits.clock)

    return connected


# Which authorities count


def test_the_systems_store_counts_without_a_bundle(
    connect: Connect, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenSSL's own variable names the store, as an administrator would who has moved it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_bundle))
    connect(ca_bundle=None).observe()


def test_the_systems_store_counts_behind_a_proxy(
    connect: Connect, scripted: ScriptedOrg, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = Proxy(scripted.port)
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    scripted.always("token", json_answer({"access_token": TOKEN, "instance_url": ACME}))
    with pytest.raises(UnreachableError, match="not trusted"):
        connect(login_url=ACME, audience=ACME, ca_bundle=None)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_bundle))
    connect(login_url=ACME, audience=ACME, ca_bundle=None)
    proxy.stop()
    assert set(proxy.connects) == {"acme.my.salesforce.com:443"}


def test_no_list_of_a_library_counts_beside_the_store(
    connect: Connect, authority: Authority, stranger: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An authority that the system does not trust is not trusted because a Python package does."""
    monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(authority.ca_bundle))
    monkeypatch.setenv("SSL_CERT_FILE", str(stranger.ca_bundle))
    with pytest.raises(UnreachableError, match="not trusted"):
        connect(ca_bundle=None)


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize("trusted", [True, False])
def test_a_variable_wins_over_the_systems_store(
    connect: Connect,
    authority: Authority,
    stranger: Authority,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    trusted: bool,
) -> None:
    first, second = (authority, stranger) if trusted else (stranger, authority)
    monkeypatch.setenv(variable, str(first.ca_bundle))
    monkeypatch.setenv("SSL_CERT_FILE", str(second.ca_bundle))
    if trusted:
        connect(ca_bundle=None).observe()
        return
    with pytest.raises(UnreachableError, match="not trusted") as failed:
        connect(ca_bundle=None)
    assert f"{first.ca_bundle} ({variable})" in failed.value.message
    assert f"set {variable} to a file" in failed.value.next


def test_of_both_variables_requests_own_comes_first(
    connect: Connect, authority: Authority, stranger: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.ca_bundle))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(stranger.ca_bundle))
    connect(ca_bundle=None).observe()


@pytest.mark.parametrize("trusted", [True, False])
def test_ca_bundle_wins_over_everything(
    connect: Connect, authority: Authority, stranger: Authority, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    first, others = (authority, stranger) if trusted else (stranger, authority)
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(variable, str(others.ca_bundle))
    if trusted:
        connect(ca_bundle=first.ca_bundle).observe()
    else:
        with pytest.raises(UnreachableError, match=r"\(ca_bundle\)"):
            connect(ca_bundle=first.ca_bundle)


def test_a_variable_that_names_nothing_is_named(settings: LoginSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURL_CA_BUNDLE", "/nowhere/ca.pem")
    with pytest.raises(InputError, match=r"/nowhere/ca\.pem \(CURL_CA_BUNDLE\) cannot be read") as failed:
        Transport(replace(settings, ca_bundle=None), SYSTEM_CLOCK)
    assert failed.value.next.startswith("Set CURL_CA_BUNDLE to a PEM file")


def test_a_jwks_endpoint_needs_a_public_authority(
    scripted: ScriptedOrg, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Salesforce has not this machine's store: what only that one trusts would not verify there."""
    scripted.always("/jwks.json", json_answer({"keys": []}))
    url = f"{scripted.url}/jwks.json"
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_bundle))
    refused = fetch(url, allow_private=True)
    assert isinstance(refused, NoAnswer)
    assert refused.rule == "endpoint-tls"
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.ca_bundle))
    answer = fetch(url, allow_private=True)
    assert isinstance(answer, JwksAnswer)
    assert answer.private_ca
    monkeypatch.setattr(trust, "DEFAULT_CA_BUNDLE_PATH", str(authority.ca_bundle))
    answer = fetch(url, allow_private=True)
    assert isinstance(answer, JwksAnswer)
    assert not answer.private_ca, "the public authorities vouch for it, whatever else a variable names"


# What a refusal advises


@pytest.mark.parametrize("by_variable", [False, True])
@pytest.mark.parametrize("flaw", FORM_FLAWS)
def test_a_flaw_of_form_is_named_with_its_cure(
    to: Callable[..., Org], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flaw: str, by_variable: bool
) -> None:
    check_the_form(monkeypatch)
    authority = flawed_authority(tmp_path, flaw)
    if by_variable:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.ca_bundle))
    with pytest.raises(UnreachableError) as failed:
        to(authority, None if by_variable else authority.ca_bundle)
    what, cure = {
        "no-authority-key-identifier": ("has no Authority Key Identifier", "authorityKeyIdentifier = keyid"),
        "no-key-usage": ("has no Key Usage", "keyUsage = critical, keyCertSign, cRLSign"),
        "basic-constraints-not-critical": ("not marked critical", "basicConstraints = critical, CA:TRUE"),
        "no-subject-key-identifier": ("has no Subject Key Identifier", "subjectKeyIdentifier = hash"),
    }[flaw]
    assert what in failed.value.message
    assert "which Python 3.13 and later refuse" in failed.value.message
    assert cure in failed.value.next
    assert "run this program with Python 3.12" in failed.value.next
    assert "set ca_bundle" not in failed.value.next
    assert ("unset REQUESTS_CA_BUNDLE" if by_variable else "remove ca_bundle") in failed.value.next


@pytest.mark.parametrize("flaw", FORM_FLAWS)
def test_the_systems_store_has_rules_of_its_own(
    to: Callable[..., Org], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flaw: str
) -> None:
    """The way out that the message offers, taken."""
    check_the_form(monkeypatch)
    authority = flawed_authority(tmp_path, flaw)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_bundle))
    to(authority, None).observe()


@pytest.mark.parametrize("flaw", ["no-key-usage", "basic-constraints-not-critical", "no-subject-key-identifier"])
def test_an_authority_issued_again_cures_the_flaw(
    to: Callable[..., Org], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flaw: str
) -> None:
    """The other way out, taken: the same key and name, so that the server's certificate stays as it is."""
    check_the_form(monkeypatch)
    key = ec.generate_private_key(ec.SECP256R1())
    flawed, again = (flawed_authority(tmp_path, each, ca_key=key) for each in (flaw, "none"))
    to(replace(flawed, ca_bundle=again.ca_bundle), again.ca_bundle).observe()


@pytest.mark.parametrize("system", [False, True])
@pytest.mark.parametrize(
    ("changes", "why", "cure"),
    [
        ({"days": -1}, "has expired", "Check the clock of this machine"),
        ({"names": ("elsewhere.example.com",)}, "mismatch", "Check login_url for a typo"),
    ],
)
def test_date_and_name_are_checked_whoever_signed(
    to: Callable[..., Org],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    system: bool,
    changes: dict[str, object],
    why: str,
    cure: str,
) -> None:
    authority = flawed_authority(tmp_path, "none", **changes)  # type: ignore[arg-type]
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_bundle))
    with pytest.raises(UnreachableError, match=why) as failed:
        to(authority, None if system else authority.ca_bundle)
    assert failed.value.next.startswith(cure)
    assert "ca_bundle" not in failed.value.next


def test_a_bundle_without_the_authority_is_to_be_completed(
    connect: Connect, stranger: Authority, scripted: ScriptedOrg
) -> None:
    with pytest.raises(UnreachableError, match="not trusted") as failed:
        connect(ca_bundle=stranger.ca_bundle)
    assert f"(PEM) to {stranger.ca_bundle}" in failed.value.next
    assert "set ca_bundle in the environment file" not in failed.value.next
    assert scripted.received == []


@pytest.mark.parametrize("flaw", FORM_FLAWS)
def test_an_endpoints_flaw_of_form_is_named_too(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flaw: str
) -> None:
    check_the_form(monkeypatch)
    authority = flawed_authority(tmp_path, flaw)
    scripted = serve(authority)
    refused = fetch(f"{scripted.url}/jwks.json", allow_private=True, ca_bundle=authority.ca_bundle)
    assert isinstance(refused, NoAnswer)
    assert "which Python 3.13 and later refuse" in refused.message
    assert "issued again" in refused.fix
    assert "--ca-bundle" not in refused.fix


def test_a_bundle_that_lacks_an_endpoints_authority(scripted: ScriptedOrg, stranger: Authority) -> None:
    refused = fetch(f"{scripted.url}/jwks.json", allow_private=True, ca_bundle=stranger.ca_bundle)
    assert isinstance(refused, NoAnswer)
    assert str(stranger.ca_bundle) in refused.fix
    assert "--ca-bundle FILE" not in refused.fix
