"""The login's key: what is tolerated, and a sentence of its own for each mistake."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from provisioner.errors import InputError
from provisioner.jose import generation
from provisioner.jose.private_key import load_private_key
from provisioner.secrets import Secret
from tests.jose import making
from tests.salesforce.certificates import pem

PASSPHRASE = Secret("correct horse")


def _public(key: rsa.RSAPrivateKey) -> str:
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def _openssh(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    ).decode()


CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"


def certificate() -> str:
    return making.shop().public_bytes(serialization.Encoding.PEM).decode()


def request(key: rsa.RSAPrivateKey) -> str:
    return generation.signing_request(key, "shop").decode()


@pytest.mark.parametrize("pkcs1", [False, True])
def test_both_forms_of_a_key_are_read(rsa_key: rsa.RSAPrivateKey, pkcs1: bool) -> None:
    assert load_private_key(Secret(pem(rsa_key, pkcs1=pkcs1).decode())).key_size == 2048


@pytest.mark.parametrize("pkcs1", [False, True])
@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_both_forms_of_an_encrypted_key_are_read(rsa_key: rsa.RSAPrivateKey, pkcs1: bool, ending: str) -> None:
    text = pem(rsa_key, pkcs1=pkcs1, passphrase=b"correct horse").decode()
    loaded = load_private_key(Secret(text), Secret(f"correct horse{ending}"))
    assert loaded.private_numbers() == rsa_key.private_numbers()


@pytest.mark.parametrize(
    "changed",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\n\n  " + text + "  \n",
        lambda text: "\n".join("    " + line for line in text.splitlines()),
        lambda text: CERTIFICATE + "\n" + text,
        lambda text: text + CERTIFICATE,
        lambda text: text.replace("\n", ""),
        lambda text: text.replace("\n", " "),
        lambda text: text.replace("\n", "\\n"),
        lambda text: text.replace("\n", "\\\\n"),
        lambda text: text.replace("\n", "\\r\\n"),
        lambda text: f'"{text.strip()}"',
        lambda text: "'" + text.replace("\n", "\\n") + "'",
        lambda text: f"\u201c{text.strip()}\u201d",
        lambda text: f'"{text.strip()}',
        json.dumps,
        lambda text: repr(text.encode()),
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: base64.encodebytes(text.encode()).decode(),
        lambda text: base64.b64encode(base64.b64encode(text.encode())).decode(),
        lambda text: base64.b64encode(text.replace("\n", "\\n").encode()).decode(),
        lambda text: "\n".join(text.splitlines()[1:-1]),
        lambda text: "".join(text.splitlines()[1:-1]),
        lambda text: "\\n".join(text.splitlines()[1:-1]),
        quote,
        lambda text: "Bag Attributes\n    friendlyName: shop\nKey Attributes: <No Attributes>\n" + text,
        lambda text: f"SF_KEY='{text}'\n",
    ],
)
@pytest.mark.parametrize("pkcs1", [False, True])
def test_what_editors_and_secret_stores_do_is_no_obstacle(
    rsa_key: rsa.RSAPrivateKey, changed: object, pkcs1: bool
) -> None:
    assert callable(changed)
    text = changed(pem(rsa_key, pkcs1=pkcs1).decode())
    assert load_private_key(Secret(text)).private_numbers() == rsa_key.private_numbers()


@pytest.mark.parametrize("changed", [lambda text: text.replace("\n", " "), lambda text: text.replace("\n", "\\n")])
def test_the_old_headers_of_encryption_survive_lost_breaks(rsa_key: rsa.RSAPrivateKey, changed: object) -> None:
    assert callable(changed)
    text = changed(pem(rsa_key, pkcs1=True, passphrase=b"correct horse").decode())
    assert load_private_key(Secret(text), PASSPHRASE).private_numbers() == rsa_key.private_numbers()


def test_a_passphrase_that_is_not_needed_does_no_harm(rsa_key: rsa.RSAPrivateKey) -> None:
    assert load_private_key(Secret(pem(rsa_key).decode()), PASSPHRASE).key_size == 2048


def _mistakes(key: rsa.RSAPrivateKey) -> dict[str, tuple[str, str, str]]:
    """What is given for a key, the error's code, and words of its message."""
    text = pem(key).decode()
    other = pem(rsa.generate_private_key(65537, 2048)).decode()
    small = pem(rsa.generate_private_key(65537, 1024)).decode()
    elliptic = ec.generate_private_key(ec.SECP256R1())
    edwards = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "empty": ("", "key-unreadable", "is empty"),
        "blank": (" \n ", "key-unreadable", "is empty"),
        "certificate": (certificate(), "key-unreadable", "in its place is a certificate (PEM)"),
        "request": (request(key), "key-unreadable", "certificate request"),
        "public key": (_public(key), "key-unreadable", "a bare public key"),
        "openssh, elliptic": (_openssh(elliptic), "key-not-rsa", "an EC private key (PEM, OpenSSH), not an RSA key"),
        "elliptic": (pem(elliptic).decode(), "key-not-rsa", "not an RSA key"),
        "elliptic, old form": (pem(elliptic, pkcs1=True).decode(), "key-not-rsa", "an EC private key (PEM, SEC 1)"),
        "edwards": (edwards.decode(), "key-not-rsa", "an Ed25519 private key"),
        "small": (small, "key-too-small", "1024 bits"),
        "encrypted": (pem(key, passphrase=b"secret phrase").decode(), "key-encrypted", "no passphrase was given"),
        "encrypted, old": (
            pem(key, pkcs1=True, passphrase=b"secret phrase").decode(),
            "key-encrypted",
            "no passphrase was given",
        ),
        "cut short": (text[:-40], "key-unreadable", "cut short"),
        "damaged": (text.replace(text[200:240], "A" * 40), "key-unreadable", "damaged"),
        "two keys": (text + other, "key-unreadable", "one of 2 private keys"),
        "public jwk": ('{"kty": "RSA", "n": "AQAB", "e": "AQAB"}', "key-unreadable", "in its place is a JWK"),
        "path": ("~/.secrets/uat.key", "key-unreadable", "a path, not the content"),
        "variable": ("${{ secrets.SF_KEY }}", "key-unreadable", "a variable or secret that nothing has filled in"),
        "mask": ("***", "key-unreadable", "a mask"),
        "page": ("<!DOCTYPE html><title>Log in</title>", "key-unreadable", "a web page"),
        "prose": ("the key of the shop", "key-unreadable", "nothing that is known"),
    }


