"""``provisioner diagnose key``, as a person and as a pipeline run it."""

from __future__ import annotations

import base64
import io
import json
import os
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from tests.cli.offline import Desk, Said
from tests.localorg import material

PLACEHOLDERS = {"y": "y", "crv": "crv", "d": "d", "k": "k"}
SECRET = "X4cTteJY-gn4FYPsXB8rdXix5vwsg1FLN5E3EaG6RJoVH"
SHAPE = {
    *("format_version", "file", "taken_for", "uploadable", "findings", "certificate", "certificate_matches"),
    *("jwk", "repair"),
}  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path, capsys)


def certificate_pem(name: str = "first", days: int = 365) -> bytes:
    made = material.certificate(name) if days == 365 else material.certificate(name, days)
    return made.public_bytes(serialization.Encoding.PEM)


def write(desk: Desk, name: str, content: Any) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    (desk.folder / name).write_bytes(raw)
    return name


def judged(desk: Desk, *words: str) -> Said:
    said = desk.run("diagnose", "key", *words, "--format", "json")
    if "error" not in said.json:
        assert set(said.json) == SHAPE
        assert said.status == (0 if said.json["uploadable"] else 1)
    return said


def test_a_key_that_uploads(desk: Desk) -> None:
    said = judged(desk, write(desk, "key.json", material.members()))
    assert said.json["uploadable"] is True
    assert said.json["findings"] == []
    assert said.json["jwk"] == material.members()
    assert set(said.json["certificate"]) >= {"subject", "issuer", "not_before", "not_after", "sha256"}
    assert said.json["certificate"]["subject"] == "CN=first"
    assert desk.run("diagnose", "key", "key.json").out.splitlines()[1].startswith("Uploadable")


def test_a_certificate_is_no_jwk_and_its_repair_is_one(desk: Desk) -> None:
    write(desk, "shop.crt", certificate_pem())
    human = desk.run("diagnose", "key", "shop.crt")
    assert human.status == 1
    first = human.out.splitlines()[:5]
    assert first[0] == "shop.crt: a certificate (PEM)"
    assert first[1].startswith("Not uploadable")
    assert "provisioner diagnose key shop.crt --kid KID --repair shop.jwk.json" in "\n".join(first)
    said = judged(desk, "shop.crt", "--kid", "kid-1", "--repair", "shop.jwk.json")
    assert said.json["repair"]["written"] == "shop.jwk.json"
    assert judged(desk, "shop.jwk.json").json["uploadable"] is True
    written = json.loads((desk.folder / "shop.jwk.json").read_text())
    assert {**written, "x5c": []} == {**material.members(), "x5c": []}
    assert base64.b64decode(written["x5c"][0]) == ssl.PEM_cert_to_DER_cert(certificate_pem().decode())


def test_what_salesforces_tool_printed_is_repaired(desk: Desk) -> None:
    members = {**material.members(), **PLACEHOLDERS}
    write(desk, "out.txt", b"reading Resource path\nJWK : " + json.dumps(members).encode() + b"\n")
    said = desk.run("diagnose", "key", "out.txt", "--repair", "key.json")
    assert said.status == 1
    assert "Next: upload key.json" in said.out
    assert "dropped y, crv, d, k" in said.out
    assert judged(desk, "key.json").json["uploadable"] is True


def test_placeholders_alone_are_a_warning(desk: Desk) -> None:
    said = judged(desk, write(desk, "key.json", {**material.members(), **PLACEHOLDERS}))
    assert said.json["uploadable"] is True
    assert [each["severity"] for each in said.json["findings"]] == ["warning"]


def test_findings_name_line_and_column(desk: Desk) -> None:
    text = json.dumps(material.members(alg="ES256"), indent=2)
    said = judged(desk, write(desk, "key.json", text.encode()))
    (finding,) = said.json["findings"]
    line = next(number for number, each in enumerate(text.splitlines(), 1) if '"alg"' in each)
    assert (finding["rule"], finding["file"], finding["line"], finding["column"]) == ("jwk-alg", "key.json", line, 3)


def test_nothing_is_ever_overwritten(desk: Desk) -> None:
    write(desk, "shop.crt", certificate_pem())
    write(desk, "there.json", b"precious")
    (desk.folder / "link.json").symlink_to(desk.folder / "nowhere.json")
    for out in ("there.json", "link.json", "shop.crt"):
        said = judged(desk, "shop.crt", "--kid", "k", "--repair", out)
        assert (said.status, said.json["error"]["code"]) == (1, "file-exists")
    assert (desk.folder / "there.json").read_bytes() == b"precious"
    assert not (desk.folder / "nowhere.json").exists()


