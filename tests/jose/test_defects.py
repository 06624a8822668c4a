"""Values in sentences: whole if a reader copies or compares them, and never able to mislead the eye."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.jose.defects import LONGEST_EXCERPT, excerpt, shown

ENTRA = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0"


def test_an_issuer_is_never_cut() -> None:
    assert shown(ENTRA) == f'"{ENTRA}"'
    assert shown(ENTRA * 20) == f'"{ENTRA * 20}"'


@given(st.text() | st.integers() | st.lists(st.text()))
def test_an_excerpt_is_json_of_the_value_on_one_line(value: object) -> None:
    said = shown(value)
    assert json.loads(said) == value
    assert said.isprintable()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("schön 日本", '"schön 日本"'),
        ("a\u202eb", '"a\\u202eb"'),
        ("a\u200bb\u00a0", '"a\\u200bb\\u00a0"'),
        ("\x1b[31m\n", '"\\u001b[31m\\n"'),
        ("a\u3164\u034f\u2800\ufe0f", '"a\\u3164\\u034f\\u2800\\ufe0f"'),
        ("\U000e0101", '"\\udb40\\udd01"'),
        ("\U000e0041", '"\\udb40\\udc41"'),
        (["x", 5], '["x", 5]'),
    ],
)
def test_hidden_characters_are_escapes_and_others_are_themselves(value: object, said: str) -> None:
    assert shown(value) == said


def test_what_no_issuer_can_be_is_cut() -> None:
    assert len(shown("\U000e0041" * 100_000)) < 1000


def test_an_excerpt_is_cut_in_the_middle_and_says_so() -> None:
    assert excerpt("short") == shown("short")
    whole = "a" * 40 + "b" * 60
    assert excerpt(whole) == f'"{"a" * 30}" … "{"b" * 30}" (100 characters)'
    assert "…" not in excerpt("x" * LONGEST_EXCERPT)
