"""Secrets never show, and what is no secret stays readable."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from provisioner.errors import InputError
from provisioner.secrets import MASK, RedactingFilter, Redactor, Reference, ReferenceKind, Resolver, Secret, redactor

PEM = (
    rsa.generate_private_key(65537, 2048)
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode("ascii")
)


def test_a_secret_shows_itself_to_nobody() -> None:
    secret = Secret("hunter2-hunter2")
    shown = [str(secret), repr(secret), f"{secret}", f"{secret!r}", format(secret), str([secret]), str({"a": secret})]
    assert all("hunter2" not in text for text in shown)
    assert secret.reveal() == "hunter2-hunter2"
    assert secret == Secret("hunter2-hunter2")
    assert not Secret("")


@given(st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=6), st.text(), st.text())
def test_what_is_kept_is_masked_wherever_it_stands(value: str, before: str, after: str) -> None:
    keeper = Redactor()
    keeper.keep(value)
    assert value not in keeper.redact(f"{before} {value} {after}").replace(MASK, "")


def test_a_private_key_is_masked_however_it_is_written() -> None:
    lines = PEM.strip().splitlines()
    for text in (PEM, PEM.replace("\n", "\\n"), PEM.replace("\n", "\r\n"), "\n".join(lines[:-1]), "".join(lines)):
        masked = Redactor().redact(f"before {text} after, here.")
        assert masked.startswith("before ")
        for line in lines[1:-1]:
            assert line not in masked


def test_prose_about_a_private_key_stays() -> None:
    text = 'A file that begins with -----BEGIN PRIVATE KEY----- is a private key. Keep it to yourself. {"next": 1}'
    assert Redactor().redact(text).endswith('is a private key. Keep it to yourself. {"next": 1}')


def test_sessions_and_tokens_are_masked_unasked() -> None:
    keeper = Redactor()
    assert "AQEA" not in keeper.redact("session 00D5g0000000001!AQEAQAbcdefghijk.lmno ends")
    assert "eyJhbGciOi" not in keeper.redact("Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl")
    assert keeper.redact("org 00D5g0000000001 at v67.0") == "org 00D5g0000000001 at v67.0"
    assert keeper.redact("ey.eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.") == f"ey.{MASK}"
    inside = "They-keyboards.greyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln"
    assert keeper.redact(inside) == inside, "no token begins in the middle of a word"


def test_log_records_are_masked_with_their_arguments() -> None:
    redactor.keep("opensesame-1234")
    record = logging.LogRecord("x", logging.INFO, "f", 1, "key %s", ("opensesame-1234",), None)
    assert RedactingFilter().filter(record)
    assert record.getMessage() == f"key {MASK}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("${env:NAME}", Reference(ReferenceKind.ENV, "NAME")),
        ("${file:~/.secrets/uat.key}", Reference(ReferenceKind.FILE, "~/.secrets/uat.key")),
        ("${command:pass show key}", Reference(ReferenceKind.COMMAND, "pass show key")),
        ("${var:NAME}", None),
        ("x ${env:NAME}", None),
        ("plain", None),
    ],
)
def test_a_reference_is_the_whole_value(text: str, found: Reference | None) -> None:
    assert Reference.parse(text) == found


def resolve(text: str, base: Path, *, commands: bool = False) -> str:
    reference = Reference.parse(text)
    assert reference is not None
    return Resolver(base, allow_commands=commands).resolve(reference).reveal()


def test_references_resolve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", "from-the-environment")
    (tmp_path / "key").write_bytes(b"\xef\xbb\xbffrom-the-file\n")
    assert resolve("${env:A_SECRET}", tmp_path) == "from-the-environment"
    assert resolve("${file:key}", tmp_path) == "from-the-file\n"
    command = f"${{command:{sys.executable} -c \"print('from the command')\"}}"
    assert resolve(command, tmp_path, commands=True) == "from the command"
    assert redactor.redact("it is from-the-environment") == f"it is {MASK}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("${env:NOT_SET_AT_ALL}", "is not set"),
        ("${env:EMPTY_ONE}", "is empty"),
        ("${file:missing}", "no such file"),
        ("${file:.}", "is a directory"),
        ("${file:binary}", "not text"),
        ("${command:true}", "commands are not allowed"),
    ],
)
def test_what_cannot_be_had_is_said_with_the_next_step(
    text: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMPTY_ONE", "")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError) as raised:
        resolve(text, tmp_path)
    assert words in raised.value.message
    assert raised.value.next


def test_only_a_relative_path_is_said_to_be_relative(tmp_path: Path) -> None:
    relative = "The path is relative to the environment file."
    for text, is_relative in (("missing", True), ("~/missing", False), (str(tmp_path / "missing"), False)):
        with pytest.raises(InputError) as raised:
            resolve(f"${{file:{text}}}", tmp_path)
        assert (relative in raised.value.next) is is_relative


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("no-such-program-anywhere", "could not be started"),
        ("false", "exited with status 1"),
        ("true", "printed nothing"),
    ],
)
def test_a_command_that_fails_never_shows_its_output(command: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        resolve(f"${{command:{command}}}", tmp_path, commands=True)
    assert words in raised.value.message


def test_a_command_gets_no_shell(tmp_path: Path) -> None:
    assert resolve("${command:echo $HOME; echo two}", tmp_path, commands=True) == "$HOME; echo two"