def test_where_there_is_no_repair_nothing_is_written(desk: Desk) -> None:
    write(desk, "old.crt", certificate_pem(days=-1))
    said = desk.run("diagnose", "key", "old.crt", "--kid", "k", "--repair", "new.json")
    assert said.status == 1
    assert "Not repaired: nothing was written." in said.out
    assert not (desk.folder / "new.json").exists()


def test_private_members_are_neither_shown_nor_written(desk: Desk) -> None:
    write(desk, "key.json", material.members(d=SECRET, p=SECRET))
    for form in ("human", "json"):
        said = desk.run("-vv", "diagnose", "key", "key.json", "--format", form, "--repair", f"{form}.json")
        assert said.status == 1
        assert SECRET not in said.out + said.err
        assert "jwk-private-member" in said.out
        assert SECRET not in (desk.folder / f"{form}.json").read_text()
    write(desk, "shop.key", material.private_pem())
    said = desk.run("diagnose", "key", "shop.key")
    lines = material.private_pem().decode().splitlines()[1:-1]
    assert not any(line in said.out + said.err for line in lines)


def test_a_certificate_of_another_pair_is_found_out(desk: Desk) -> None:
    write(desk, "key.json", material.members())
    write(desk, "own.crt", certificate_pem())
    write(desk, "other.crt", certificate_pem("second"))
    own = judged(desk, "key.json", "--certificate", "own.crt")
    assert (own.status, own.json["certificate_matches"]) == (0, True)
    other = desk.run("diagnose", "key", "key.json", "--certificate", "other.crt")
    assert other.status == 1
    assert "is NOT this key's" in other.out


def test_the_key_comes_from_standard_input_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(material.members()).encode())))
    assert judged(desk, "-").json["uploadable"] is True


@pytest.mark.parametrize(
    ("words", "code", "status"),
    [
        (["missing.json"], "file-unreadable", 1),
        (["."], "file-unreadable", 1),
        (["big.json"], "file-too-large", 1),
        (["shop.crt", "--certificate", "missing.crt"], "file-unreadable", 1),
        (["shop.crt", "--certificate", "big.json"], "file-too-large", 1),
        (["shop.crt", "--certificate", "text"], "certificate-unreadable", 1),
        (["shop.crt", "--kid", "k", "--repair", "no/such/folder.json"], "file-unwritable", 1),
        (["shop.crt", "--kid", " "], "usage", 64),
        (["shop.crt", "--alg", "HS256"], "usage", 64),
        ([], "usage", 64),
    ],
)
def test_what_goes_wrong_is_said(desk: Desk, words: list[str], code: str, status: int) -> None:
    write(desk, "shop.crt", certificate_pem())
    write(desk, "text", b"hello")
    write(desk, "big.json", b" " * (2 << 20))
    said = judged(desk, *words)
    assert (said.status, said.json["error"]["code"]) == (status, code)
    assert said.json["error"]["next"]


def test_the_local_org_takes_what_was_repaired(desk: Desk, tmp_path: Path) -> None:
    """Judged by the other side: the local org's own rules for a jsonWebKey."""
    from provisioner.localorg.jwk import problem

    broken = material.members(use=None, alg="rs512", n=None, e=None, x5c=certificate_pem().decode())
    write(desk, "broken.json", {name: value for name, value in broken.items() if value is not None})
    assert judged(desk, "broken.json", "--repair", "key.json").json["repair"]["written"] == "key.json"
    assert problem((desk.folder / "key.json").read_text()) is None


@pytest.mark.skipif(os.name != "posix", reason="made for a shell")
def test_a_name_is_quoted_for_the_shell_in_the_advice(desk: Desk) -> None:
    write(desk, "my shop's.crt", certificate_pem())
    said = desk.run("diagnose", "key", "my shop's.crt")
    command = next(line.strip() for line in said.out.splitlines() if "--repair" in line and line.startswith("    "))
    words = subprocess.run(["sh", "-c", f"printf '%s\\n' {command}"], capture_output=True, text=True).stdout
    assert "my shop's.crt" in words.splitlines()
