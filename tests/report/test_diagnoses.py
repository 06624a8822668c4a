"""What is said of keys, tokens and endpoints: the verdict and the next step first."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from provisioner.jose.diagnosis import diagnose
from provisioner.jose.endpoint_diagnosis import judge_endpoint
from provisioner.jose.jwks_answer import JwksAnswer, NoAnswer
from provisioner.jose.repair import Given, repair
from provisioner.report.endpoint import endpoint_json, endpoint_view
from provisioner.report.key import key_json, key_view
from provisioner.report.style import Style
from provisioner.report.terminal import terminal
from provisioner.report.token import token_json, token_view
from provisioner.report.visible import without_credentials
from provisioner.tokens.explain import explain
from tests.jose.making import NOW, public_pem
from tests.report import diagnosed
from tests.report.golden import assert_golden, assert_golden_json
from tests.tokens.making import TIME, token

EXPIRED = {"begins": NOW - timedelta(days=400), "ends": NOW - timedelta(days=1)}
TOOL = {**diagnosed.members(), "y": "y", "crv": "crv", "d": "d", "k": "k"}
PRINTED = b"reading Resource path\nJWK : " + json.dumps(TOOL).encode() + b"\n"
BROKEN = diagnosed.members(alg="none", x5c=diagnosed.shop().public_bytes(Encoding.PEM).decode(), p="private")


@pytest.mark.parametrize(
    ("name", "path", "content", "given", "written"),
    [
        ("a certificate", "shop.crt", diagnosed.shop().public_bytes(Encoding.PEM), Given(), None),
        ("an expired certificate", "old.crt", diagnosed.shop(**EXPIRED).public_bytes(Encoding.PEM), Given(), None),
        ("what Salesforce's tool printed, repaired", "out.txt", PRINTED, Given(), "key.jwk.json"),
        ("a JWK with three faults", "key.json", json.dumps(BROKEN, indent=2).encode(), Given(), None),
        ("a public key and its kid", "shop.pub", public_pem(diagnosed.private_key()), Given(kid="a b"), None),
        ("a JWK that uploads", "key.jwk.json", json.dumps(diagnosed.members()).encode(), Given(), None),
        ("a set of keys", "jwks.json", json.dumps({"keys": [diagnosed.members()] * 2}).encode(), Given(), None),
    ],
)
def test_a_key(name: str, path: str, content: bytes, given: Given, written: str | None) -> None:
    found = diagnose(content, path, NOW)
    repaired = repair(found, given, NOW)
    asked = written is not None
    assert_golden(
        f"key/{name}.txt",
        terminal(key_view(path, found, repaired, given=given, asked=asked, written=written), Style(100)),
    )
    assert_golden_json(f"key/{name}.json", key_json(path, found, repaired, asked=asked, written=written))


def test_a_key_in_colour() -> None:
    found = diagnose(PRINTED, "out.txt", NOW)
    assert_golden(
        "key/in colour.txt", terminal(key_view("out.txt", found, repair(found, Given(), NOW)), Style(80, True))
    )


KEY = diagnosed.private_key()
SLASH = token({"iss": "https://id.example.com/"}, key=KEY)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("accepted", token(key=KEY)),
        ("an issuer with a slash", SLASH),
        ("three faults", token({"exp": TIME - 7200, "sub": None}, {"kid": "shop"}, key=KEY)),
        ("not proven, and noted", token({"exp": TIME + 7200, "aud": "x", "iat": None}, {"typ": None}, key=KEY)),
        ("a token for Intercom", token({"user_id": "17"}, alg="HS256", key="0" * 40)),
        ("no token at all", b"<html>502 Bad Gateway</html>"),
    ],
)
def test_a_token(name: str, content: bytes) -> None:
    state = diagnosed.state()
    explanation = explain(content, state, state.channels["Web_Chat"], NOW)
    assert_golden(f"token/{name}.txt", terminal(token_view(explanation, state.source), Style(100)))
    shape = token_json(explanation, environment="sandbox", channel="Web_Chat", live=False)
    assert_golden_json(f"token/{name}.json", shape)


def test_a_token_in_colour_with_its_claims() -> None:
    state = diagnosed.state()
    explanation = explain(SLASH, state, None, NOW)
    text = terminal(token_view(explanation, state.source, show_claims=True), Style(80, True))
    assert_golden("token/in colour.txt", text)


def test_a_token_cannot_write_on_the_terminal() -> None:
    evil = "\x1b[2J\nAccepted: everything \u202e"
    state = diagnosed.state()
    content = token({"iss": evil, "sub": evil, evil: evil}, {"kid": evil, "alg": evil, evil: evil}, key=KEY)
    text = terminal(token_view(explain(content, state, None, NOW), state.source, show_claims=True), Style(80))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\nAccepted" not in text


SERVED = json.dumps({"keys": [diagnosed.members(), {"kty": "EC", "kid": "ec-1", "crv": "P-256"}]}).encode()


ANSWERS: dict[str, tuple[JwksAnswer | NoAnswer, str | None]] = {
    "good": (diagnosed.answer(SERVED), "shop-1"),
    "a kid that is not there": (diagnosed.answer(SERVED), "shop-2"),
    "a login page": (diagnosed.answer(b"<html>", content_type="text/html"), None),
    "a login": (diagnosed.answer(b"", status=401), None),
    "no answer": (NoAnswer("endpoint-too-slow", "It did not answer.", "Answer at once.", certain=False), None),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_endpoint(name: str) -> None:
    answered, kid = ANSWERS[name]
    diagnosis = judge_endpoint(diagnosed.URL, answered, NOW, kid)
    assert_golden(f"endpoint/{name}.txt", terminal(endpoint_view(diagnosis), Style(100)))
    assert_golden_json(f"endpoint/{name}.json", endpoint_json(diagnosis))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://id.example.com/a@b", "https://id.example.com/a@b"),
        ("https://me:pw@id.example.com/", "https://***@id.example.com/"),
        ("https://me:p@w@id.example.com/", "https://***@id.example.com/"),
        ("//me@id.example.com", "//***@id.example.com"),
        ("me:pw@id.example.com", "***@id.example.com"),
        ("https:me:pw@id.example.com", "https:***@id.example.com"),
    ],
)
def test_credentials_in_a_url_are_masked(url: str, shown: str) -> None:
    masked = without_credentials(url)
    assert masked == shown or ("pw" not in masked and masked.endswith("@id.example.com"))
