"""Our shape check accepts what an independent implementation of JSON Schema accepts, and points where it points."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from provisioner.declaration.schema import DECLARATION, ENVIRONMENT, Schema
from provisioner.declaration.shape import check_shape
from provisioner.declaration.tree import Branch, Entry, Node, Scalar, Sequence
from provisioner.diagnostics import Location

HERE = Location("f.yaml", 1, 1)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from([1, 1.0, 60.5, "", "x", "connected", "${var:x}"])
)


def node(value: Any) -> Node:
    if isinstance(value, dict):
        return Branch({key: Entry(key, HERE, node(each)) for key, each in value.items()}, HERE)
    if isinstance(value, list):
        return Sequence(tuple(node(each) for each in value), HERE)
    return Scalar(value, HERE)


def likely(schema: Schema, depth: int = 5) -> st.SearchStrategy[Any]:
    """Values that mostly fit: each part is now and then anything at all."""
    fitting = _fitting(schema, depth)
    return st.one_of(fitting, fitting, fitting, SCALARS, st.just([]), st.just({}))


def _fitting(schema: Schema, depth: int) -> st.SearchStrategy[Any]:
    kinds = schema["type"] if isinstance(schema.get("type"), list) else [schema.get("type")]
    if "object" in kinds and depth:
        properties = {name: likely(below, depth - 1) for name, below in schema.get("properties", {}).items()}
        required = {name: properties.pop(name) for name in list(properties) if name in schema.get("required", ())}
        others = schema.get("additionalProperties")
        fixed = st.fixed_dictionaries(required, optional=properties)
        if not isinstance(others, dict):
            return st.one_of(fixed, fixed, st.builds(lambda found: {**found, "unknown": 1}, fixed))
        return st.dictionaries(st.sampled_from(["a", "b"]), likely(others, depth - 1), max_size=2)
    if "array" in kinds and depth:
        return st.lists(likely(schema["items"], depth - 1), max_size=2)
    if "const" in schema:
        return st.just(schema["const"])
    return {"boolean": st.booleans(), "integer": st.integers(1, 5), "string": st.just("text")}.get(kinds[0], SCALARS)


@pytest.mark.parametrize("schema", [DECLARATION, ENVIRONMENT], ids=["declaration", "environment"])
def test_both_accept_the_same(schema: Schema) -> None:
    validator = Draft202012Validator(schema)

    @given(likely(schema))
    def agree(value: Any) -> None:
        findings = check_shape(node(value), schema)
        assert bool(findings) is not validator.is_valid(value), [finding.message for finding in findings]

    agree()


def test_the_schemas_are_schemas() -> None:
    for schema in (DECLARATION, ENVIRONMENT):
        Draft202012Validator.check_schema(schema)
