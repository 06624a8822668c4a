"""YAML text: what is read, and what is refused without harm."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.declaration.tree import Branch, plain
from provisioner.declaration.yaml_text import LARGEST_FILE, parse
from tests.declaration.configs import found


def read(text: str | bytes) -> Any:
    node, findings = parse(text if isinstance(text, bytes) else text.encode(), "a.yaml")
    assert findings == []
    assert node is not None
    return plain(node)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("FALSE", False),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("null", None),
        ("~", None),
        ("", None),
        ("017", 17),
        ("-3", -3),
        ("0x10", "0x10"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".inf", ".inf"),
        ("1e999", "1e999"),
        ("2026-11-01", "2026-11-01"),
        ('"true"', "true"),
        ("'60'", "60"),
        ("9" * 200, "9" * 200),
        ("!!str 60", "60"),
        ("=", "="),
    ],
)
def test_scalars_follow_the_core_schema(written: str, value: object) -> None:
    read_value = read(f"a: {written}\n")["a"]
    assert read_value == value
    assert type(read_value) is type(value)


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("a: 1\na: 2\n", ("yaml-duplicate-key", 2, 1)),
        ("a: {b: 1, b: 2}\n", ("yaml-duplicate-key", 1, 11)),
        ("a: 1\n---\nb: 2\n", ("yaml-multiple-documents", 2, 1)),
        ("a:\n\tb: 1\n", ("yaml-tab", 2, 1)),
        ("a: !secret x\n", ("yaml-unknown-tag", 1, 4)),
        ("a: !!python/object:os.system x\n", ("yaml-unknown-tag", 1, 4)),
        ("a: !!binary eA==\n", ("yaml-unknown-tag", 1, 4)),
        ("a: &x {b: 1}\nc: {<<: *x}\n", ("yaml-merge-key", 2, 5)),
        ("a: *nobody\n", ("yaml-syntax", 1, 4)),
        ("a: &x [*x]\n", ("yaml-alias-bomb", 1, 8)),
        ("a: 'open\n", ("yaml-syntax", 1, 4)),
        ("a: [1, 2\n", ("yaml-syntax", 2, 1)),
        ("? [a, b]\n: 1\n", ("yaml-wrong-type", 1, 3)),
        ("", ("yaml-wrong-type", 1, 1)),
        ("# nothing\n", ("yaml-wrong-type", 1, 1)),
        ("a: \x01\n", ("text-control-character", 1, 4)),
        ("a: ok\nb: \x07\n", ("text-control-character", 2, 4)),
        (b"a: ok\nb: \xff\n", ("yaml-not-utf8", 2, 4)),
        ("a: 1\n".encode("utf-16"), ("yaml-not-utf8", 1, 1)),
        ("a: 1\n".encode("utf-16-be"), ("yaml-not-utf8", 1, 1)),
        ("a: 1\n".encode("utf-16-le"), ("yaml-not-utf8", 1, 1)),
        ("ä: \xff".encode("latin-1"), ("yaml-not-utf8", 1, 1)),
    ],
)
def test_what_is_treacherous_is_a_finding_at_its_place(text: str | bytes, finding: tuple[str, int, int]) -> None:
    _, findings = parse(text if isinstance(text, bytes) else text.encode(), "a.yaml")
    assert found(findings) == [finding]


def test_a_quoted_merge_key_is_a_plain_name() -> None:
    assert read('a: {"<<": 1}\n') == {"a": {"<<": 1}}


def test_a_byte_order_mark_is_read_over() -> None:
    assert read(b"\xef\xbb\xbfa: 1\n") == {"a": 1}


def test_a_file_that_is_too_large_is_not_read() -> None:
    node, findings = parse(b"#" * (LARGEST_FILE + 1), "a.yaml")
    assert (node, [each.rule for each in findings]) == (None, ["yaml-too-large"])


def test_aliases_may_not_unfold_without_end() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    node, findings = parse("\n".join(lines).encode(), "a.yaml")
    assert (node, [each.rule for each in findings]) == (None, ["yaml-alias-bomb"])


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_deep_nesting_is_a_finding_and_not_a_crash(opening: str) -> None:
    node, findings = parse((opening * 100_000).encode(), "a.yaml")
    assert node is None
    assert len(findings) == 1


def test_an_alias_keeps_the_place_of_what_it_means() -> None:
    node, findings = parse(b"a: &x one\nb: *x\n", "a.yaml")
    assert findings == []
    assert isinstance(node, Branch)
    value = node.get("b")
    assert value is not None
    assert str(value.location) == "a.yaml:1:4"


#: YAML has no surrogate pairs, and its names are shorter than 1024 characters: there JSON is no subset of it.
_TEXTS = st.text(st.characters(max_codepoint=0xD7FF), max_size=100)
_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(_TEXTS, _PLAIN, max_size=4))
def test_json_means_the_same(value: dict[str, Any]) -> None:
    assert read(json.dumps(value)) == value


@given(st.binary(max_size=200) | st.text(alphabet=":-?[]{},&*!|>%@`'\"# \n\tab<~", max_size=60).map(str.encode))
def test_nothing_that_is_written_breaks_the_reader(content: bytes) -> None:
    node, findings = parse(content, "a.yaml")
    assert node is not None or findings
