"""HTTPS: whose certificates are believed, which proxies are used, and what never leaves this machine."""

from __future__ import annotations

import gzip
import logging
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from provisioner.errors import InputError, UnreachableError
from provisioner.salesforce import Clock, LoginSettings, Org
from provisioner.salesforce.api_errors import AttemptFailed
from provisioner.salesforce.transport import Transport
from tests.salesforce.certificates import Authority, make_authority
from tests.salesforce.conftest import Waits
from tests.salesforce.proxy import Proxy
from tests.salesforce.server import TOKEN, Answer, ScriptedOrg, json_answer

Connect = Callable[..., Org]
ACME = "https://acme.my.salesforce.com"


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Another authority, which has signed nothing that the tests' server shows."""
    return make_authority(tmp_path_factory.mktemp("stranger"), "stranger")


@pytest.fixture
def proxy(scripted: ScriptedOrg, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    made = Proxy(scripted.port)
    monkeypatch.setenv("HTTPS_PROXY", made.url)
    yield made
    made.stop()


def test_a_stranger_is_not_believed(connect: Connect, scripted: ScriptedOrg, waits: Waits) -> None:
    with pytest.raises(UnreachableError, match="not trusted") as failed:
        connect(ca_bundle=None)
    assert failed.value.code == "tls-untrusted"
    assert "ca_bundle" in failed.value.next
    assert scripted.received == []
    assert waits.slept == [], "an untrusted certificate does not get better"


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_ca_bundle_wins_over_the_environment(
    connect: Connect, stranger: Authority, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(stranger.ca_bundle))
    connect().observe()


def test_the_ca_bundle_wins_also_where_it_is_the_wrong_one(
    connect: Connect, authority: Authority, stranger: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.ca_bundle))
    with pytest.raises(UnreachableError, match="not trusted"):
        connect(ca_bundle=stranger.ca_bundle)


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_without_a_ca_bundle_the_environment_holds(
    connect: Connect, authority: Authority, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(authority.ca_bundle))
    connect(ca_bundle=None).observe()


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_an_unusable_ca_bundle_is_said_so_at_once(
    connect: Connect, scripted: ScriptedOrg, tmp_path: Path, content: str | None
) -> None:
    bundle = tmp_path / "ca.pem"
    if content is not None:
        bundle.write_text(content)
    with pytest.raises(InputError) as wrong:
        connect(ca_bundle=bundle)
    assert wrong.value.code == "ca-bundle-unreadable"
    assert str(bundle) in wrong.value.message


def test_an_environment_that_names_no_file_is_said_so(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    with pytest.raises(InputError, match=r"/nowhere/ca\.pem"):
        connect(ca_bundle=None)


def test_netrc_adds_and_replaces_nothing(
    connect: Connect, scripted: ScriptedOrg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine localhost login mallory password hunter2\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))

    org = connect()
    org.observe()

    sent = {received.name: received.headers.get("Authorization") for received in scripted.received}
    assert sent["token"] is None
    assert sent["versions"] is None
    assert sent["listMetadata"] is None
    assert sent["query Organization"] == f"Bearer {TOKEN}"


def test_proxy_variables_are_honoured(connect: Connect, scripted: ScriptedOrg, proxy: Proxy) -> None:
    scripted.always("token", json_answer({"access_token": TOKEN, "instance_url": ACME}))
    connect(login_url=ACME, audience=ACME)
    assert set(proxy.connects) == {"acme.my.salesforce.com:443"}
    assert sorted(scripted.names()) == ["token", "versions"]


def test_a_host_of_many_orgs_does_not_tell_the_versions(connect: Connect, scripted: ScriptedOrg, proxy: Proxy) -> None:
    login = "https://login.salesforce.com"
    scripted.always("token", json_answer({"access_token": TOKEN, "instance_url": ACME}))
    connect(login_url=login, audience=login)
    assert proxy.connects == ["login.salesforce.com:443", "acme.my.salesforce.com:443"]
    assert scripted.names() == ["token", "versions"]


@pytest.mark.parametrize("instance", [ACME, "https://other.my.salesforce.com"])
def test_the_orgs_own_host_tells_the_versions(
    connect: Connect, scripted: ScriptedOrg, proxy: Proxy, instance: str
) -> None:
    scripted.always("token", json_answer({"access_token": TOKEN, "instance_url": instance}))
    connect(login_url=ACME, audience="https://login.salesforce.com")
    assert instance.removeprefix("https://") + ":443" in proxy.connects
    assert scripted.count("versions") == (1 if instance == ACME else 2)


def test_no_proxy_is_used_towards_this_machine(connect: Connect, proxy: Proxy) -> None:
    connect()
    assert proxy.connects == []


