"""The private key offline: each mistake's own words, the command that repairs it, and the certificate beside it."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from provisioner.diagnosis.evidence import KeySeen
from provisioner.diagnosis.probes.key import look_at_key
from provisioner.errors import InputError
from provisioner.jose.private_key import load_private_key
from provisioner.localorg.certificates import new_login_identity
from provisioner.secrets import Reference, ReferenceKind, Resolver, Secret, redactor

IDENTITY = new_login_identity("somebody")
PEM = IDENTITY.key
KEY = serialization.load_pem_private_key(PEM, None)
LINES = PEM.decode().splitlines()
assert isinstance(KEY, rsa.RSAPrivateKey)
PLAIN = serialization.NoEncryption()


def encoded(encoding: serialization.Encoding, shape: serialization.PrivateFormat, passphrase: bytes = b"") -> bytes:
    cipher = serialization.BestAvailableEncryption(passphrase) if passphrase else PLAIN
    return KEY.private_bytes(encoding, shape, cipher)


PKCS1 = encoded(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL)
DER = encoded(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8)
#: What a file may hold in a key's place, and words that name it.
MISTAKES: dict[str, tuple[bytes, str]] = {
    "one line": (" ".join(LINES).encode(), "one line"),
    "one line, PKCS#1": (" ".join(PKCS1.decode().splitlines()).encode(), "one line"),
    "escaped newlines": ("\\n".join(LINES).encode(), "two characters"),
    "double quotes": (b'"' + PEM.strip() + b'"', "quotation marks"),
    "single quotes": (b"'" + PEM.strip() + b"'", "quotation marks"),
    "base64": (base64.b64encode(PEM), "base64 of a PEM"),
    "no armour": ("\n".join(LINES[1:-1]).encode(), "lacks its BEGIN and END"),
    "no armour, PKCS#1": ("\n".join(PKCS1.decode().splitlines()[1:-1]).encode(), "lacks its BEGIN and END"),
    "DER": (DER, "DER form"),
    "UTF-16": (PEM.decode().encode("utf-16"), "UTF-16"),
    "OpenSSH": (encoded(serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH), "OpenSSH"),
    "PKCS#12": (pkcs12.serialize_key_and_certificates(b"x", KEY, None, None, PLAIN), "PKCS#12"),
    "encrypted": (encoded(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, b"pw"), "is encrypted"),
}
#: What no command can make a private key of.
HOPELESS: dict[str, tuple[bytes, str]] = {
    "certificate": (IDENTITY.certificate, "is a certificate"),
    "certificate in DER": (
        base64.b64decode("".join(IDENTITY.certificate.decode().splitlines()[1:-1])),
        "a certificate in DER form",
    ),
    "empty": (b"", "is empty"),
    "noise": (b"\xff\x00\x81\x92" * 50, "binary file"),
}


def look(path: Path) -> KeySeen:
    """As the command does: the reference is read, and where that gives no text, the file itself is looked at."""
    try:
        secret: Secret | None = Resolver(path.parent).resolve(Reference(ReferenceKind.FILE, path.name))
    except InputError:
        secret = None
    seen, _ = look_at_key(secret, None, path)
    assert seen is not None
    return seen


@pytest.mark.parametrize("mistake", [*MISTAKES, *HOPELESS])
def test_each_mistake_has_words_of_its_own(tmp_path: Path, mistake: str) -> None:
    content, words = {**MISTAKES, **HOPELESS}[mistake]
    path = tmp_path / "login.key"
    path.write_bytes(content)
    seen = look(path)
    assert seen.cause in ("key-unreadable", "key-encrypted")
    assert words in seen.words
    assert seen.remedy


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_command_that_is_named_repairs_the_key(tmp_path: Path, mistake: str) -> None:
    for program in ("openssl", "ssh-keygen", "iconv"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    path, copy = tmp_path / "login.key", tmp_path / "copy.key"
    path.write_bytes(MISTAKES[mistake][0])
    copy.write_bytes(path.read_bytes())
    for each in (path, copy):
        each.chmod(0o600)
    remedy = redactor.redact(look(path).remedy)  # as it is shown
    found = re.search(r"(?:: )((?:openssl|ssh-keygen|tr|printf|base64|iconv) .*|L='.*)$", remedy)
    assert found, remedy
    command = found[1].replace("FILE", str(path)).replace("COPY", str(copy))
    command = command.replace("ssh-keygen", "ssh-keygen -N ''")
    command = re.sub(
        r"^(openssl (?:pkey|pkcs12) )", r"\1-passin pass:pw " if mistake == "encrypted" else r"\1", command
    )
    if mistake == "PKCS#12":
        command += " -passin pass:"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
    assert done.returncode == 0, done.stderr
    repaired = load_private_key(Secret(copy.read_text()))
    assert repaired.private_numbers() == KEY.private_numbers()


def test_a_byte_order_mark_does_no_harm_and_is_said(tmp_path: Path) -> None:
    path, copy = tmp_path / "login.key", tmp_path / "copy.key"
    path.write_bytes(b"\xef\xbb\xbf" + PEM)
    seen = look(path)
    assert seen.cause is None
    assert "byte-order mark" in seen.notes[0]
    command = seen.notes[0].rpartition(": ")[2].replace("FILE", str(path)).replace("COPY", str(copy))
    subprocess.run(["sh", "-c", command], check=True, timeout=60)
    assert copy.read_bytes() == PEM


def put(path: Path, content: bytes) -> None:
    path.write_bytes(content)


OTHER = new_login_identity("somebody else")


@pytest.mark.parametrize("name", ["login.crt", "login.cer", "login.pem"])
def test_the_certificate_beside_the_key_is_held_against_it(tmp_path: Path, name: str) -> None:
    put(tmp_path / "login.key", PEM)
    assert look(tmp_path / "login.key").beside is None
    put(tmp_path / name, IDENTITY.certificate)
    beside = look(tmp_path / "login.key").beside
    assert beside is not None
    assert (beside.place, beside.matches) == (name, True)
    put(tmp_path / name, OTHER.certificate)
    other = look(tmp_path / "login.key").beside
    assert other is not None
    assert other.matches is False


def test_a_certificate_in_the_keys_own_file_is_held_against_it(tmp_path: Path) -> None:
    for content, matches in ((IDENTITY.certificate, True), (OTHER.certificate, False)):
        put(tmp_path / "login.key", PEM + content)
        beside = look(tmp_path / "login.key").beside
        assert beside is not None
        assert (beside.place, beside.matches) == ("the certificate in the key's own file", matches)


def test_of_several_certificates_the_keys_own_counts(tmp_path: Path) -> None:
    put(tmp_path / "login.key", PEM + OTHER.certificate)
    put(tmp_path / "login.pem", IDENTITY.certificate)
    beside = look(tmp_path / "login.key").beside
    assert beside is not None
    assert beside.matches is True


@pytest.mark.parametrize("make", [lambda path: path.mkdir(), lambda path: None], ids=["folder", "nothing"])
def test_what_is_no_file_is_no_key(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "login.key")
    assert look_at_key(None, None, tmp_path / "login.key") == (None, None)
