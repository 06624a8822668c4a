"""JSON is read the same with places and without, or refused in the same words."""

from __future__ import annotations

import json
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from provisioner.keys.json_text import DEEPEST, NotJsonError, read_json, read_value

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
