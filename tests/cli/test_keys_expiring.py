"""``provisioner keys expiring``: by date, over the declaration, orgs and endpoints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from provisioner.jose.expiry import ExpiryState, Found, Seen, Where, expiry_list
from tests.cli.conftest import Person
from tests.cli.offline import Desk
from tests.jose import making
from tests.jose.making import PEM, rsa_key
from tests.salesforce.certificates import Authority, make_authority
from tests.salesforce.test_jwks_endpoint import Endpoint, reply

NOW = datetime.now(UTC)
DECLARATION = """\
version: 1
keys:
  late: {certificate: keys/late.crt, kid: late}
  soon: {certificate: keys/soon.crt, kid: soon}
"""


def made(name: str, days: int) -> Any:
    return making.certificate(rsa_key(name), begins=NOW - timedelta(days=400), ends=NOW + timedelta(days=days, hours=1))


def pem(name: str, days: int) -> str:
    text: bytes = made(name, days).public_bytes(PEM)
    return text.decode()


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    desk = Desk(tmp_path, capsys)
    desk.write("user-verification.yaml", DECLARATION)
    desk.write("keys/late.crt", pem("late", 200))
    desk.write("keys/soon.crt", pem("soon", 40))
    return desk


def look(desk: Desk, *words: str) -> tuple[int, Any]:
    said = desk.run("keys", "expiring", "--format", "json", *words)
    return said.status, said.json


def test_by_date(desk: Desk) -> None:
    status, document = look(desk)

    assert status == 0
    assert [(key["name"], key["days_left"], key["state"]) for key in document["keys"]] == [
        ("soon", 40, "valid"),
        ("late", 200, "valid"),
    ]
    assert (document["format_version"], document["days"], document["expiring"]) == ("1", 30, 0)


@pytest.mark.parametrize(("days", "status", "expiring"), [("39", 0, 0), ("41", 2, 1), ("1000", 2, 2)])
def test_within_days(desk: Desk, days: str, status: int, expiring: int) -> None:
    ended, document = look(desk, "--days", days)

    assert (ended, document["expiring"]) == (status, expiring)


def test_an_expired_one(desk: Desk) -> None:
    desk.write("keys/soon.crt", pem("soon", -3))

    status, document = look(desk)
    assert (status, document["keys"][0]["state"], document["keys"][0]["days_left"]) == (2, "expired", -3)
    human = desk.run("keys", "expiring")
    assert human.out.startswith("Act: 1 certificate in use has expired.")
    assert "expired 2 days ago" in human.out


def test_a_key_that_is_not_active_alarms_nobody(desk: Desk) -> None:
    desk.write("user-verification.yaml", DECLARATION.replace("kid: soon", "kid: soon, active: false"))

    status, document = look(desk, "--days", "41")
    assert (status, document["keys"][0]["in_use"]) == (0, False)
    assert "not in use" in desk.run("keys", "expiring").out


def test_a_certificate_that_cannot_be_read_is_no_good_news(desk: Desk) -> None:
    desk.write("keys/soon.crt", "nothing")

    status, document = look(desk, "--days", "1000")
    assert status == 1
    assert document["undated"] == [
        {
            "what": "key.soon",
            "reason": "its certificate cannot be read: run `provisioner validate` for the reason.",
            "fails": True,
            "unseen": False,
        }
    ]
    assert [key["name"] for key in document["keys"]] == ["late"]
    assert desk.run("keys", "expiring").out.startswith("Not sure: ")


def test_a_broken_declaration_is_no_good_news(desk: Desk) -> None:
    desk.write("user-verification.yaml", DECLARATION + "keysets: 5\n")

    status, document = look(desk)
    assert (status, document["error"]["code"]) == (1, "invalid-declaration")


def test_each_environments_own_certificate(desk: Desk) -> None:
    for name, file in (("prod", "late"), ("test", "soon")):
        override = f"overrides: {{keys: {{soon: {{certificate: keys/{file}.crt}}}}}}"
        desk.write(f"environments/{name}.yaml", f"embedded_org: .org\n{override}\n")

    _, document = look(desk)
    dates = {(key["name"], key["days_left"]): [seen["environment"] for seen in key["seen"]] for key in document["keys"]}
    assert dates == {("soon", 40): ["test"], ("soon", 200): ["prod"], ("late", 200): ["prod", "test"]}


def test_wrong_usage(desk: Desk) -> None:
    assert desk.run("keys", "expiring", "--days", "-1").status == 64
    assert desk.run("keys", "expiring", "--days", "soon").status == 64
    assert desk.run("keys", "expiring", "--env", "none").status == 64


class TestEndpoints:
    @pytest.fixture
    def authority(self, tmp_path: Path) -> Authority:
        return make_authority(tmp_path, "endpoint")

    @pytest.fixture
    def endpoint(self, authority: Authority, desk: Desk) -> Iterator[Endpoint]:
        serving = Endpoint(authority.server_chain)
        members = [
            making.jwk_members(made("served", 7), kid="served"),
            making.jwk_members(kid="bare", x5c=None),
        ]
        serving.answer = lambda request: reply(request, json.dumps({"keys": members}).encode())
        keyset = f'keysets: {{mobile: {{issuer: "https://id.example.com", endpoint: "{serving.url}"}}}}\n'
        desk.write("user-verification.yaml", DECLARATION + keyset)
        yield serving
        serving.stop()

    def test_what_it_serves_is_looked_at(self, desk: Desk, endpoint: Endpoint, authority: Authority) -> None:
        status, document = look(desk, "--allow-private", "--ca-bundle", str(authority.ca_bundle))

        assert status == 2
        first = document["keys"][0]
        assert (first["name"], first["days_left"], first["seen"][0]["where"]) == ("served", 7, "endpoint")
        assert first["seen"][0]["place"] == endpoint.url
        (undated,) = document["undated"]
        assert undated["what"] == f"kid bare at {endpoint.url}"
        assert undated["fails"] is False

    def test_a_password_in_its_url_is_not_shown(self, desk: Desk) -> None:
        keyset = 'keysets: {m: {issuer: "https://id.example.com", endpoint: "https://me:hunter22@127.0.0.1:9/"}}\n'
        desk.write("user-verification.yaml", DECLARATION + keyset)

        said = desk.run("keys", "expiring")
        assert "https://***@127.0.0.1:9/" in said.out
        assert "hunter22" not in said.out + said.err

    def test_what_is_out_of_reach_is_listed(self, desk: Desk, endpoint: Endpoint) -> None:
        status, document = look(desk)

        assert status == 0
        assert endpoint.seen == []
        assert document["undated"][0]["what"] == f"the endpoint {endpoint.url}"
        assert document["undated"][0]["reason"].startswith("not checked: ")
        assert "not checked" in desk.run("keys", "expiring").out


class TestOrgs:
    """With --env the orgs are read, too."""

    def test_what_the_org_has_beyond_the_declaration(self, person: Person) -> None:
        assert person.apply().status == 0
        text = person.declaration.read_text()
        person.declaration.write_text(text[: text.index("keys:")] + "keys: {}\nkeysets: {}\nchannels: {}\n")
        local = person.run("keys", "expiring", "--days", "36500", "--format", "json")
        org = person.run("keys", "expiring", "--days", "36500", "--format", "json", "--env", "local")

        assert (local.status, local.json["keys"]) == (0, [])
        assert org.status == 2
        assert {key["name"] for key in org.json["keys"]} == {"storefront_2026_11", "legacy"}
        assert all(key["seen"][0]["where"] == "org" and key["in_use"] for key in org.json["keys"])

    def test_the_same_certificate_stands_there_once(self, person: Person) -> None:
        assert person.apply().status == 0
        ended = person.run("keys", "expiring", "--env", "local")

        assert ended.status == 0
        assert ended.out.count("declaration; org of local") == 2

    def test_a_key_in_no_keyset_is_not_in_use(self, person: Person) -> None:
        person.edit("keys: [storefront_2026_11, legacy]", "keys: [storefront_2026_11]")
        assert person.apply().status == 0
        person.edit("  legacy:\n    jwk: keys/legacy.jwk.json\n", "")

        document = person.run("keys", "expiring", "--env", "local", "--format", "json").json
        assert {key["name"]: key["in_use"] for key in document["keys"]} == {"storefront_2026_11": True, "legacy": False}

    def test_several_side_by_side_and_one_that_fails(self, person: Person) -> None:
        environments = person.folder / "config/environments"
        (environments / "other.yaml").write_text(
            "login_url: https://127.0.0.1:9\nusername: a@b.c\nconsumer_key: k\nprivate_key: ${env:NOT_SET_ANYWHERE}\n"
            "variables: {storefront_issuer: https://id.example.com}\n"
        )
        person.apply()
        ended = person.run("keys", "expiring", "--env", "local,other", "--format", "json")

        assert ended.status == 1
        assert [each["environment"] for each in ended.json["errors"]] == ["other"]
        assert "NOT_SET_ANYWHERE" in ended.json["errors"][0]["error"]["message"]
        assert len(ended.json["keys"]) == 2
        human = person.run("keys", "expiring", "--env", "local,other")
        assert "other could not be checked" in human.out
        alone = person.run("keys", "expiring", "--env", "other", "--format", "json")
        assert (alone.status, alone.json["error"]["code"]) == (1, "reference-unset")


def test_states() -> None:
    """The edges: at the very moment it ends, at the very day."""

    def ending(begins: int, ends: int) -> Any:
        certificate = making.certificate(
            rsa_key(), begins=making.NOW + timedelta(days=begins), ends=making.NOW + timedelta(days=ends)
        )
        seen = Seen(Where.DECLARATION, None, None, True)
        (found,) = expiry_list([Found("a", "a", certificate, seen)], [], now=making.NOW, days=30).certificates
        return found

    assert ending(-10, 0).state(making.NOW, 30) is ExpiryState.EXPIRING
    assert ending(-10, 0).state(making.NOW + timedelta(seconds=1), 30) is ExpiryState.EXPIRED
    assert ending(-10, 30).state(making.NOW, 30) is ExpiryState.EXPIRING
    assert ending(-10, 31).state(making.NOW, 30) is ExpiryState.VALID
    assert ending(1, 31).state(making.NOW, 30) is ExpiryState.NOT_YET_VALID
    assert ending(-10, 0).days_left(making.NOW) == 0
