"""The merged declaration, each value with its origin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from provisioner.declaration.load import ConfigDirectory
from provisioner.declaration.tree import Branch, Entry, Node, Scalar, Sequence, plain
from provisioner.declaration.variables import Substitution
from provisioner.declaration.yaml_text import parse
from provisioner.diagnostics import Location
from provisioner.report.rendering import declaration_json, declaration_yaml
from tests.report.golden import assert_golden, assert_golden_json

PLACE = Location("a.yaml", 1, 1)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8"), max_size=20),
    st.sampled_from(
        ["true", "No", "1", "1.5", "~", "", " a", "a: b", "a #b", "- x", "${var:x}", "$${", "$$${a", "1e3", "null"]
    ),
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=9), inner, max_size=3)
    ),
    max_leaves=12,
)


def tree_of(value: Any) -> Node:
    if isinstance(value, dict):
        return Branch({key: Entry(key, PLACE, tree_of(each)) for key, each in value.items()}, PLACE)
    if isinstance(value, list):
        return Sequence(tuple(map(tree_of, value)), PLACE)
    return Scalar(value, PLACE)


@given(st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=9), values, max_size=4))
def test_what_is_rendered_reads_back_as_the_same_declaration(value: dict[str, Any]) -> None:
    read, findings = parse(declaration_yaml(tree_of(value)).encode(), "rendered.yaml")
    assert read is not None
    assert [found.rule for found in findings] == []
    assert plain(Substitution({}).apply(read)) == value


@given(values)
def test_no_control_character_is_rendered(value: Any) -> None:
    shown = declaration_yaml(tree_of(value))
    assert all(line.isprintable() for line in shown.split("\n"))


def config(folder: Path) -> ConfigDirectory:
    (folder / "environments").mkdir()
    (folder / "user-verification.yaml").write_text(
        """\
version: 1
issuers:
  storefront: ${var:issuer}
keysets:
  storefront:
    label: "Storefront: web"
    issuer: storefront
    keys: [a, b]
channels:
  Web_Chat:
    user_verification:
      enabled: true
      configurations: {}
    token_expiration_minutes: {verified: 60}
""",
        encoding="utf-8",
    )
    (folder / "environments" / "sandbox.yaml").write_text(
        """\
embedded_org: ../org
variables: {issuer: "https://uat.id.example.com"}
overrides:
  channels: {Web_Chat: {token_expiration_minutes: {verified: 30, unverified: 120}}}
""",
        encoding="utf-8",
    )
    return ConfigDirectory(folder)


def test_each_value_names_the_file_that_it_came_from(tmp_path: Path) -> None:
    tree = config(tmp_path).load("sandbox").tree
    assert tree is not None
    shown = declaration_yaml(tree).replace(f"{tmp_path}/", "config/")
    assert_golden("render/overrides and variables merged.yaml", shown)


def test_each_value_has_a_pointer_to_its_place(tmp_path: Path) -> None:
    tree = config(tmp_path).load("sandbox").tree
    assert tree is not None
    document = declaration_json("sandbox", tree)
    document["origins"] = {at: place.replace(f"{tmp_path}/", "config/") for at, place in document["origins"].items()}
    assert_golden_json("render/overrides and variables merged.json", document)


def test_pointers_escape_their_parts() -> None:
    assert list(declaration_json(None, tree_of({"a/b~c": 1}))["origins"]) == ["/a~1b~0c"]
