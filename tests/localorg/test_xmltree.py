"""The tree that files and envelopes are read into: nothing is lost on the way in and out, and nothing breaks it."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.localorg.xmltree import Node, XmlProblem, branch, compact, file_text, leaf, parse

_NAMES = st.sampled_from(["a", "bc", "messagingAuthorizations", "x1"])
_TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t\r'\"&<>é"), min_size=1, max_size=20
)
_LEAVES = st.builds(leaf, _NAMES, _TEXTS)
_TREES = st.recursive(
    _LEAVES, lambda inner: st.builds(branch, _NAMES, st.lists(inner, min_size=1, max_size=4)), max_leaves=12
)


def shape(node: Node) -> object:
    return (node.name, [shape(child) for child in node.children] or node.text)


@given(_TREES)
def test_a_compact_element_comes_back(tree: Node) -> None:
    assert shape(parse(compact(tree).encode())) == shape(tree)


@given(st.lists(_TREES, min_size=1, max_size=4))
def test_a_file_comes_back_and_is_written_the_same_again(trees: list[Node]) -> None:
    text = file_text(branch("Root", trees))
    read = parse(text.encode())
    assert [shape(child) for child in read.children] == [shape(tree) for tree in trees]
    assert file_text(read) == text


@given(st.one_of(st.binary(), st.text().map(str.encode)))
def test_whatever_comes_is_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(XmlProblem):
        parse(content)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"<a>", b"<a/><b/>", b"text", b"<a>&b;</a>", b"\xff\xfe<", b'<?xml version="1.0" encoding="nope"?><a/>',
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b"<a>" * 100 + b"</a>" * 100, "<ä".encode("latin-1"),
    ],
)  # fmt: skip
def test_what_is_refused(content: bytes) -> None:
    with pytest.raises(XmlProblem) as caught:
        parse(content)
    assert caught.value.line >= 1
    assert caught.value.column >= 1


def test_places_and_names() -> None:
    root = parse(b'<?xml version="1.0"?>\n<n:a xmlns:n="u" xmlns:xsi="v">\n  <b xsi:type="n:X">t</b>\n</n:a>')
    [child] = root.children
    assert (root.name, root.namespace, root.line, root.column) == ("a", "u", 2, 1)
    assert (child.name, child.attributes, child.text, child.line, child.column) == ("b", {"type": "n:X"}, "t", 3, 3)
