"""The editor: what is put, added and removed is the only difference, in every way of writing."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.declaration.editor import Add, Change, Put, Remove, edit
from provisioner.declaration.text_edits import NotEditable, Verbatim, values

BLOCK = "version: 1\nkeys:   # all\n  a: {kid: a}\nremoved:\n  keys: [b]\n"


@pytest.mark.parametrize(
    ("text", "change", "after"),
    [
        ("keys:  # none\nx: 1\n", Put(("keys",), {"a": {"kid": "a"}}), "keys:  # none\n  a:\n    kid: a\nx: 1\n"),
        ("{keys: , x: 1}\n", Put(("keys",), {"a": {"kid": "a"}}), "{keys:  {a: {kid: a}}, x: 1}\n"),
        (BLOCK, Put(("keys", "a", "kid"), "b"), BLOCK.replace("kid: a", "kid: b")),
        (BLOCK, Add(("removed", "keys"), "c"), BLOCK.replace("[b]", "[b, c]")),
        (BLOCK, Add(("removed", "keysets"), "c"), f"{BLOCK}  keysets: [c]\n"),
        (BLOCK, Remove(("removed", "keys"), "b"), BLOCK.replace("[b]", "[]")),
        (BLOCK, Remove(("removed",)), "version: 1\nkeys:   # all\n  a: {kid: a}\n"),
        (BLOCK, Remove(("removed", "keysets")), BLOCK),
        ("a: '${env:X}'\n", Put(("a",), Verbatim("${env:Y}")), "a: '${env:Y}'\n"),
        ("a: ${env:X}\n", Put(("b",), Verbatim("${env:Y}")), "a: ${env:X}\nb: ${env:Y}\n"),
        ("{a: 1}\n", Put(("b",), Verbatim("${env:Y}")), '{a: 1, b: "${env:Y}"}\n'),
        ("a: 1\n", Put(("b",), "${env:Y}"), 'a: 1\nb: "$${env:Y}"\n'),
    ],
)
def test_one_change_is_the_only_difference(text: str, change: Change, after: str) -> None:
    assert edit(text.encode(), [change]).decode() == after


@pytest.mark.parametrize("change", [Put(("version", "a"), 1), Add(("keys",), "a"), Remove(("keys", "a", "kid"))])
def test_a_change_that_does_not_fit_is_refused(change: Change) -> None:
    with pytest.raises(NotEditable):
        edit(b"version: 1\nkeys:\n  a:\n    kid: a\n", [change])


names = st.sampled_from(["a", "b", "c"])
trees = st.fixed_dictionaries({
    "keys": st.dictionaries(names, st.fixed_dictionaries({"kid": names}), min_size=1),
    "keysets": st.dictionaries(names, st.fixed_dictionaries({"keys": st.lists(names, unique=True)}), min_size=1),
})  # fmt: skip


def written(tree: dict[str, Any], flow: bool) -> str:
    keys = [f"  {name}: {{kid: {key['kid']}}}" if flow else f"  {name}:\n    kid: {key['kid']}"
            for name, key in tree["keys"].items()]  # fmt: skip
    keysets = [f"  {name}:\n    keys: [{', '.join(each['keys'])}]" for name, each in tree["keysets"].items()]
    return "\n".join(["keys:  # k", *keys, "# between", "keysets:", *keysets]) + "\n"


@given(trees, names, names, st.booleans())
def test_any_changes_together_have_their_meaning(tree: dict[str, Any], one: str, other: str, flow: bool) -> None:
    keyset = next(iter(tree["keysets"]))
    content = written(tree, flow).encode()
    expected = copy.deepcopy(tree)
    expected["keys"].setdefault(one, {})["label"] = "x"
    expected["keysets"][keyset]["keys"] = [name for name in expected["keysets"][keyset]["keys"] if name != other]
    expected["keysets"].setdefault("d", {})["keys"] = ["a"]
    changes = [
        Put(("keys", one, "label"), "x"),
        Remove(("keysets", keyset, "keys"), other),
        Add(("keysets", "d", "keys"), "a"),
    ]
    assert values(edit(content, changes)) == expected
