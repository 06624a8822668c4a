"""Two issuers, and the one small thing that differs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.tokens.issuers import difference, nearest

TRUE = "https://id.example.com"


@pytest.mark.parametrize(
    ("issuer", "word"),
    [
        ("https://id.example.com/", "the token's has a slash"),
        ("https://ID.example.com", "upper and lower case"),
        ("http://id.example.com", "http://"),
        ("id.example.com", "no scheme"),
        (" https://id.example.com", "white space"),
        ("https://id.example.com\n", "white space"),
        ("https://id.example.com\u200b", "invisible"),
        ("https://id.\u0435xample.com", "U+0435 CYRILLIC SMALL LETTER IE"),
        ("https://id.exampl\uff45.com", "U+FF45"),
        ("https://id.example.com:443", ":443"),
        ("HTTP://id.example.com/", "several details"),
        ("https://id.example.com/tenant", "continues with '/tenant'"),
        ("https://id.exemple.com", "character 14"),
    ],
)
def test_the_difference_is_named_from_both_sides(issuer: str, word: str) -> None:
    said = difference(issuer, TRUE)
    assert said is not None
    assert word in said
    assert difference(TRUE, issuer) is not None


def test_only_similar_issuers_are_compared() -> None:
    assert difference(TRUE, TRUE) is None
    assert difference("intercom.com", TRUE) is None
    assert nearest("intercom.com", [TRUE]) is None


def test_the_nearest_of_several_is_taken() -> None:
    assert nearest(TRUE + "/", ["https://id.example.org", TRUE, "fin.ai"]) == (TRUE, difference(TRUE + "/", TRUE))


TEXT = st.text(alphabet="htps:/.aAeE \u0435\u200b4", max_size=12) | st.text(max_size=30)


@given(TEXT, TEXT)
def test_any_two_issuers_can_be_compared(one: str, other: str) -> None:
    said = difference(one, other)
    assert (said is None) or (one != other and len(said) < 400)


@given(st.text(min_size=1, max_size=20))
def test_a_small_difference_is_always_seen(issuer: str) -> None:
    assert difference(issuer + "/", issuer) is not None
    assert difference(issuer + " ", issuer) is not None


def test_long_issuers_are_compared_within_bounds() -> None:
    assert difference("https://" + "a" * 500_000, "https://" + "b" * 500_000) is None


UNSEEN = st.characters(categories=["Cc", "Cf", "Zs", "Zl", "Zp"])


@given(st.text(st.characters(categories=["L", "N", "P", "S"])), st.data())
def test_unseen_characters_are_white_space_or_invisible(issuer: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(issuer)))
    said = difference(issuer[:at] + data.draw(UNSEEN) + issuer[at:], issuer)
    assert said == "the token's contains white space or an invisible character"
