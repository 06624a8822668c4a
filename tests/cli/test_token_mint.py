"""``provisioner token mint``: what it gives out, what it refuses, and what it never says."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest

from tests.cli import chatting
from tests.cli.conftest import Person
from tests.cli.offline import Desk, Said
from tests.jose import key_files
from tests.jose.making import private_pem
from tests.localorg import material
from tests.salesforce.certificates import Authority, make_authority
from tests.salesforce.test_jwks_endpoint import Endpoint, reply
from tests.tokens.test_minter import WRONG_KEYS

ISSUER = "https://uat.id.example.com"
DECLARATION = """version: 1
issuers: {shop: "${var:issuer}"}
keys:
  web: {jwk: keys/web.jwk.json}
  app: {jwk: keys/app.jwk.json}
  old: {jwk: keys/old.jwk.json, active: false}
  ended: {jwk: keys/ended.jwk.json}
keysets:
  shop: {issuer: shop, keys: [web, app, old, ended]}
  mobile: {issuer: https://id.example.com/, endpoint: https://id.example.com/jwks}
channels:
  Web_Chat:
    user_verification: {enabled: true, configurations: {login: {keyset: shop}}}
    token_expiration_minutes: {verified: 60}
"""
#: What a login would need cannot be had here: nothing of it is needed.
SANDBOX = """login_url: https://acme--uat.sandbox.my.salesforce.com
username: ${env:NO_SUCH_USERNAME}
consumer_key: ${env:NO_SUCH_CONSUMER_KEY}
private_key: ${file:no-such.key}
variables: {issuer: "https://uat.id.example.com"}
"""
SHOP = ("--env", "sandbox", "--keyset", "shop")
SUB = ("--sub", "uv-probe-1")
FIN = ("--preset", "intercom", "--intercom-secret-file", "fin.txt", "--user-id", "4711", "--app-id", "abc")
SECRET = "0123456789abcdef-messenger-api-secret"


def private_key(name: str) -> Any:
    """The key whose JWK ``material.members`` makes."""
    return material.private_key(name, 2048)


def pem(name: str) -> bytes:
    return private_pem(private_key(name))


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    desk = Desk(tmp_path, capsys)
    desk.write("user-verification.yaml", DECLARATION)
    desk.write("environments/sandbox.yaml", SANDBOX)
    for name, changes in (("web", {}), ("app", {"alg": "RS512"}), ("old", {}), ("ended", {"days": -5})):
        members = material.members(name, f"{name}-1", **changes)
        desk.write(f"keys/{name}.jwk.json", json.dumps(members))
        (tmp_path / f"{name}.key").write_bytes(pem(name))
    (tmp_path / "stranger.key").write_bytes(pem("stranger"))
    (tmp_path / "fin.txt").write_text(f"{SECRET}\n")
    return desk


def mint(desk: Desk, *words: str, key: str = "web.key", of: tuple[str, ...] = SHOP) -> Said:
    said = desk.run("token", "mint", *of, "--key-file", key, *words)
    for file in desk.folder.glob("*.key"):
        assert not any(
            len(line) > 20 and line in said.out + said.err for line in file.read_text("latin-1").splitlines()
        )
    assert "eyJ" not in said.err
    if said.status:
        assert "eyJ" not in said.out
    return said


def refused(desk: Desk, *words: str, **options: Any) -> tuple[int, str, str]:
    """Status, code and sentences of what was refused, as JSON says them; without JSON nothing is on stdout."""
    assert mint(desk, *words, **options).out == ""
    said = mint(desk, "--format", "json", *words, **options)
    error = said.json["error"]
    assert set(said.json) - {"findings"} == {"format_version", "error"}
    assert error["exit_status"] == said.status
    return said.status, error["code"], f"{error['message']} {error['next']}"


def claims(token: str, key: str = "web", algorithm: str = "RS256", **options: Any) -> Any:
    header = jwt.get_unverified_header(token)
    assert header == {"alg": algorithm, "typ": "JWT", "kid": f"{key}-1"}
    return jwt.decode(token, private_key(key).public_key(), [algorithm], **options)


class TestForms:
    @pytest.mark.parametrize(
        ("made", "repair"),
        [
            (lambda pem: pem.replace(b"\n", b"\\n"), "the two characters \\n were read as line breaks"),
            (lambda pem: b'"' + pem.strip() + b'"', "the quotation marks around it were removed"),
            (lambda pem: pem.replace(b"\n", b" "), "its lost line breaks were put back"),
            (base64.b64encode, "its base64 was decoded"),
            (lambda pem: b"".join(pem.splitlines()[1:-1]), "its missing PEM lines (BEGIN and END) were added"),
            (lambda pem: key_files.der(private_key("web")), None),
            (lambda pem: key_files.openssh(private_key("web")), None),
        ],
    )
    def test_a_key_in_another_form_signs_with_one_warning(self, desk: Desk, made: Any, repair: str | None) -> None:
        (desk.folder / "web.key").write_bytes(made(pem("web")))
        said = mint(desk, *SUB)
        assert claims(said.out.strip())["sub"] == "uv-probe-1"
        expected = f"Warning: The private key web.key is not plain PEM: {repair}." if repair is not None else ""
        assert " ".join(said.err.split()).count("Warning: ") == (repair is not None)
        assert expected in " ".join(said.err.split())

    def test_a_keystore_is_opened_with_its_passphrase(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PASSPHRASE", "correct horse")
        store = key_files.jks(("web", private_key("web"), key_files.shop()))
        (desk.folder / "web.jks").write_bytes(store)
        said = mint(desk, *SUB, "--passphrase-env", "PASSPHRASE", key="web.jks")
        assert claims(said.out.strip())["sub"] == "uv-probe-1"
        assert refused(desk, *SUB, key="web.jks")[1] == "key-encrypted"


class TestTokens:
    def test_stdout_is_the_token_alone(self, desk: Desk) -> None:
        before = int(time.time())
        said = mint(desk, *SUB)
        assert (said.status, said.out.count("\n")) == (0, 1)
        found = claims(said.out.strip())
        assert set(found) == {"iss", "sub", "exp", "iat"}
        assert (found["iss"], found["sub"], found["exp"] - found["iat"]) == (ISSUER, "uv-probe-1", 330)
        assert 0 <= found["iat"] + 30 - before <= 10
        assert "key.web (kid web-1, RS256)" in said.err
        assert (mint(desk, *SUB, "-q").err, mint(desk, *SUB, "-q").status) == ("", 0)

    def test_json_is_one_document(self, desk: Desk) -> None:
        said = mint(desk, *SUB, "--format", "json")
        document = said.json
        assert set(document) == {
            "format_version", "environment", "keyset", "key", "token", "header", "claims", "warnings",
        }  # fmt: skip
        assert document["claims"] == claims(document["token"])
        assert document["header"] == jwt.get_unverified_header(document["token"])
        assert (document["format_version"], document["environment"], document["key"]) == ("1", "sandbox", "web")
        assert document["warnings"] == []

    def test_key_and_algorithm_are_those_of_the_private_key(self, desk: Desk) -> None:
        for words in ((), ("--key", "app"), ("--kid", "app-1"), ("--algorithm", "RS512")):
            said = mint(desk, *SUB, *words, key="app.key")
            assert claims(said.out.strip(), "app", "RS512")["sub"] == "uv-probe-1"

    def test_what_can_be_asked_for(self, desk: Desk) -> None:
        more = (
            "--ttl",
            "60",
            "--aud",
            "https://a.example.com",
            "--claim",
            "tier=a=b",
            "--claim",
            "https://x/y:=[1, null]",
        )
        found = claims(mint(desk, *SUB, *more, "--claim", "empty=").out.strip(), audience="https://a.example.com")
        assert (found["tier"], found["https://x/y"], found["empty"]) == ("a=b", [1, None], "")
        assert found["exp"] - found["iat"] == 90

    def test_a_key_with_a_passphrase(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        locked = private_pem(private_key("web"), passphrase=b"open sesame")
        (desk.folder / "web.key").write_bytes(locked)
        monkeypatch.setenv("WEB_PASSPHRASE", "open sesame\n")
        assert claims(mint(desk, *SUB, "--passphrase-env", "WEB_PASSPHRASE").out.strip())
        status, code, said = refused(desk, *SUB)
        assert (status, code, "--passphrase-env" in said) == (1, "key-encrypted", True)
        monkeypatch.setenv("WEB_PASSPHRASE", "closed sesame")
        status, code, said = refused(desk, *SUB, "--passphrase-env", "WEB_PASSPHRASE")
        assert (status, code, "passphrase is wrong" in said) == (1, "key-encrypted", True)
        assert "closed sesame" not in said
        assert refused(desk, *SUB, "--passphrase-env", "NO_SUCH_VARIABLE")[:2] == (1, "reference-unset")

    def test_the_key_on_standard_input(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        stdin = io.TextIOWrapper(io.BytesIO(pem("web")))
        monkeypatch.setattr("sys.stdin", stdin)
        assert claims(mint(desk, *SUB, key="-").out.strip())

    def test_explain_takes_what_is_minted(self, desk: Desk) -> None:
        (desk.folder / "token").write_text(mint(desk, *SUB).out)
        said = desk.run("token", "explain", "token", "--env", "sandbox", "--channel", "Web_Chat", "--format", "json")
        assert (said.status, said.json["accepted"], said.json["notes"]) == (0, True, [])


#: Command lines that are no sound order; not even the config is looked at.
TYPED_WRONGLY = [
    (),
    (*SUB, "--claim", "tier"),
    (*SUB, "--claim", "=gold"),
    (*SUB, "--claim", ":=1"),
    *((*SUB, "--claim", f"{name}=x") for name in ("iss", "sub", "exp", "iat", "kid", "aud")),
    (*SUB, "--claim", "exp:=5"),
    (*SUB, "--claim", "a=1", "--claim", "a=2"),
    (*SUB, "--claim", "a:=hidden-value"),
    (*SUB, "--claim", "a:=NaN"),
    (*SUB, "--claim", "a:=" + "[" * 100_000),
    *((*SUB, "--ttl", value) for value in ("0", "-5", "5.5", "soon", "9" * 30)),
    (*SUB, "--key", "web", "--kid", "web-1"),
    (*SUB, "--algorithm", "RS512"),
    (*SUB, "--user-id", "4711"),
    (*SUB, "--intercom-secret-file", "fin.txt"),
    FIN[:-2],
    FIN[:2],
]


class TestRefusals:
    @pytest.mark.parametrize(
        ("words", "key", "code"),
        [
            ((), "stranger.key", "private-key-mismatch"),
            (("--key", "app"), "web.key", "private-key-mismatch"),
            (("--kid", "app-1"), "web.key", "private-key-mismatch"),
            (("--kid", "web-1"), "missing.key", "file-unreadable"),
            ((), "~nobody-of-this-name/web.key", "file-unreadable"),
            ((), "config", "file-unreadable"),
            (("--sub", ""), "web.key", "subject-invalid"),
            (("--sub", "\udcff"), "web.key", "subject-invalid"),
            (("--claim", "\udcff=1"), "web.key", "claims-invalid"),
            (("--claim", 'a:="\\ud800"'), "web.key", "claims-invalid"),
        ],
    )
    def test_what_does_not_fit(self, desk: Desk, words: tuple[str, ...], key: str, code: str) -> None:
        assert refused(desk, *SUB, *words, key=key)[:2] == (1, code)

    def test_a_keyset_that_is_not_there(self, desk: Desk) -> None:
        status, code, said = refused(desk, *SUB, of=("--env", "sandbox", "--keyset", "shap"))
        assert (status, code, "Did you mean shop?" in said) == (64, "unknown-keyset", True)

    @pytest.mark.parametrize(("option", "typed", "near"), [("key", "wob", "web"), ("kid", "web", "web-1")])
    def test_an_unknown_key_or_kid(self, desk: Desk, option: str, typed: str, near: str) -> None:
        status, code, said = refused(desk, *SUB, f"--{option}", typed)
        assert (status, code) == (64, f"unknown-{option}")
        assert f"Did you mean {near}?" in said

    @pytest.mark.parametrize(("make", "code", "words"), WRONG_KEYS, ids=[each[2] for each in WRONG_KEYS])
    def test_every_wrong_kind_of_file_has_its_own_words(self, desk: Desk, make: Any, code: str, words: str) -> None:
        (desk.folder / "wrong").write_bytes(make())
        status, found, said = refused(desk, *SUB, "-vv", key="wrong")
        assert (status, found, words in said) == (1, code, True)
        assert said.startswith("The private key wrong ")
        assert "login" not in said
        lines = [line for line in make().decode("latin-1").splitlines() if len(line) > 20]
        assert not any(line in said for line in lines)

    @pytest.mark.parametrize("words", TYPED_WRONGLY, ids=range(len(TYPED_WRONGLY)))
    def test_what_was_typed_wrongly(self, desk: Desk, words: tuple[str, ...]) -> None:
        status, code, said = refused(desk, *words)
        assert (status, code) == (64, "usage")
        assert "hidden-value" not in said

    def test_lives_over_a_day_are_asked_for_twice(self, desk: Desk) -> None:
        status, code, said = refused(desk, *SUB, "--ttl", "86401")
        assert (status, code, "--yes" in said) == (3, "long-life", True)
        assert mint(desk, *SUB, "--ttl", "86400").status == 0
        long = mint(desk, *SUB, "--ttl", "86401", "--yes", "--format", "json").json
        assert long["claims"]["exp"] - long["claims"]["iat"] == 86431
        assert any("not proven" in each for each in long["warnings"])

    @pytest.mark.parametrize(("key", "words"), [("old", "is not active"), ("ended", "expired on")])
    def test_a_token_that_cannot_verify_is_of_no_use(self, desk: Desk, key: str, words: str) -> None:
        status, code, said = refused(desk, *SUB, key=f"{key}.key")
        assert (status, code, words in said, "--yes" in said) == (1, "token-would-not-verify", True, True)
        made = mint(desk, *SUB, "--yes", "--format", "json", key=f"{key}.key").json
        assert claims(made["token"], key)["sub"] == "uv-probe-1"
        assert words in made["warnings"][0]

    def test_what_is_broken_elsewhere_does_not_matter(self, desk: Desk) -> None:
        desk.write("keys/app.jwk.json", "{}")
        said = mint(desk, *SUB)
        assert (said.status, "provisioner validate" in said.err) == (0, True)
        assert claims(said.out.strip())

    def test_what_is_broken_here_does(self, desk: Desk) -> None:
        desk.write("keys/web.jwk.json", "{}")
        said = mint(desk, *SUB, "--format", "json")
        assert (said.status, said.json["error"]["code"]) == (1, "invalid-declaration")
        assert {each["address"] for each in said.json["findings"]} == {"key.web"}
        desk.write("environments/sandbox.yaml", SANDBOX.replace("issuer:", "other:"))
        assert refused(desk, *SUB, key="app.key")[:2] == (1, "invalid-declaration")
        desk.write("user-verification.yaml", "version: [1\n")
        assert refused(desk, *SUB, key="app.key")[:2] == (1, "invalid-declaration")

    def test_an_environment_is_needed(self, desk: Desk) -> None:
        assert mint(desk, *SUB, of=("--keyset", "shop")).status == 64
        assert mint(desk, *SUB, of=("--env", "sandbax", "--keyset", "shop")).status == 64

    def test_what_is_odd_about_a_subject_is_said(self, desk: Desk) -> None:
        said = mint(desk, "--sub", "a/b")
        assert (said.status, "not proven" in said.err) == (0, True)
        desk.write("user-verification.yaml", DECLARATION.replace("keyset: shop", "keyset: mobile"))
        said = mint(desk, *SUB)
        assert (said.status, "No configuration" in said.err) == (0, True)


class TestEndpoints:
    OF = ("--env", "sandbox", "--keyset", "mobile")

    @pytest.fixture
    def authority(self, tmp_path: Path) -> Authority:
        return make_authority(tmp_path, "endpoint")

    @pytest.fixture
    def served(self, desk: Desk, authority: Authority) -> Iterator[Endpoint]:
        """An endpoint that serves ``web`` as RS512, and that the keyset names."""
        serving = Endpoint(authority.server_chain)
        members = material.members("web", "web-1", alg="RS512", x5c=None)
        body = json.dumps({"keys": [material.members("app", "app-1"), members]}).encode()
        serving.answer = lambda request: reply(request, body, Content_Type="application/json")
        desk.write("user-verification.yaml", DECLARATION.replace("https://id.example.com/jwks", serving.url))
        desk.write("environments/sandbox.yaml", f"{SANDBOX}ca_bundle: {authority.ca_bundle}\n")
        yield serving
        serving.stop()

    def test_without_being_asked_for_nothing_is_compared(self, desk: Desk) -> None:
        said = mint(desk, *SUB, "--kid", "web-1", of=self.OF)
        assert (said.status, "--check-endpoint" in said.err) == (0, True)
        assert claims(said.out.strip())["iss"] == "https://id.example.com/"
        made = mint(desk, *SUB, "--kid", "web-1", "--algorithm", "RS512", "--format", "json", of=self.OF).json
        assert (made["key"], made["header"]["alg"], len(made["warnings"])) == (None, "RS512", 1 + 1)

    @pytest.mark.parametrize("words", [(), ("--key", "web")])
    def test_the_kid_must_be_named(self, desk: Desk, words: tuple[str, ...]) -> None:
        status, code, said = refused(desk, *SUB, *words, of=self.OF)
        assert (status, code, "--kid" in said) == (64, "usage", True)

    def test_compared_with_what_is_served(self, desk: Desk, served: Endpoint) -> None:
        check = (*SUB, "--check-endpoint", "--allow-private")
        said = mint(desk, *check, "--kid", "web-1", of=self.OF)
        assert (said.status, "was not compared" in said.err) == (0, False)
        assert claims(said.out.strip(), algorithm="RS512")
        assert refused(desk, *check, "--kid", "app-1", of=self.OF)[:2] == (1, "private-key-mismatch")
        status, code, told = refused(desk, *check, "--kid", "next-1", of=self.OF)
        assert (status, code, '"web-1"' in told) == (1, "token-would-not-verify", True)
        assert mint(desk, *check, "--kid", "next-1", "--yes", of=self.OF).status == 0

    def test_an_endpoint_that_does_not_answer(self, desk: Desk, served: Endpoint) -> None:
        served.answer = lambda request: reply(request, b"<html><title>Log in</title></html>", Content_Type="text/html")
        status, code, said = refused(desk, *SUB, "--check-endpoint", "--allow-private", "--kid", "web-1", of=self.OF)
        assert (status, code, "diagnose endpoint" in said) == (4, "endpoint-unreachable", True)


class TestFinMessenger:
    def fin(self, desk: Desk, *words: str) -> Any:
        said = mint(desk, *FIN, *words)
        assert said.status == 0, said.err
        assert SECRET not in said.out + said.err
        assert set(said.json) == {"intercom_user_jwt", "salesforce_identity_token", "settings"}
        return said.json

    def test_both_tokens_and_the_whole_of_the_settings(self, desk: Desk) -> None:
        made = self.fin(desk)
        user = jwt.decode(made["intercom_user_jwt"], SECRET, ["HS256"])
        assert (set(user), user["user_id"]) == ({"user_id", "exp"}, "4711")
        found = claims(made["salesforce_identity_token"], audience="https://acme--uat.sandbox.my.salesforce-scrt.com")
        assert (found["iss"], found["sub"], found["exp"] - found["iat"]) == (ISSUER, "4711", 3630)
        assert abs(user["exp"] - found["exp"]) <= 2
        assert made["settings"] == {
            "api_base": "https://api-iam.intercom.io", "app_id": "abc", "user_id": "4711",
            "intercom_user_jwt": made["intercom_user_jwt"],
            "salesforce_identity_token": made["salesforce_identity_token"],
        }  # fmt: skip
        assert set(self.fin(desk, "--format", "json")) == set(made)

    def test_what_can_be_said_otherwise(self, desk: Desk) -> None:
        desk.write("environments/sandbox.yaml", f"{SANDBOX}chat_url: https://chat.example.com\n")
        made = self.fin(
            desk, "--ttl", "60", "--api-base", "https://api-iam.eu.intercom.io", "--sub", "x", "--claim", "a=b"
        )
        found = claims(made["salesforce_identity_token"], audience="https://chat.example.com")
        assert (found["sub"], found["a"], found["exp"] - found["iat"]) == ("x", "b", 90)
        user = jwt.decode(made["intercom_user_jwt"], SECRET, ["HS256"])
        assert (set(user), user["user_id"]) == ({"user_id", "exp"}, "4711")
        assert made["settings"]["api_base"] == "https://api-iam.eu.intercom.io"
        assert claims(self.fin(desk, "--aud", "a")["salesforce_identity_token"], audience="a")
        desk.write("environments/sandbox.yaml", SANDBOX.replace("acme--uat.sandbox.my", "test"))
        assert "aud" not in claims(self.fin(desk)["salesforce_identity_token"])

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "is empty"),
            (b'"0123456789abcdef0123456789abcdef"', "quotation marks"),
            (b"SECRET=0123456789abcdef 0123456789abcdef", "white space"),
            (pem("app"), "key or a certificate"),
            (b"\xff\xfe0\x001\x00", "not text in UTF-8"),
        ],
        ids=range(5),
    )
    def test_secrets_that_are_none(self, desk: Desk, content: bytes, words: str) -> None:
        (desk.folder / "fin.txt").write_bytes(content)
        status, _, said = refused(desk, *FIN, "-vv")
        assert (status, words in said) == (1, True), said
        assert "0123456789abcdef" not in said

    def test_each_token_has_a_key_of_its_own(self, desk: Desk) -> None:
        (desk.folder / "fin.txt").unlink()
        (desk.folder / "fin.txt").symlink_to("web.key")
        status, _, said = refused(desk, *FIN)
        assert (status, "its own key" in said) == (64, True)

    def test_a_secret_that_cannot_be_read(self, desk: Desk) -> None:
        (desk.folder / "fin.txt").unlink()
        (desk.folder / "fin.txt").symlink_to("fin.txt")
        assert refused(desk, *FIN)[:2] == (1, "file-unreadable")

    def test_a_short_secret_is_warned_of(self, desk: Desk) -> None:
        (desk.folder / "fin.txt").write_text("tell-nobody")
        said = mint(desk, *FIN)
        assert (said.status, "11 bytes" in said.err, "tell-nobody" in said.out + said.err) == (0, True, False)

    def test_fins_own_issuer_is_warned_of(self, desk: Desk) -> None:
        assert "fin.ai" not in mint(desk, *FIN).err
        desk.write("environments/sandbox.yaml", SANDBOX.replace(ISSUER, "fin.ai"))
        assert "Fin holds" in mint(desk, *FIN).err

    @pytest.mark.parametrize(
        ("words", "status"),
        [(("--ttl", "86401"), 3), (("--ttl", "86401", "--yes"), 64), (("--api-base", "http://x"), 1)],
    )
    def test_what_is_refused(self, desk: Desk, words: tuple[str, ...], status: int) -> None:
        assert refused(desk, *FIN, *words)[0] == status


def test_nothing_secret_is_said_at_any_verbosity(desk: Desk) -> None:
    for words in (SUB, FIN, (*SUB, "--format", "json")):
        quiet, loud = (mint(desk, *words, *more) for more in ((), ("-vv",)))
        assert quiet.status == loud.status == 0
        assert SECRET not in loud.out + loud.err


def test_the_chat_runtime_takes_what_is_minted(person: Person) -> None:
    key = chatting.provisioned(person)
    words = ("--env", "local", "--keyset", "storefront", "--key-file", str(key))
    (person.folder / "token").write_text(person.run("token", "mint", *words, "--sub", "uv-probe-minted").out)
    ran = person.run("verify", "--env", "local", *chatting.WEB, "--token", "token", "--format", "json")
    assert (ran.status, ran.json["verified"]) == (0, True), ran.out
    assert ran.json["subject"] == "v2/iamessage/AUTH/storefront_login/uid:uv-probe-minted"