MISTAKES = (
    "empty", "blank", "certificate", "request", "public key", "openssh, elliptic", "elliptic", "elliptic, old form",
    "edwards", "small", "encrypted", "encrypted, old", "cut short", "damaged", "two keys", "public jwk", "path",
    "variable", "mask", "page", "prose",
)  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_each_mistake_has_its_own_words(rsa_key: rsa.RSAPrivateKey, mistake: str) -> None:
    given, code, words = _mistakes(rsa_key)[mistake]

    with pytest.raises(InputError) as wrong:
        load_private_key(Secret(given))

    assert wrong.value.code == code
    assert words in wrong.value.message
    assert wrong.value.next
    said = wrong.value.message + wrong.value.next
    secret_lines = [line for line in given.splitlines() if len(line) > 20 and not line.startswith("-----")]
    assert not any(line in said for line in secret_lines), "the error shows a part of the key"
    assert "the key of the shop" not in said


@pytest.mark.parametrize("pkcs1", [False, True])
def test_a_wrong_passphrase_is_said_to_be_one(rsa_key: rsa.RSAPrivateKey, pkcs1: bool) -> None:
    text = pem(rsa_key, pkcs1=pkcs1, passphrase=b"secret phrase").decode()
    with pytest.raises(InputError, match="passphrase is wrong") as wrong:
        load_private_key(Secret(text), PASSPHRASE)
    assert wrong.value.code == "key-encrypted"


@given(st.sampled_from(["p", "q", "d", "dmp1", "dmq1", "iqmp", "e", "n"]), st.integers(2, 2**64))
def test_a_key_with_any_damaged_number_is_refused(part: str, change: int) -> None:
    """The DER of a PKCS#1 key, one of its integers replaced: it must be refused, or still sign rightly."""
    numbers = dict(KEY_NUMBERS)
    numbers[part] ^= change
    der = _sequence([0, *(numbers[name] for name in ("n", "e", "d", "p", "q", "dmp1", "dmq1", "iqmp"))])
    body = base64.encodebytes(der).decode()
    pem = f"-----BEGIN RSA PRIVATE KEY-----\n{body}-----END RSA PRIVATE KEY-----\n"
    try:
        key = load_private_key(Secret(pem))
    except InputError as refused:
        code = refused.code
    else:
        key.public_key().verify(key.sign(b"x", PKCS1v15(), SHA256()), b"x", PKCS1v15(), SHA256())
        return
    assert code in ("key-unreadable", "key-too-small")


def _numbers() -> dict[str, int]:
    private = rsa.generate_private_key(65537, 2048).private_numbers()
    public = private.public_numbers
    return {
        **{name: getattr(private, name) for name in ("p", "q", "d", "dmp1", "dmq1", "iqmp")},
        "e": public.e,
        "n": public.n,
    }


KEY_NUMBERS = _numbers()


def _sequence(integers: list[int]) -> bytes:
    content = b"".join(_tagged(2, each.to_bytes(each.bit_length() // 8 + 1, "big")) for each in integers)
    return _tagged(0x30, content)


def _tagged(tag: int, content: bytes) -> bytes:
    length = len(content)
    head = (
        bytes([length])
        if length < 128
        else bytes([0x80 | (length.bit_length() + 7) // 8]) + length.to_bytes((length.bit_length() + 7) // 8, "big")
    )
    return bytes([tag]) + head + content
