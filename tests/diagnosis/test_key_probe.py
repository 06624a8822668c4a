"""The private key offline: each mistake's own words, the command that repairs it, and the certificate beside it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from provisioner.diagnosis.login.evidence import KeySeen
from provisioner.diagnosis.login.probes.key import look_at_key
from provisioner.jose.cures import Input
from provisioner.localorg.certificates import new_login_identity
from provisioner.secrets import Reference, ReferenceKind, Resolver

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
#: What a file may hold that is no plain PEM, and words of the note about it; None where no word is needed.
TAKEN: dict[str, tuple[bytes, str | None]] = {
    "one line": (" ".join(LINES).encode(), "line breaks were put back"),
    "one line, PKCS#1": ("".join(PKCS1.decode().splitlines()).encode(), "line breaks were put back"),
    "escaped newlines": ("\\n".join(LINES).encode(), "the two characters"),
    "double quotes": (b'"' + PEM.strip() + b'"', "quotation marks"),
    "quotes and escapes": (json.dumps(PEM.decode()).encode(), "removed and the two characters"),
    "base64": (base64.b64encode(PEM), "its base64"),
    "no armour": ("\n".join(LINES[1:-1]).encode(), "PEM lines"),
    "no armour, PKCS#1": ("\n".join(PKCS1.decode().splitlines()[1:-1]).encode(), "PEM lines"),
    "UTF-16": (PEM.decode().encode("utf-16"), "UTF-16"),
    "byte-order mark": (b"\xef\xbb\xbf" + PEM, "byte order mark"),
    "line ends of Windows": (PEM.replace(b"\n", b"\r\n"), "CRLF"),
    "DER": (DER, None),
    "OpenSSH": (encoded(serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH), None),
    "PKCS#12": (pkcs12.serialize_key_and_certificates(b"x", KEY, None, None, PLAIN), None),
    "PEM": (PEM, None),
}
LOCKED = serialization.BestAvailableEncryption(b"pw")
#: What is refused for its passphrase.
ENCRYPTED: dict[str, tuple[bytes, str]] = {
    "encrypted": (encoded(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, b"pw"), "is encrypted"),
    "encrypted DER": (encoded(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, b"pw"), "is encrypted"),
    "encrypted PKCS#12": (pkcs12.serialize_key_and_certificates(b"x", KEY, None, None, LOCKED), "PKCS #12"),
}
#: What no command can make a private key of.
HOPELESS: dict[str, tuple[bytes, str]] = {
    "certificate": (IDENTITY.certificate, "is a certificate (PEM)"),
    "certificate in DER": (
        base64.b64decode("".join(IDENTITY.certificate.decode().splitlines()[1:-1])),
        "a certificate (DER)",
    ),
    "empty": (b"", "is empty"),
    "noise": (b"\xff\x00\x81\x92" * 50, "nothing that is known"),
}


def look(path: Path) -> KeySeen:
    """As the command does: the reference is read, and where that gives no text, the file itself is looked at."""
    secret = Resolver(path.parent).resolve_key(Reference(ReferenceKind.FILE, path.name))
    seen, _ = look_at_key(secret, None, path, Input.of_file(str(path)))
    assert seen is not None
    return seen


@pytest.mark.parametrize("name", TAKEN)
def test_a_key_in_a_wrapping_is_taken_with_a_note(tmp_path: Path, name: str) -> None:
    content, words = TAKEN[name]
    path = tmp_path / "login.key"
    path.write_bytes(content)
    seen = look(path)
    assert (seen.cause, seen.bits) == (None, 2048)
    assert words in seen.notes[0] if words is not None else not seen.notes


@pytest.mark.parametrize("mistake", [*ENCRYPTED, *HOPELESS])
def test_each_mistake_has_words_of_its_own(tmp_path: Path, mistake: str) -> None:
    content, words = {**ENCRYPTED, **HOPELESS}[mistake]
    path = tmp_path / "login.key"
    path.write_bytes(content)
    seen = look(path)
    assert seen.cause in ("key-unreadable", "key-encrypted")
    assert words in seen.words
    assert seen.remedy


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
