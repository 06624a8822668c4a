"""Input from nowhere good: a plain answer, bounded work, no exception."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.jose.making import rsa_key
from tests.jose.test_diagnosis import JSON
from tests.tokens.making import ISSUER, TIME, encoded, explained, signed, statuses, token

BIG = 900_000


@pytest.mark.parametrize(
    "content",
    [
        b"." * BIG,
        b"A" * BIG,
        b"ey." * (BIG // 3),
        b"eyJ" + b"A" * BIG + b"." + b"A" * 10 + b"." + b"A" * 10,
        b"Bearer " * (BIG // 7),
        b'"' * BIG,
        b"JWT : " * (BIG // 6),
        b"<" * BIG,
        b"{" * BIG,
        b"[" * BIG,
        b"\0" * BIG,
        b"\xff" * BIG,
        b" " * BIG,
        b"-----BEGIN " * (BIG // 11),
        signed(b"{" * 10_000, b"[" * 500_000, rsa_key()),
        signed({"alg": "RS256"}, b'{"a":' * 100_000, rsa_key()),
        signed({"alg": "RS256"}, b'{"exp":' + b"9" * 600_000 + b"}", rsa_key()),
        signed({"alg": "RS256"}, {f"c{number}": number for number in range(30_000)}, rsa_key()),
        signed({"alg": "RS256", "kid": "k" * 500_000}, {"iss": "i" * 100_000}, rsa_key()),
        signed({"alg": "A" * 500_000}, {"sub": "s" * 100_000}, rsa_key()),
        signed({"alg": "RS256"}, b'{"a":"\\ud800"}', rsa_key()),
        token().rpartition(b".")[0] + b"." + b"A" * BIG,
        token({"iss": ISSUER + "\u0435" * 50_000}),
    ],
    ids=range(23),
)
def test_hostile_tokens_get_a_plain_answer(content: bytes) -> None:
    explanation = explained(content)
    assert explanation.accepted is False
    assert len(statuses(explanation)) == 16
    for check in explanation.checks:
        assert len(check.message) < 2000


@given(st.binary(max_size=300))
def test_no_bytes_are_too_strange(content: bytes) -> None:
    assert explained(content).accepted is False


@given(st.text(max_size=300))
def test_no_text_is_too_strange(content: str) -> None:
    assert explained(content.encode("utf-8", "surrogatepass")).accepted is False


@given(JSON, JSON)
def test_no_header_and_no_payload_is_too_strange(header: Any, payload: Any) -> None:
    content = b".".join(encoded(json.dumps(each).encode()) for each in (header, payload)) + b".AAAA"
    assert explained(content).accepted is False


NAMES = st.sampled_from(["alg", "typ", "kid", "crit", "b64", "jwk", "iss", "sub", "exp", "iat", "nbf", "aud", "scope"])


@given(st.dictionaries(NAMES, JSON, max_size=6), st.dictionaries(NAMES, JSON, max_size=6))
def test_really_signed_tokens_with_strange_members(header: dict[str, Any], claims: dict[str, Any]) -> None:
    head = {"alg": "RS256", "typ": "JWT", "kid": "shop-1", **header}
    body = {"iss": ISSUER, "sub": "a", "exp": TIME + 60, **claims}
    explained(signed(head, body, rsa_key()))
