"""Tokens as other programs write them by mistake: the message tells which line of the signing program is wrong."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from provisioner.report.token import header_values
from provisioner.tokens.check import CheckId, Status
from tests.jose.key_files import private_jwk
from tests.jose.making import rsa_key
from tests.tokens.making import encoded, explained, message, not_ok, signed, statuses, token

SHA256 = hashes.SHA256()
HEADER, PAYLOAD, SIGNATURE = token().split(b".")


def signed_as(scheme: Any, digest: hashes.HashAlgorithm) -> bytes:
    content = HEADER + b"." + PAYLOAD
    return content + b"." + encoded(rsa_key().sign(content, scheme, digest))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (signed_as(padding.PSS(padding.MGF1(SHA256), 32), SHA256), "with PS256, and the header says RS256"),
        (signed_as(padding.PKCS1v15(), hashes.SHA512()), "with RS512, and the header says RS256"),
        (signed_as(padding.PKCS1v15(), hashes.SHA1()), "with SHA-1, and the header says RS256"),
        (HEADER + b"." + PAYLOAD + b"." + encoded(SIGNATURE), "its bytes were encoded twice"),
        (
            HEADER + b"." + PAYLOAD + b"." + encoded(base64.urlsafe_b64decode(SIGNATURE + b"==").hex().encode()),
            "its bytes were encoded twice",
        ),
    ],
)
def test_the_right_key_with_another_scheme_is_named(content: bytes, words: str) -> None:
    explanation = explained(content)
    assert statuses(explanation)["signature"] == "failed"
    assert words in message(explanation, CheckId.SIGNATURE)
    assert "made by another key" not in message(explanation, CheckId.SIGNATURE)


def test_another_key_is_still_another_key() -> None:
    said = message(explained(token(key=rsa_key("stranger"))), CheckId.SIGNATURE)
    assert "another private key" in said


def test_a_lifetime_in_place_of_a_time() -> None:
    said = message(explained(token({"exp": 3600})), CheckId.EXPIRED)
    assert "most likely a lifetime (1 hour)" in said
    assert "It expired" not in said
    assert "It expired" in message(explained(token({"exp": 10**8})), CheckId.EXPIRED)


@pytest.mark.parametrize("sub", ["undefined", "null", "None", "NaN", "[object Object]"])
def test_a_missing_id_would_be_shared(sub: str) -> None:
    explanation = explained(token({"sub": sub}))
    assert not_ok(explanation) == {"sub": "unknown"}
    said = message(explanation, CheckId.SUB)
    assert "share one identity" in said
    assert sub not in said


def test_a_token_in_a_token() -> None:
    outer = signed({"alg": "RS256", "typ": "JWT", "kid": "shop-1", "cty": "JWT"}, token(), rsa_key())
    assert "a nested JWT" in message(explained(outer), CheckId.STRUCTURE)


def test_exchanged_parts() -> None:
    said = message(explained(b".".join((PAYLOAD, HEADER, SIGNATURE))), CheckId.STRUCTURE)
    assert "are exchanged" in said


@pytest.mark.parametrize(
    ("content", "note"), [(token() + b"~WyJzYWx0IiwibmFtZSJd~", "sd-jwt"), (base64.b64encode(token()), "base64-around")]
)
def test_what_is_around_a_token_is_named(content: bytes, note: str) -> None:
    explanation = explained(content)
    assert explanation.notes[0].id == note
    assert all(check.status is Status.OK for check in explanation.checks)


def test_a_private_key_in_the_header_is_an_alarm() -> None:
    key = json.loads(private_jwk())
    explanation = explained(token(header={"jwk": key}))
    assert explanation.notes[0].id == "private-key-in-header"
    shown = header_values(explanation.token.header, show=True) if explanation.token is not None else {}
    said = json.dumps(shown) + repr(explanation.notes) + repr(explanation.checks)
    assert not any(key[name] in said for name in ("d", "p", "q", "dp", "dq", "qi"))
    assert shown["jwk"]["n"] == key["n"]


@pytest.mark.parametrize("at", [22, 60, 200])
@pytest.mark.parametrize("mark", ["+", "/"])
def test_a_signature_in_standard_base64_is_not_called_cut(at: int, mark: str) -> None:
    standard = SIGNATURE.decode().replace("-", "+").replace("_", "/")
    content = (HEADER + b"." + PAYLOAD).decode() + "." + standard[:at] + mark + standard[at + 1 :] + "=="
    said = message(explained(content.encode()), CheckId.STRUCTURE)
    assert "standard base64" in said
    assert "cut short" not in message(explained(content.encode()), CheckId.SIGNATURE)