def test_a_proxy_that_refuses_is_named(
    connect: Connect, scripted: ScriptedOrg, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing = Proxy(scripted.port, "407 Proxy Authentication Required")
    monkeypatch.setenv("HTTPS_PROXY", refusing.url)
    with pytest.raises(UnreachableError, match="407") as failed:
        connect(login_url=ACME, audience=ACME)
    refusing.stop()
    assert failed.value.code == "proxy"
    assert len(refusing.connects) <= 2, "the login and the versions once each: nothing is tried again"


def test_an_unknown_host_is_said_to_be_one(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnreachableError, match=r"nowhere\.my\.salesforce\.com was not found") as failed:
        connect(login_url="https://nowhere.my.salesforce.com", audience="https://nowhere.my.salesforce.com")
    assert failed.value.code == "host-not-found"


def test_a_closed_port_is_tried_five_times(connect: Connect, scripted: ScriptedOrg, waits: Waits) -> None:
    scripted.stop()
    with pytest.raises(UnreachableError, match=r"Cannot connect to localhost \(Connection refused\)"):
        connect()
    assert len(waits.slept) == 4


def test_a_cut_answer_is_asked_for_again(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.script("versions", Answer('[{"version": "67.0"}]', cut=9))
    org = connect()
    assert org.versions.chosen == "67.0"
    assert scripted.count("versions") == 2
    assert org.requests_made == 3


@pytest.mark.parametrize("elsewhere", ["https://127.0.0.1:1/stolen", "https://["])
def test_a_redirect_does_not_carry_the_session_elsewhere(
    connect: Connect, scripted: ScriptedOrg, elsewhere: str
) -> None:
    org = connect()
    for name in ("query Organization", "query MessagingChannel", "describeMetadata", "listMetadata"):
        scripted.always(name, Answer("", 302, {"Location": elsewhere}))
    with pytest.raises(UnreachableError, match="redirect") as failed:
        org.observe()
    assert failed.value.code == "redirected"
    assert scripted.count("listMetadata") == 1


def test_an_answer_that_only_drips_is_not_waited_for(settings: LoginSettings, scripted: ScriptedOrg) -> None:
    scripted.always("versions", Answer(" " * 6000, drip=0.01))
    transport = Transport(settings, Clock())
    began = time.monotonic()
    with pytest.raises(AttemptFailed, match="did not answer in time") as failed:
        transport.session(deadline=began + 0.5).get(f"{scripted.url}/services/data")
    assert time.monotonic() - began < 30, "the time limit of requests counts from byte to byte"
    assert failed.value.lost


@pytest.mark.parametrize("folded", [False, True])
def test_no_more_of_an_answer_is_read_than_the_limit(
    settings: LoginSettings, scripted: ScriptedOrg, folded: bool
) -> None:
    """A gzip of 60 kB unfolds to 60 MB: little more than the limit of it is ever held."""
    limit = 1_000_000
    unfolded = 60 * limit if folded else limit + 1
    body = gzip.compress(bytes(unfolded)) if folded else bytes(unfolded)
    scripted.always("versions", Answer(body, headers={"Content-Encoding": "gzip"} if folded else {}))
    transport = Transport(settings, Clock())
    tracemalloc.start()
    try:
        with pytest.raises(AttemptFailed, match="is larger than 1 MB; reading was stopped there") as failed:
            transport.session(time.monotonic() + 30, largest=limit).get(f"{scripted.url}/services/data")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert failed.value.lost, "what was asked may have been done"
    assert most < 20 * limit


def test_an_answer_up_to_the_limit_is_read(settings: LoginSettings, scripted: ScriptedOrg) -> None:
    scripted.always("versions", Answer(gzip.compress(b"x" * 1000), headers={"Content-Encoding": "gzip"}))
    session = Transport(settings, Clock()).session(time.monotonic() + 30, largest=1000)
    response = session.get(f"{scripted.url}/services/data")
    assert (response.content, response.text) == (b"x" * 1000, "x" * 1000)


def test_a_silent_org_is_given_up_after_the_time_limit(
    connect: Connect, scripted: ScriptedOrg, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted.script("token", Answer(cut=0, delay=60))
    began = time.monotonic()
    connect(timeout=1.0)
    assert time.monotonic() - began < 30
    assert scripted.count("token") == 2


def test_the_log_shows_the_wire_and_no_secret(
    connect: Connect, scripted: ScriptedOrg, settings: LoginSettings, caplog: pytest.LogCaptureFixture
) -> None:
    scripted.components["PublicKeyCertificate"]["k1"] = "<jsonWebKey>leaked, not even JSON</jsonWebKey>"
    scripted.components["PublicKeyCertificateSet"]["s1"] = '<description>{"kty":"RSA","d":"leaked"}</description>'
    with caplog.at_level(logging.DEBUG):
        org = connect()
        org.observe()
        org.deploy(b"the package", check_only=True)

    said = caplog.text
    assert "/services/Soap/m/67.0" in said
    assert "SELECT+Id%2C+IsSandbox" in said
    assert "readMetadata" in said
    assert TOKEN not in said
    assert "Authorization" not in said
    assert "leaked" not in said
    assert "dGhlIHBhY2thZ2U" not in said, "the package may hold what must not be shown"
    assert all(received.form["assertion"] not in said for received in scripted.received if received.name == "token")
    assert settings.private_key.reveal().splitlines()[1] not in said
