"""``provisioner diagnose endpoint`` against a real HTTPS server on this machine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from provisioner.salesforce import jwks_endpoint
from tests.cli.offline import Desk, Said
from tests.localorg import material
from tests.salesforce.certificates import Authority, make_authority
from tests.salesforce.test_jwks_endpoint import Endpoint, reply

GOOD = {"Content_Type": "application/json", "Cache_Control": "max-age=300"}


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path, capsys)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return make_authority(tmp_path, "endpoint")


@pytest.fixture
def endpoint(authority: Authority) -> Iterator[Endpoint]:
    serving = Endpoint(authority.server_chain)
    body = json.dumps({"keys": [material.members()]}).encode()
    serving.answer = lambda request: reply(request, body, **GOOD)
    yield serving
    serving.stop()


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback passes for an address of the public Internet."""
    monkeypatch.setattr(jwks_endpoint, "is_public", lambda address: True)


def ask(desk: Desk, endpoint: Endpoint, authority: Authority, *words: str) -> Said:
    options = ("--allow-private", "--ca-bundle", str(authority.ca_bundle), "--timeout", "5")
    return desk.run("diagnose", "endpoint", endpoint.url, *options, *words)


@pytest.mark.usefixtures("public")
def test_a_good_endpoint(desk: Desk, endpoint: Endpoint, authority: Authority) -> None:
    said = ask(desk, endpoint, authority, "--format", "json", "--kid", "kid-1")
    document = said.json
    assert (said.status, document["verdict"], document["format_version"]) == (0, "ok", "1")
    assert [each["rule"] for each in document["findings"]] == ["endpoint-private-ca"]
    assert (document["reachable"], document["answer_good"], document["followed"]) == (True, True, None)
    assert document["kid"] == {"wanted": "kid-1", "found": True}
    assert (document["keys"][0]["kid"], document["keys"][0]["usable"]) == ("kid-1", True)
    assert document["answer"]["status"] == 200
    human = ask(desk, endpoint, authority)
    assert human.out.splitlines()[1].startswith("Good: 1 key that Salesforce can verify tokens with")


def test_a_private_address_is_never_called_good(desk: Desk, endpoint: Endpoint, authority: Authority) -> None:
    said = ask(desk, endpoint, authority, "--format", "json", "--kid", "kid-1")
    document = said.json
    assert (said.status, document["verdict"]) == (1, "failing")
    assert (document["reachable"], document["answer_good"]) == (False, True)
    human = " ".join(ask(desk, endpoint, authority).out.split())
    assert "Failing: Salesforce cannot reach this address. The answer itself holds 1 key" in human
    assert "Good" not in human


@pytest.mark.usefixtures("public")
def test_an_issuer_is_followed_to_its_keys(desk: Desk, endpoint: Endpoint, authority: Authority) -> None:
    keys = json.dumps({"keys": [material.members()]}).encode()
    root = endpoint.url.rpartition("/")[0]
    described = json.dumps({"issuer": "https://id.example.com/", "jwks_uri": f"{root}/keys"}).encode()

    def answer(request: Any) -> None:
        body = {"/.well-known/openid-configuration": described, "/keys": keys}.get(request.path)
        reply(request, body or b"<title>Not here</title>", 200 if body else 404, **GOOD)

    endpoint.answer = answer
    for url in (f"{root}/", f"{root}/.well-known/openid-configuration"):
        options = ("--allow-private", "--ca-bundle", str(authority.ca_bundle), "--timeout", "5")
        document = desk.run("diagnose", "endpoint", url, *options, "--format", "json").json
        assert document["verdict"] == "failing"
        assert document["followed"]["verdict"] == "ok"
        assert document["keyset"] == {"issuer": "https://id.example.com/", "endpoint": f"{root}/keys"}
        human = desk.run("diagnose", "endpoint", url, *options).out
        assert 'issuer: "https://id.example.com/"' in human
        assert f'endpoint: "{root}/keys"' in human


@pytest.mark.usefixtures("public")
@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (403, b"<html><head><title>Just a moment...</title></head><body>x</body></html>", "a bot check answers"),
        (403, b"<h1>Forbidden by the firewall</h1>", 'begins with: "Forbidden by the firewall"'),
        (502, b"upstream\nfailed", 'begins with: "upstream"'),
        (200, b"<!DOCTYPE html><title>Sign &amp; in</title>", 'begins with: "Sign & in"'),
    ],
)
def test_the_first_line_of_another_answer_is_shown(
    desk: Desk, endpoint: Endpoint, authority: Authority, status: int, body: bytes, said: str
) -> None:
    endpoint.answer = lambda request: reply(request, body, status, Content_Type="text/html")
    assert said in " ".join(ask(desk, endpoint, authority).out.split())


