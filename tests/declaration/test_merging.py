"""Overrides laid over the declaration: mappings merge, lists and scalars replace, null removes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from provisioner.declaration.tree import Branch, merge, plain, walk
from provisioner.declaration.yaml_text import parse
from tests.declaration.configs import LOCAL, found, load

_NAMES = st.sampled_from("abc")


def documents(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    values = st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_NAMES, inner, max_size=3), max_leaves=8
    )
    return st.dictionaries(_NAMES, values, max_size=3)


BASES = documents(st.integers(0, 9) | st.sampled_from(["", "x", "y: z"]))
OVERLAYS = documents(st.integers(0, 9) | st.none())


def tree(value: dict[str, Any], file: str = "base.yaml") -> Branch:
    node, findings = parse(json.dumps(value, indent=1).encode(), file)
    assert findings == []
    assert isinstance(node, Branch)
    return node


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7396 §2, word for word."""
    if not isinstance(patch, dict):
        return patch
    if not isinstance(target, dict):
        target = {}
    target = dict(target)
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        else:
            target[name] = merge_patch(target.get(name), value)
    return target


@given(BASES, OVERLAYS)
def test_merging_is_a_json_merge_patch(base: dict[str, Any], overlay: dict[str, Any]) -> None:
    merged = merge(tree(base), tree(overlay))
    assert merged is not None
    assert plain(merged) == merge_patch(base, overlay)


@given(BASES, OVERLAYS)
def test_merging_twice_changes_nothing_more(base: dict[str, Any], overlay: dict[str, Any]) -> None:
    once = merge(tree(base), tree(overlay))
    assert once is not None
    twice = merge(once, tree(overlay))
    assert twice is not None
    assert plain(twice) == plain(once)


@given(BASES)
def test_an_empty_overlay_changes_nothing(base: dict[str, Any]) -> None:
    assert merge(tree(base), tree({})) == tree(base)


@given(BASES, OVERLAYS)
def test_every_value_stands_where_its_file_has_it(base: dict[str, Any], overlay: dict[str, Any]) -> None:
    trees = {"base.yaml": tree(base), "overlay.yaml": tree(overlay, "overlay.yaml")}
    marks = {file: {(path, str(place)) for path, _, place in walk(each)} for file, each in trees.items()}
    merged = merge(trees["base.yaml"], trees["overlay.yaml"])
    assert merged is not None
    for path, _, place in walk(merged):
        assert (path, str(place)) in marks[place.file]


DECLARATION = """\
version: 1
keysets:
  shop:
    label: Shop
    issuer: https://id.example.com
    endpoint: https://id.example.com/jwks.json
channels:
  Web_Chat:
    token_expiration_minutes: {verified: 60, unverified: 360}
"""


def test_an_environment_overrides_one_field_and_the_rest_stays(tmp_path: Path) -> None:
    overrides = "overrides: {channels: {Web_Chat: {token_expiration_minutes: {verified: 30}}}}\n"
    loaded = load(tmp_path, DECLARATION, LOCAL + overrides)
    channel = loaded.estate.channels["Web_Chat"]
    assert (channel.verified_minutes, channel.unverified_minutes) == (30, 360)
    verified, unverified = (
        channel.places.of("token_expiration_minutes", which) for which in ("verified", "unverified")
    )
    assert verified is not None
    assert unverified is not None
    assert (Path(verified.file).name, verified.line, verified.column) == ("test.yaml", 2, 72)
    assert (Path(unverified.file).name, unverified.line) == ("user-verification.yaml", 9)


def test_null_removes_an_entry(tmp_path: Path) -> None:
    loaded = load(tmp_path, DECLARATION, LOCAL + "overrides: {keysets: {shop: {label: null}}, channels: null}\n")
    assert loaded.findings == ()
    assert loaded.estate.keysets["shop"].label is None
    assert loaded.estate.channels == {}


def test_an_override_adds_no_entry(tmp_path: Path) -> None:
    added = "overrides: {keysets: {app: {issuer: https://a.example.com, endpoint: https://a.example.com/jwks}}}\n"
    loaded = load(tmp_path, DECLARATION, LOCAL + added)
    assert list(loaded.estate.keysets) == ["shop"]
    assert [each.rule for each in loaded.findings] == ["override-unmatched"]


def test_an_incomplete_override_is_found_after_merging(tmp_path: Path) -> None:
    declared = DECLARATION + "    user_verification: {configurations: {login: {keyset: shop}}}\n"
    text = "overrides: {channels: {Web_Chat: {user_verification: {configurations: {login: {keyset: null}}}}}}\n"
    loaded = load(tmp_path, declared, LOCAL + text)
    assert found(loaded.findings) == [("yaml-missing-field", 10, 42)]


def test_null_is_an_error_even_if_an_override_hides_it(tmp_path: Path) -> None:
    declared = DECLARATION.replace("label: Shop", "label:")
    loaded = load(tmp_path, declared, LOCAL + "overrides: {keysets: {shop: {label: Shop}}}\n")
    assert found(loaded.findings) == [("yaml-null", 4, 11)]


def test_an_overrides_shape_is_checked_in_its_own_file(tmp_path: Path) -> None:
    loaded = load(tmp_path, DECLARATION, LOCAL + "overrides: {keysets: {shop: {lable: Shop}}}\n")
    files = {Path(each.location.file).name for each in loaded.findings if each.location}
    assert {each.rule for each in loaded.findings} == {"yaml-unknown-field"}
    assert files == {"test.yaml"}
    assert len(loaded.findings) == 1
