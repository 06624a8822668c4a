"""The redactor sees a secret in every spelling that an echo or an output format can give it."""

from __future__ import annotations

import base64
import html
import json
import re
import time
import timeit
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner import redaction
from provisioner.redaction import MASK, Redactor, redactor
from provisioner.report.json import json_text
from provisioner.report.markdown import code, plain
from provisioner.report.style import Style
from provisioner.report.visible import visible
from tests import growth

SESSION = "00D5g0000000001!AQEAQdoor.key_for-the.tests"
DOOR = "AQEAQdoor.key_for-the.tests"
SHORTEST_SESSION = "00D5g0000000001!abcdefgh"


def percent(text: str) -> str:
    return "".join(f"%{octet:02x}" for octet in text.encode())


def entities(text: str) -> str:
    return "".join(f"&#{ord(each)};" for each in text)


def hexadecimal(text: str) -> str:
    return "".join(f"&#x{ord(each):X};" for each in text)


def backslashed(text: str) -> str:
    return "".join(f"\\u{ord(each):04x}" for each in text)


def based(prefix: str) -> Callable[[str], str]:
    def encode(text: str) -> str:
        return base64.b64encode((prefix + text + "x").encode()).decode()

    return encode


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "quoted": lambda text: quote(text, safe=""),
    "percent": percent,
    "percent twice": lambda text: quote(percent(text)),
    "entities": entities,
    "hexadecimal": hexadecimal,
    "html": html.escape,
    "html of quoted": lambda text: html.escape(quote(text, safe="")),
    "backslashes": backslashed,
    "json": lambda text: json.dumps(text)[1:-1],
    "json in json": lambda text: json.dumps(json.dumps(text)),
    "repr": lambda text: repr(text)[1:-1],
    "visible": lambda text: "".join(visible(each) for each in text),
    "base64": based(""),
    "base64 later": based("user:"),
    "base64 last": based("ab"),
    "urlsafe": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
}
VALUES = [
    SESSION,
    "correct horse battery",
    "quo\"te and 'other' ones",
    "tab\tand\x1bescape\x07bell",
    "S3cr3t_Pass*phrase!<&>",
    "back\\slash\\new",
    "ünïcödé-schlüssel",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("value", VALUES)
def test_every_spelling_of_a_value(value: str, spelling: str) -> None:
    keeper = Redactor()
    keeper.keep(value)
    spelled = SPELLINGS[spelling](value)
    for masked in (keeper.redact(f"before {spelled} after"), keeper.redact_document(f"before {spelled} after")):
        assert masked.startswith("before ")
        assert masked.endswith(" after")
        assert len(masked) <= len("before  after") + len(MASK) + 16, masked
        assert MASK in masked


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_session_without_its_org(spelling: str) -> None:
    keeper = Redactor()
    keeper.keep(SESSION)
    masked = keeper.redact(f"It is <{SPELLINGS[spelling](DOOR)}>.")
    assert masked.startswith("It is <")
    assert len(masked) <= len("It is <>.") + len(MASK) + 16, masked


@pytest.mark.parametrize("spelled", ["00D5g0000000001%21AQEAQdoorkey", "00D5g0000000001&#33;AQEAQdoorkey"])
def test_an_unknown_session_with_its_sign_escaped(spelled: str) -> None:
    assert Redactor().redact(f"a {spelled} b") == f"a {MASK} b"


def test_a_pattern_does_not_uncover_the_rest() -> None:
    keeper = Redactor()
    token = "00D5g0000000001!AQEAQ12345678~rest/of+it"
    keeper.keep(token)
    assert keeper.redact(f"<{token}>") == f"<{MASK}>"
    keeper.keep("AQEAQ1234")
    assert keeper.redact(f"<{token}>") == f"<{MASK}>"


def test_a_value_with_blanks_that_was_wrapped() -> None:
    keeper = Redactor()
    keeper.keep("correct horse battery staple")
    assert keeper.redact("(correct horse\n      battery staple)") == f"({MASK})"
    assert keeper.redact("correct+horse+battery+staple") == MASK


def test_a_short_secret_is_masked_as_a_word() -> None:
    keeper = Redactor()
    keeper.keep("s3x")
    assert keeper.redact("It is s3x, 's3x', and s3xy.") == f"It is {MASK}, '{MASK}', and s3xy."
    assert keeper.redact_document('{"a": "s3x"}') == '{"a": "s3x"}'
    keeper.keep("k")
    assert keeper.redact("k") == "k"


def test_every_format_masks_before_it_escapes() -> None:
    secret = "S3cr3t *pass* <phrase>\twith all & sundry"
    redactor.keep(secret)
    shown = [
        visible(f"a {secret}"),
        plain(f"a {secret}"),
        code(f"a {secret}"),
        json_text({"a": [secret, {"b": f"x {secret}"}]}),
        "\n".join(Style(40).lines(f"A long line of words that wraps {secret} in the middle of it.")),
        "\n".join(line for row in [Style(40).table([["name", secret]])] for line in row),
    ]
    for text in shown:
        assert "phrase" not in text
        assert "sundry" not in text
        assert "***" in text.replace("\\*", "*")


def test_short_secrets_keep_json_valid() -> None:
    redactor.keep("1234")
    document = json.loads(json_text({"n": 1234, "text": "1234", "1234": True}))
    assert document == {"n": 1234, "text": MASK, "1234": True}


@given(st.text(max_size=80), st.sampled_from(VALUES), st.text(max_size=80))
def test_what_stands_around_stays(before: str, value: str, after: str) -> None:
    keeper = Redactor()
    keeper.keep(value)
    assert value not in keeper.redact(before + value + after)


@given(st.text(max_size=200))
def test_nothing_told_means_nothing_changed(text: str) -> None:
    assert Redactor().redact(text) == text


def test_escapes_without_end_take_linear_time() -> None:
    keeper = Redactor()
    keeper.keep(SESSION)

    def seconds(size: int) -> float:
        began = time.process_time()
        keeper.redact("%21&#33;\\u0021\\" * (size // 16))
        return time.process_time() - began

    assert growth.at_most(12, seconds, 100_000, 400_000), (
        "four times as much; a square would take sixteen times as long"
    )


@pytest.mark.parametrize("label", ["", "RSA ", "ENCRYPTED ", "X25519 ", "ENCRYPTED COSIGN "])
@pytest.mark.parametrize("block", ["", " BLOCK"])
def test_a_private_key_with_any_label_is_masked(label: str, block: str) -> None:
    kind = f"{label}PRIVATE KEY{block}"
    body = "c29tZSBrZXkgbWF0ZXJpYWwgdGhhdCBub2JvZHkgbWF5IHNlZQ=="
    assert body[:20] not in Redactor().redact(f"log: -----BEGIN {kind}-----\n{body}\n-----END {kind}-----\nend")


@pytest.mark.parametrize(
    "piece", ["ey-", "eyJhbGciOi-", "eyJhbGciOiJ.", "-----BEGIN PRIVATE KEY-----", "00D123456789012"]
)
def test_a_repeated_beginning_takes_linear_time(piece: str) -> None:
    def seconds(characters: int) -> float:
        text = piece * (characters // len(piece))
        return min(timeit.repeat(lambda: Redactor().redact(text), number=1, repeat=3))

    assert seconds(400_000) < 8 * 4 * max(seconds(100_000), 0.002)


_FRAGMENTS = ("ey", "eyJhbGciOi", "abcdefgh", "abcdefghijklmnopqr", ".", "-", "_", " ", "=", "\n", "x")


@given(st.lists(st.sampled_from(_FRAGMENTS), max_size=14).map("".join))
def test_jwts_are_found_as_the_plain_pattern_finds_them(text: str) -> None:
    plain = re.compile(r"ey(?<=\bey)[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*")
    found = {index for start, end in redaction._jwts(text) for index in range(start, end)}
    assert {index for match in plain.finditer(text) for index in range(*match.span())} <= found


@given(st.sampled_from([*VALUES, "s3x", "a  b\n\ncdef", " 12345 ", "x" * 40]))
def test_the_shortest_text_that_is_a_secret(value: str) -> None:
    keeper = Redactor()
    keeper.keep(value)
    assert keeper.redact(" ".join(value.split())) == MASK
    assert keeper.redact(SHORTEST_SESSION) == MASK
