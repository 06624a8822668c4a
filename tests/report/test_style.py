"""Wrapping and columns."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.report.style import Look, Span, Style
from provisioner.report.visible import cells

URL = "https://id.example.com/" + "realms/" * 20
SGR = re.compile(r"\x1b\[[0-9;]*m")

words = st.lists(st.text("abcxyz.-_/", min_size=1, max_size=30), min_size=1, max_size=30)


@given(words, st.integers(40, 120), st.integers(0, 8), st.integers(0, 8))
def test_wrapping_loses_no_word_and_cuts_none(given_words: list[str], width: int, indent: int, hang: int) -> None:
    lines = Style(width).lines(" ".join(given_words), indent=indent, hang=hang)
    assert " ".join(lines).split() == given_words
    assert all(len(line) <= width or len(line.split()) == 1 for line in lines)


def test_a_url_longer_than_the_line_stays_in_one_piece() -> None:
    lines = Style(80).lines(f"The endpoint {URL} gave no answer.", indent=2)
    assert [line.strip() for line in lines if "https" in line] == [URL]


def test_a_whole_span_is_not_broken_at_its_spaces() -> None:
    value = "a value of many words that is longer than what is left"
    lines = Style(60).lines("some words before it", " ", Span(value, whole=True))
    assert lines == ["some words before it", value]


def test_a_text_cannot_begin_a_line_of_its_own() -> None:
    assert Style(80).lines("a\nNext: b") == ["a\\nNext: b"]


def test_gaps_between_columns_stay() -> None:
    assert Style(80).lines("a   b") == ["a   b"]


@pytest.mark.parametrize("text", ["\x1b[31mred\x1b[0m", "\r\x1b[Koverwritten", "\u202ebackwards", "\x07"])
def test_no_escape_of_a_text_reaches_the_terminal(text: str) -> None:
    style = Style(80, color=True)
    rows = style.table([[text, Span(text, Look.BAD), Span(text, whole=True)]])
    shown = "".join(
        [*style.lines(text, Span(text, Look.GOOD), Span(text, whole=True)), *rows, style.paint(text, Look.BAD)]
    )
    assert not set(SGR.sub("", shown)) & set("\x1b\r\u202e\x07")


def test_colour_adds_nothing_but_colour() -> None:
    parts = ("plain ", Span("two words", Look.DANGER), " ", Span("and some more of them", Look.FAINT), " end")
    coloured = Style(40, color=True).lines(*parts, hang=4)
    assert [SGR.sub("", line) for line in coloured] == Style(40).lines(*parts, hang=4)
    assert coloured != Style(40).lines(*parts, hang=4)


def test_no_look_is_lost_on_light_or_on_dark_ground() -> None:
    trouble = {"30", "33", "34", "37", "90", "93", "97", "7"}  # black, yellow, blue, white, their bright ones, reverse
    assert not {parameter for look in Look for parameter in look.value.split(";")} & trouble


@given(st.lists(st.tuples(st.text("ab世", max_size=9), st.integers(0, 10**6)), min_size=1, max_size=5))
def test_columns_are_aligned_in_cells(rows: list[tuple[str, int]]) -> None:
    lines = Style(120).table([(name, str(number), "x") for name, number in rows], right=(1,))
    assert len({cells(line) for line in lines}) == 1


def test_a_long_last_column_wraps_under_itself() -> None:
    lines = Style(40).table([("rule", "a sentence that is too long for one line of this width")], indent=2)
    at = lines[0].index("a sentence")
    assert len(lines) == 2
    assert len(lines[1]) - len(lines[1].lstrip()) == at


_PARTS = st.lists(
    st.builds(Span, st.text("ab \t\N{CJK UNIFIED IDEOGRAPH-6F22}", max_size=12), whole=st.booleans()), max_size=6
)


@given(_PARTS, st.integers(0, 6), st.integers(0, 6))
def test_colour_changes_no_line(parts: list[Span], indent: int, hang: int) -> None:
    plain, coloured = Style(40), Style(40, color=True)
    assert plain.lines(*parts, indent=indent, hang=hang) == coloured.lines(*parts, indent=indent, hang=hang)
