"""``provisioner keys jwks``: what an endpoint of one's own should serve."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.offline import Desk
from tests.jose import making
from tests.jose.making import PEM, rsa_key

DECLARATION = """\
version: 1
keys:
  first: {certificate: keys/first.crt, kid: first}
  second: {certificate: keys/second.crt, kid: second, algorithm: RS512}
keysets:
  shop: {issuer: "https://id.example.com", keys: [second, first]}
  mobile: {issuer: "https://id.example.com/m", endpoint: "https://id.example.com/jwks.json"}
"""
NOW = datetime.now(UTC)


def pem(name: str, days: int = 365) -> str:
    made = making.certificate(rsa_key(name), begins=NOW - timedelta(days=400), ends=NOW + timedelta(days=days))
    return made.public_bytes(PEM).decode()


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    made = Desk(tmp_path, capsys)
    made.write("user-verification.yaml", DECLARATION)
    made.write("keys/first.crt", pem("first"))
    made.write("keys/second.crt", pem("second"))
    return made


def edit(desk: Desk, old: str, new: str) -> None:
    assert old in DECLARATION
    desk.write("user-verification.yaml", DECLARATION.replace(old, new))


def test_stdout_is_the_set_alone(desk: Desk) -> None:
    said = desk.run("keys", "jwks", "shop")

    assert said.status == 0
    assert [(key["kid"], key["alg"], key["use"]) for key in said.json["keys"]] == [
        ("second", "RS512", "sig"),
        ("first", "RS256", "sig"),
    ]
    assert said.json["keys"][1]["n"] == making.uint(rsa_key("first").public_key().public_numbers().n)
    assert list(said.json) == ["keys"]
    assert not {"d", "p", "q", "dp", "dq", "qi", "oth", "k"} & {name for key in said.json["keys"] for name in key}
    assert "Cache-Control: public, max-age=300" in " ".join(said.err.split())
    assert desk.run("keys", "jwks", "shop", "--format", "json", "-q").out == said.out


def test_placeholders_are_not_served(desk: Desk) -> None:
    import json

    members = making.jwk_members(making.certificate(rsa_key("first"), ends=NOW + timedelta(days=99)), d="d", y="y")
    desk.write("keys/first.jwk.json", json.dumps(members))
    edit(desk, "first: {certificate: keys/first.crt, kid: first}", "first: {jwk: keys/first.jwk.json}")

    key = desk.run("keys", "jwks", "shop").json["keys"][1]
    assert (key["kid"], "d" in key, "y" in key) == ("shop-1", False, False)


def test_an_inactive_key_is_left_out(desk: Desk) -> None:
    edit(desk, "kid: first}", "kid: first, active: false}")

    said = desk.run("keys", "jwks", "shop")
    assert [key["kid"] for key in said.json["keys"]] == ["second"]
    assert "Left out: first" in said.err


def test_only_inactive_keys_are_none(desk: Desk) -> None:
    edit(desk, "keys: [second, first]", "keys: []")
    assert desk.run("keys", "jwks", "shop").status == 1


def test_an_expired_certificate_is_said_and_served(desk: Desk) -> None:
    desk.write("keys/first.crt", pem("first", days=-1))

    said = desk.run("keys", "jwks", "shop")
    assert (said.status, len(said.json["keys"])) == (0, 2)
    assert "expired" in said.err


def test_overrides_count(desk: Desk) -> None:
    desk.write("environments/prod.yaml", "embedded_org: .org\noverrides: {keysets: {shop: {keys: [first]}}}\n")

    assert [key["kid"] for key in desk.run("keys", "jwks", "shop", "--env", "prod").json["keys"]] == ["first"]
    assert desk.run("keys", "jwks", "shop", "--env", "prod,local").status == 64


def test_an_issuer_of_an_environment_does_not_matter(desk: Desk) -> None:
    edit(desk, '"https://id.example.com", keys', "nowhere, keys")
    assert desk.run("keys", "jwks", "shop").status == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("keys: [second, first]", "keys: [second, third]", "keyset-unknown-key"),
        ("kid: second", "kid: first", "keyset-duplicate-kid"),
        ("keys/second.crt", "keys/none.crt", "key-file-missing"),
        ("version: 1", "version: 1\nkeys: 3", "yaml-duplicate-key"),
    ],
)
def test_what_would_be_wrong_is_not_printed(desk: Desk, old: str, new: str, said: str) -> None:
    edit(desk, old, new)

    ended = desk.run("keys", "jwks", "shop")

    assert (ended.status, ended.out) == (1, "")
    assert said in ended.err


def test_an_endpoint_lists_no_keys(desk: Desk) -> None:
    said = desk.run("keys", "jwks", "mobile")

    assert said.status == 1
    assert "https://id.example.com/jwks.json" in said.err


def test_a_private_key_is_never_printed(desk: Desk) -> None:
    desk.write("keys/first.crt", making.private_pem().decode())

    said = desk.run("keys", "jwks", "shop")
    assert (said.status, said.out) == (1, "")
    assert "PRIVATE" not in said.err.replace("certificate-is-private-key", "")
