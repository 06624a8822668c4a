"""What comes from YAML or an org can neither move the cursor nor mislead the eye."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.report.visible import cells, quoted, visible

any_text = st.text(st.characters(codec=None))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Storefront", "Storefront"),
        ("Größe 世界", "Größe 世界"),
        ("\x1b[2J\x1b]0;title\x07", "\\x1b[2J\\x1b]0;title\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("a\tb\r\nc", "a\\tb\\r\\nc"),
        ("\u202edetrevni", "\\u202edetrevni"),
        ("iso\u2066late\u2069", "iso\\u2066late\\u2069"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("no\xa0break", "no\\xa0break"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("half \ud800", "half \\ud800"),
        ("line\u2028end", "line\\u2028end"),
        ("filler\u3164", "filler\\u3164"),
        ("joiner\u034f", "joiner\\u034f"),
        ("selector\ufe0f", "selector\\ufe0f"),
        ("blank\u2800", "blank\\u2800"),
        ("supplement\U000e0101", "supplement\\U000e0101"),
    ],
)
def test_what_does_not_show_as_itself_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(any_text)
def test_no_text_holds_a_control_or_format_character_afterwards(text: str) -> None:
    assert not {unicodedata.category(each) for each in visible(text)} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(any_text, any_text)
def test_two_values_that_look_the_same_in_quotes_are_the_same(one: str, other: str) -> None:
    assert (quoted(one) == quoted(other)) == (one == other)


def test_a_written_escape_differs_from_the_character() -> None:
    assert quoted("\\x1b") != quoted("\x1b")


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("世界", 4), ("e\u0301", 1), ("🛑", 2), ("…", 1)])
def test_width_is_counted_in_columns(text: str, width: int) -> None:
    assert cells(text) == width
