"""``provisioner keys inspect``: any file, and the declared key it belongs to."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from hypothesis import given
from hypothesis import strategies as st

from provisioner.jose.inspection import inspect
from tests.cli.offline import Desk
from tests.jose import making
from tests.jose.key_files import certificates_p12, p12, three_primes
from tests.jose.making import DER, NOW, PEM, jwk_members, other, private_pem, public_pem, request_pem, rsa_key, shop

DECLARATION = """\
version: 1
keys:
  shop: {certificate: keys/shop.crt, kid: shop-1}
"""


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    made = Desk(tmp_path, capsys)
    made.write("user-verification.yaml", DECLARATION)
    made.write("keys/shop.crt", shop().public_bytes(PEM).decode())
    return made


def inspected(desk: Desk, content: bytes, *words: str) -> Any:
    (desk.folder / "file").write_bytes(content)
    said = desk.run("keys", "inspect", "file", "--format", "json", *words)
    assert said.status == 0, said.err
    return said.json


def renewed() -> bytes:
    """Another certificate of the same key."""
    return making.certificate(rsa_key(), ends=NOW + 500 * making.DAY).public_bytes(PEM)


@pytest.mark.parametrize(
    ("content", "kind", "same_certificate"),
    [
        (shop().public_bytes(PEM), "certificate", True),
        (shop().public_bytes(DER), "certificate", True),
        (renewed(), "certificate", False),
        (request_pem(), "certificate-request", None),
        (public_pem(), "public-key", None),
        (private_pem(), "private-key", None),
        (private_pem(traditional=True), "private-key", None),
        (json.dumps(jwk_members()).encode(), "json", True),
        (json.dumps(jwk_members(x5c=None)).encode(), "json", None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_form_of_a_key_finds_its_declaration(
    desk: Desk, content: bytes, kind: str, same_certificate: bool | None
) -> None:
    document = inspected(desk, content)

    assert document["kind"] == kind
    (key,) = document["keys"]
    assert key["bits"] == 2048
    (match,) = key["declared"]
    assert (match["name"], match["same_certificate"]) == ("shop", same_certificate)
    assert document["private"] is (kind == "private-key")


def test_a_certificate_is_described(desk: Desk) -> None:
    key = inspected(desk, shop().public_bytes(PEM))["keys"][0]

    assert key["certificate"] == {
        "subject": "CN=shop",
        "issuer": "CN=shop",
        "not_before": "2026-11-24T12:00:00Z",
        "not_after": "2027-11-25T12:00:00Z",
        "sha256": shop().fingerprint(hashes.SHA256()).hex(),
    }


def test_another_key_is_none_of_the_declared(desk: Desk) -> None:
    assert inspected(desk, other().public_bytes(PEM))["keys"][0]["declared"] == []


def test_another_kid_is_said(desk: Desk) -> None:
    content = json.dumps(jwk_members(kid="shop-2")).encode()
    assert inspected(desk, content)["keys"][0]["declared"] == [
        {"name": "shop", "same_certificate": True, "same_kid": False}
    ]
    assert "key.shop, with another kid" in desk.run("keys", "inspect", "file").out


def test_each_key_of_a_set(desk: Desk) -> None:
    content = json.dumps({"keys": [jwk_members(), jwk_members(other(), kid="other"), {"kty": "EC"}, 5]}).encode()
    keys = inspected(desk, content)["keys"]

    assert [key["place"] for key in keys] == ["keys[0]", "keys[1]", "keys[2]", "keys[3]"]
    assert [key["kid"] for key in keys] == ["shop-1", "other", None, None]
    assert [bool(key["declared"]) for key in keys] == [True, False, False, False]
    assert [key["bits"] for key in keys] == [2048, 2048, None, None]


def test_each_certificate_of_a_chain(desk: Desk) -> None:
    keys = inspected(desk, other().public_bytes(PEM) + shop().public_bytes(PEM))["keys"]

    assert [key["place"] for key in keys] == ["certificate 1", "certificate 2"]
    assert [bool(key["declared"]) for key in keys] == [False, True]


def test_nothing_private_is_shown(desk: Desk) -> None:
    numbers = rsa_key().private_numbers()
    private = {name: making.uint(getattr(numbers, name)) for name in ("d", "p", "q")}
    content = json.dumps(jwk_members(**private)).encode()

    document = inspected(desk, content)
    human = desk.run("keys", "inspect", "file").out

    assert document["private"] is True
    assert "Private" in human
    for value in private.values():
        assert value not in json.dumps(document) + human


def test_an_encrypted_private_key_says_how_to_find_out(desk: Desk) -> None:
    assert inspected(desk, private_pem(passphrase=b"secret"))["private"] is True
    assert "provisioner keys inspect file --passphrase-env VARIABLE" in desk.run("keys", "inspect", "file").out


def test_a_keystore_is_private(desk: Desk) -> None:
    protection = serialization.BestAvailableEncryption(b"secret")
    document = inspected(desk, pkcs12.serialize_key_and_certificates(b"shop", rsa_key(), shop(), None, protection))

    assert (document["kind"], document["private"], document["keys"]) == ("pkcs12", True, [])


def test_what_is_wrong_with_it_another_command_says(desk: Desk) -> None:
    now = datetime.now(UTC)
    sound = making.certificate(rsa_key(), begins=now - making.DAY, ends=now + 365 * making.DAY)
    assert inspected(desk, sound.public_bytes(PEM))["findings"] == 0
    assert "diagnose key" not in desk.run("keys", "inspect", "file").out
    assert inspected(desk, json.dumps(jwk_members(alg=None)).encode())["findings"] > 0
    assert "`provisioner diagnose key file` explains its problems" in desk.run("keys", "inspect", "file").out


def test_no_declaration_is_needed(desk: Desk) -> None:
    (desk.folder / "config/user-verification.yaml").unlink()

    document = inspected(desk, shop().public_bytes(PEM))

    assert (document["declaration"], document["keys"][0]["declared"]) == (None, None)
    assert "declared" not in desk.run("keys", "inspect", "file").out


def test_a_key_that_only_an_environment_declares_is_found(desk: Desk) -> None:
    key = "  prod_only: {certificate: keys/other.crt, kid: o}\n"
    desk.write("user-verification.yaml", DECLARATION.replace("keys:\n", f"keys:\n{key}", 1))
    desk.write("environments/prod.yaml", "embedded_org: .org\n")
    desk.write("keys/other.crt", other().public_bytes(PEM).decode())
    content = other().public_bytes(PEM)

    assert inspected(desk, content)["keys"][0]["declared"][0]["name"] == "prod_only"
    assert inspected(desk, content, "--env", "prod")["keys"][0]["declared"][0]["name"] == "prod_only"
    desk.write("environments/test.yaml", "embedded_org: .org\noverrides: {keys: {prod_only: null}}\n")
    assert inspected(desk, content, "--env", "test")["keys"][0]["declared"] == []


def test_a_broken_declaration_does_not_matter(desk: Desk) -> None:
    desk.write("user-verification.yaml", DECLARATION + "  broken: [\n")

    assert inspected(desk, shop().public_bytes(PEM))["keys"][0]["declared"] == []


def test_a_pointer_of_git_lfs_is_called_one(desk: Desk) -> None:
    (desk.folder / "shop.crt").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1204\n")
    for command in ("inspect", "key"):
        said = desk.run(*(("keys", command) if command == "inspect" else ("diagnose", command)), "shop.crt")
        assert said.status == 1
        assert "shop.crt:1: The file is a pointer of Git LFS, not the file itself." in said.err
        assert "git lfs pull" in said.err


@pytest.mark.parametrize(("name", "status"), [("no-such-file", 1), (".", 1)])
def test_what_cannot_be_read(desk: Desk, name: str, status: int) -> None:
    said = desk.run("keys", "inspect", name)

    assert said.status == status
    assert "cannot be read" in said.err


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_no_file_breaks_it(content: bytes) -> None:
    inspect(content, "file", NOW, ())


@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)))
def test_no_json_breaks_it(value: object) -> None:
    for document in (value, {"keys": value}, {"kty": value, "x5c": value, "n": value, "e": value, "kid": value}):
        inspect(json.dumps(document).encode(), "file", NOW, ())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (private_pem(), "everyone who has this file can sign"),
        (private_pem(passphrase=b"x"), "everyone who has this file and its passphrase can sign"),
        (certificates_p12(), "it may hold a private key, which only its passphrase shows"),
        (p12(None), "everyone who has this file can sign"),
        (three_primes(), "a multi-prime RSA private key"),
        (private_pem(making.ec_key()), "`provisioner diagnose key file` explains"),
    ],
    ids=["plain", "locked", "locked as a whole", "keystore without a passphrase", "three primes", "EC"],
)
def test_it_says_who_can_sign_with_a_private_file(desk: Desk, content: bytes, words: str) -> None:
    (desk.folder / "file").write_bytes(content)
    said = desk.run("keys", "inspect", "file")
    assert words in " ".join(said.out.split())


def test_a_keystore_of_certificates_is_public_once_it_is_opened(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHRASE", "correct horse")
    found = inspected(desk, certificates_p12(), "--passphrase-env", "PHRASE")
    assert found["private"] is False
    assert found["what"].endswith("of 1 certificate, without a private key")
