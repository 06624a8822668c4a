"""JSON is read the same with places and without, or refused in the same words."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.jose.json_text import DEEPEST, NotJsonError, first_fault, read_json, read_value

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


def nested(value: object, depth: int) -> object:
    return value if depth == 0 else nested([value] if depth % 2 else {"keys": value}, depth - 1)


documents = st.one_of(
    st.builds(nested, values, st.integers(0, DEEPEST + 5)).map(lambda value: json.dumps(value).encode()),
    st.text(alphabet='{}[]",:\\u0d8e1 \n\ufeff').map(str.encode),
    st.text(alphabet="[{").map(lambda brackets: json.dumps(brackets * DEEPEST).encode()),
    st.binary(max_size=30),
)


def outcome(read: Callable[[bytes], object], content: bytes) -> object:
    try:
        return read(content)
    except NotJsonError as refused:
        return refused.problem, refused.place


@given(documents)
def test_the_value_is_the_same_with_and_without_places(content: bytes) -> None:
    assert outcome(read_value, content) == outcome(lambda each: read_json(each).value, content)


@pytest.mark.parametrize(
    ("text", "problem", "place"),
    [
        ("{", "expected a name in double quotes or `}`, found the end of the text", (1, 2)),
        ("{'kty': 'RSA'}", "expected a name in double quotes or `}`, found `'`", (1, 2)),
        ('{"a": 1, b: 2}', "expected a name in double quotes, found `b`", (1, 10)),
        ('{"a" 1}', "expected `:`, found `1`", (1, 6)),
        ('{"a":}', "expected a value, found `}`", (1, 6)),
        ('{"a": 1 "b": 2}', 'expected `,` or `}`, found `"`', (1, 9)),
        ("[1 2]", "expected `,` or `]`, found `2`", (1, 4)),
        ("[1}", "expected `,` or `]`, found `}`", (1, 3)),
        ("[,]", "expected a value or `]`, found `,`", (1, 2)),
        ("[01]", "expected `,` or `]`, found `1`", (1, 3)),
        ("[-]", "expected a value or `]`, found `-`", (1, 2)),
        ('{"a": 1}\n{"a": 1}', "expected the end of the text, found `{`", (2, 1)),
        ('{"a": 1,\n "b": 2,\n}', "there is a comma before `}`", (2, 8)),
        ("[1, 2 , ]", "there is a comma before `]`", (1, 7)),
        ('{"a": NaN}', "expected a value, found `NaN`", (1, 7)),
        ("[-Infinity]", "expected a value or `]`, found `-Infinity`", (1, 2)),
        ('{"a": None}', "expected a value, found `None`", (1, 7)),
        ('{"a": hunter2}', "expected a value, found `h`", (1, 7)),
        ('{"a":\u00a01}', "expected a value, found U+00A0", (1, 6)),
        ("\ufeff\ufeff{}", "expected a value, found U+FEFF", (1, 1)),
        ('{"a": "b}', "the string that begins here has no closing quote on its line", (1, 7)),
        ('{"a": "b\nc"}', "the string that begins here has no closing quote on its line", (1, 7)),
        ('["a\tb"]', "a string holds the control character U+0009", (1, 4)),
        (r'["C:\keys"]', "`\\` in a string begins an escape that JSON does not have", (1, 5)),
        (r'["\u12"]', "`\\` in a string begins an escape that JSON does not have", (1, 3)),
    ],
)
def test_a_syntax_error_has_words_and_a_place(text: str, problem: str, place: tuple[int, int]) -> None:
    with pytest.raises(NotJsonError) as refused:
        read_json(text.encode())
    assert (refused.value.problem, refused.value.place) == (f"is not JSON: {problem}", place)


@pytest.mark.parametrize("brackets", ["[" * 21, "[" * 100_000, '{"a":' * 100_000, "[" * 21 + "]" * 21])
def test_deep_nesting_has_the_place_of_its_bracket(brackets: str) -> None:
    with pytest.raises(NotJsonError) as refused:
        read_value(brackets.encode())
    assert refused.value.problem == "is nested deeper than 20 levels"
    assert refused.value.place == (1, 101 if "{" in brackets else 21)


def is_strict_json(text: str) -> bool:
    def refuse(word: str) -> None:
        raise ValueError(word)

    try:
        json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError):
        return False
    return True


changed = st.tuples(
    values.map(json.dumps), st.integers(0, 40), st.integers(0, 2), st.text('{}[]",:\\u0d8e1n \t', max_size=2)
)
texts = st.one_of(
    st.text(alphabet='{}[]",:\\u0d8e1-.+tfrun \n\t\ufeff'),
    changed.map(lambda each: each[0][: each[1]] + each[3] + each[0][each[1] + each[2] :]),
)


@given(texts)
def test_a_fault_is_found_in_just_what_python_refuses(text: str) -> None:
    fault = first_fault(text)
    assert (fault is None) == is_strict_json(text)
    assert fault is None or 0 <= fault.offset <= len(text)
