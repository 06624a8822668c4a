"""``provisioner token explain``, against a declaration, against an org, and against people's mistakes."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli import chatting
from tests.cli.conftest import Person, Ran
from tests.localorg import material
from tests.salesforce.certificates import Authority, make_authority
from tests.salesforce.test_jwks_endpoint import Endpoint, reply

CHECKS = [
    *("structure", "alg", "typ", "kid", "kid-known", "iss", "iss-known", "sub", "exp", "expired", "signature"),
    *("key-active", "certificate-valid", "keyset-on-channel", "configuration-active", "endpoint-serves-kid"),
]
WEB = ("--channel", "Web_Chat")


@pytest.fixture
def mine(person: Person) -> Person:
    """A person whose declaration has their own key; nothing is applied."""
    chatting.with_own_key(person)
    return person


def explain(person: Person, token: str, *words: str) -> Ran:
    (person.folder / "token.txt").write_text(token)
    return person.run("token", "explain", "token.txt", "--env", "local", *words)


def judged(person: Person, token: str, *words: str) -> Any:
    ran = explain(person, token, "--format", "json", *words)
    document = ran.json
    assert [each["check"] for each in document["checks"]] == CHECKS
    assert all(set(each) == {"check", "status", "message", "fix"} for each in document["checks"])
    failed = any(each["status"] == "failed" for each in document["checks"])
    assert ran.status == (1 if failed else 0)
    assert document["accepted"] is (
        False if failed else True if all(each["status"] == "ok" for each in document["checks"]) else None
    )
    assert token not in ran.out + ran.err
    return document


def not_ok(document: Any) -> dict[str, str]:
    return {each["check"]: each["status"] for each in document["checks"] if each["status"] != "ok"}


def test_a_token_that_the_declaration_would_take(mine: Person) -> None:
    document = judged(mine, chatting.token(iat=int(time.time())), *WEB)
    assert (document["accepted"], document["format_version"], document["notes"]) == (True, "1", [])


def test_no_secret_and_no_org_is_needed(mine: Person) -> None:
    (mine.folder / "config/environments/real.yaml").write_text(
        "login_url: https://acme.my.salesforce.com\nusername: a@b.c\nconsumer_key: ${env:NOBODY_SET_THIS}\n"
        "private_key: ${file:~/nowhere.key}\nvariables: {storefront_issuer: https://id.example.com}\n"
    )
    (mine.folder / "t").write_text(chatting.token())
    assert mine.run("token", "explain", "t", "--env", "real").status == 0


@pytest.mark.parametrize(
    ("options", "failed"),
    [
        ({"iss": chatting.ISSUER + "/"}, "iss-known"),
        ({"kid": "storefront_2026_11"}, "kid-known"),
        ({"name": "stranger"}, "signature"),
        ({"exp": 1}, "expired"),
        ({"exp": "soon"}, "exp"),
        ({"sub": ""}, "sub"),
    ],
)
def test_each_reason_is_found(mine: Person, options: dict[str, Any], failed: str) -> None:
    document = judged(mine, chatting.token(**options), *WEB)
    assert not_ok(document)[failed] == "failed"
    assert [name for name, status in not_ok(document).items() if status == "failed"] == [failed]


def test_a_person_reads_the_reason_first(mine: Person) -> None:
    ran = explain(mine, chatting.token(iss=chatting.ISSUER + "/"), *WEB)
    assert ran.status == 1
    first = " ".join(" ".join(ran.out.splitlines()[:6]).split())
    assert first.startswith("Refused: 1 check failed")
    assert "failed iss-known" in first
    assert "slash at its end" in first


def test_claims_are_masked_unless_they_are_asked_for(mine: Person) -> None:
    token = chatting.token(sub="uv-probe-4711", email="jane@example.com")
    for form in ("human", "json"):
        ran = explain(mine, token, "--format", form, "-vv")
        assert "4711" not in ran.out + ran.err
        assert "jane" not in ran.out + ran.err
        shown = explain(mine, token, "--format", form, "--show-claims")
        assert "uv-probe-4711" in shown.out
        assert "jane@example.com" in shown.out
        assert token not in shown.out


def test_a_token_as_an_argument_is_refused_and_not_repeated(mine: Person) -> None:
    token = chatting.token()
    for word in (token, f"Bearer {token}", token[:40], "00D5g000004XXXX!AQEAQGibberish"):
        ran = mine.run("token", "explain", word, "--env", "local")
        assert ran.status == 64
        assert "history" in ran.err
        assert word not in ran.out + ran.err
    ran = mine.run("token", "explain", "a.txt", token, "--env", "local")
    assert ran.status == 64
    assert token not in ran.out + ran.err


def test_a_token_from_standard_input(mine: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"Bearer {chatting.token()}\n".encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert mine.run("token", "explain", "-", "--env", "local").status == 0


def test_a_mistake_is_named(mine: Person) -> None:
    document = judged(mine, json.dumps({"intercom_user_jwt": "x", "salesforce_identity_token": "y"}))
    assert document["recognised"]["kind"] == "settings"
    assert explain(mine, "").status == 1


def test_a_channel_that_nobody_declared(mine: Person) -> None:
    ran = explain(mine, chatting.token(), "--channel", "Web_Chta", "--format", "json")
    assert (ran.status, ran.json["error"]["code"]) == (64, "unknown-channel")
    assert "Did you mean Web_Chat?" in ran.json["error"]["message"]


@pytest.mark.parametrize(
    ("words", "status"),
    [(["nowhere.txt", "--env", "local"], 1), (["token.txt", "--live"], 64), (["token.txt", "--env", "x"], 64)],
)
def test_what_goes_wrong_is_said(mine: Person, words: list[str], status: int) -> None:
    (mine.folder / "token.txt").write_text("x")
    assert mine.run("token", "explain", *words).status == status


def test_no_project_is_needed(mine: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "token.txt").write_text(chatting.token())
    ran = mine.run("token", "explain", str(tmp_path / "token.txt"), "--format", "json")
    assert (ran.status, ran.json["environment"], ran.json["accepted"]) == (0, None, None)


def test_a_declaration_with_errors_is_still_of_use(mine: Person) -> None:
    mine.edit("keysets:", "keysets:\n  broken: {issuer: nobody, keys: []}")
    ran = explain(mine, chatting.token(), "--format", "json")
    assert ran.json["checks"]
    assert "provisioner validate" in ran.err


class TestLive:
    def test_the_org_is_asked(self, person: Person) -> None:
        chatting.provisioned(person)
        document = judged(person, chatting.token(), *WEB, "--live")
        assert (document["accepted"], document["live"]) == (True, True)

    def test_what_was_never_applied_is_missing_there(self, mine: Person) -> None:
        document = judged(mine, chatting.token(), *WEB, "--live")
        assert {"iss-known", "kid-known"} <= {name for name, status in not_ok(document).items() if status == "failed"}

    def test_what_somebody_changed_in_setup_is_seen(self, person: Person) -> None:
        chatting.provisioned(person)
        person.edit("    jwk: keys/own.jwk.json\n", "    jwk: keys/own.jwk.json\n    active: false\n")
        assert person.apply("--allow-destroy").status in (0, 3)
        person.edit("    active: false\n", "")
        document = judged(person, chatting.token(), *WEB)
        assert document["accepted"] is True

    def test_what_the_org_hides_is_not_known(self, person: Person) -> None:
        chatting.provisioned(person)
        person.breaks("channel-unreadable")
        document = judged(person, chatting.token(), "--live")
        assert not_ok(document) == {"keyset-on-channel": "unknown", "configuration-active": "unknown"}
        assert document["accepted"] is None


class TestEndpoints:
    @pytest.fixture
    def authority(self, tmp_path: Path) -> Authority:
        return make_authority(tmp_path, "endpoint")

    def declare(self, person: Person, url: str) -> None:
        text = person.declaration.read_text()
        person.declaration.write_text(text.replace("keys: [storefront_2026_11, legacy]", f"endpoint: {url}"))
        assert url in person.declaration.read_text()

    def test_an_endpoint_is_asked_where_that_is_wanted(self, mine: Person, authority: Authority) -> None:
        served = Endpoint(authority.server_chain)
        try:
            body = json.dumps({"keys": [material.members("storefront", "mine-1", x5c=None)]}).encode()
            served.answer = lambda request: reply(request, body, Content_Type="application/json")
            self.declare(mine, served.url)
            unasked = judged(mine, chatting.token(), *WEB)
            assert unasked["accepted"] is None
            assert not_ok(unasked)["endpoint-serves-kid"] == "unknown"
            assert mine.apply("--allow-destroy").status == 0
            trusting = ("--live", "--ca-bundle", str(authority.ca_bundle))
            private = judged(mine, chatting.token(), *WEB, *trusting)
            assert not_ok(private)["endpoint-serves-kid"] == "failed"
            asked = judged(mine, chatting.token(), *WEB, *trusting, "--allow-private")
            assert not_ok(asked) == {"certificate-valid": "unknown"}
            bad = json.dumps({"keys": [material.members("storefront", "mine-1", x5c=None, n="AQAB=")]}).encode()
            served.answer = lambda request: reply(request, bad, Content_Type="application/json")
            useless = judged(mine, chatting.token(), *WEB, *trusting, "--allow-private")
            (why,) = [each["message"] for each in useless["checks"] if each["check"] == "endpoint-serves-kid"]
            assert "cannot be used: keys[0]" in why
            other = judged(mine, chatting.token(kid="old"), *WEB, *trusting, "--allow-private")
            assert not_ok(other)["endpoint-serves-kid"] == "failed"
        finally:
            served.stop()