@pytest.mark.usefixtures("public")
def test_what_keys_jwks_prints_is_what_it_is_content_with(desk: Desk, endpoint: Endpoint, authority: Authority) -> None:
    """Two keys made here, printed, served with the advised header, looked at as Salesforce would."""
    desk.write("user-verification.yaml", "version: 1\nkeysets:\n  shop: {issuer: shop.example, keys: []}\n")
    for name in ("shop_1", "shop_2"):
        made = desk.run("keys", "generate", name, "--keyset", "shop", "--private-key", str(desk.folder / f"{name}.key"))
        assert made.status == 0, made.err
    printed = desk.run("keys", "jwks", "shop")
    advised = re.search(r"Cache-Control:\s+([^`]+)", printed.err)
    assert advised is not None
    headers = {"Content_Type": "application/json", "Cache_Control": " ".join(advised[1].split())}
    endpoint.answer = lambda request: reply(request, printed.out.encode(), **headers)
    said = ask(desk, endpoint, authority, "--format", "json", "--kid", "shop-2")
    assert (said.status, said.json["verdict"]) == (0, "ok")
    assert [each["rule"] for each in said.json["findings"]] == ["endpoint-private-ca"]
    assert [key["usable"] for key in said.json["keys"]] == [True, True]


def test_a_kid_that_it_does_not_serve(desk: Desk, endpoint: Endpoint, authority: Authority) -> None:
    said = ask(desk, endpoint, authority, "--kid", "kid-2")
    assert said.status == 1
    first = "\n".join(said.out.splitlines()[:6])
    assert "endpoint-kid-missing" in first
    assert "kid-1" in first


def test_a_login_page(desk: Desk, endpoint: Endpoint, authority: Authority) -> None:
    endpoint.answer = lambda request: reply(request, b"<html>Sign in</html>", Content_Type="text/html")
    said = ask(desk, endpoint, authority, "--format", "json")
    assert (said.status, said.json["verdict"]) == (1, "failing")
    assert [each["rule"] for each in said.json["findings"] if each["severity"] == "error"] == ["endpoint-not-jwks"]


def test_this_machine_is_not_asked_by_itself(desk: Desk, endpoint: Endpoint) -> None:
    said = desk.run("diagnose", "endpoint", endpoint.url)
    assert said.status == 1
    assert "keyset-endpoint-private-host" in said.out
    assert endpoint.seen == []


def test_nobody_answers(desk: Desk, endpoint: Endpoint, authority: Authority) -> None:
    endpoint.answer = lambda request: None
    said = ask(desk, endpoint, authority, "--format", "json")
    assert (said.status, said.json["verdict"], said.json["answer"]) == (4, "unreachable", None)
    assert ask(desk, endpoint, authority).out.splitlines()[1].startswith("No answer")


def test_credentials_in_the_url_are_neither_sent_nor_shown(desk: Desk) -> None:
    for form in ("human", "json"):
        said = desk.run("diagnose", "endpoint", "https://me:hunter2@id.example.com/jwks", "--format", form)
        assert said.status == 1
        assert "hunter2" not in said.out + said.err
        assert "keyset-endpoint-credentials" in said.out


def test_private_members_that_are_served_are_not_shown(desk: Desk, endpoint: Endpoint, authority: Authority) -> None:
    body = json.dumps({"keys": [material.members(d="SECRETSECRETSECRET")]}).encode()
    endpoint.answer = lambda request: reply(request, body, **GOOD)
    for form in ("human", "json"):
        said = ask(desk, endpoint, authority, "-vv", "--format", form)
        assert said.status == 1
        assert "SECRETSECRET" not in said.out + said.err


def test_a_ca_bundle_that_is_none_is_said(desk: Desk) -> None:
    said = desk.run("diagnose", "endpoint", "https://id.example.com", "--ca-bundle", "nowhere.pem", "--format", "json")
    assert (said.status, said.json["error"]["code"]) == (1, "ca-bundle-unreadable")


def test_an_answer_cannot_write_on_the_terminal(desk: Desk, endpoint: Endpoint, authority: Authority) -> None:
    body = json.dumps({"keys": [material.members(kid="\x1b[2Jgone", alg="\x9b31m")]}).encode()
    endpoint.answer = lambda request: reply(request, body, Content_Type="\x1b[2J/x")
    for form in ("human", "json"):
        said = ask(desk, endpoint, authority, "--format", form)
        assert "\x1b" not in said.out
        assert "\x9b" not in said.out
