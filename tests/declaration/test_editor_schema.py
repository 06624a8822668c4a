"""The schema that editors are given accepts what the loader accepts, and refuses what it refuses by shape."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from provisioner.declaration.load import ConfigDirectory
from provisioner.declaration.schema import DECLARATION, editor_schema
from provisioner.rules.pages import all_rules
from tests.rules import examples

#: What the loader says about shape alone. Names, references and secrets are beyond a schema.
BY_SHAPE = {
    "yaml-unknown-field",
    "yaml-missing-field",
    "yaml-wrong-type",
    "yaml-null",
    "version-unsupported",
    "expiration-invalid",
}

_VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        1,
        2,
        60,
        60.5,
        60.0,
        "text",
        "${var:it}",
        "a ${var:it}",
        "1",
        [],
        ["a"],
        [1],
        {},
        {"a": "b"},
    ]
)


def _names(schema: Any) -> Iterator[str]:
    """Every field name that a schema has anywhere."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _names(part)


_FIELDS = st.sampled_from(sorted({*_names(DECLARATION), "nothing"}))


def _fields(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(_FIELDS, inner, max_size=3)


_THINGS = st.dictionaries(st.sampled_from(["A", "b_c"]), _VALUES | _fields(_VALUES | _fields(_VALUES)), max_size=2)
_SECTIONS = {
    "issuers": _VALUES | _THINGS,
    "keys": _VALUES | _THINGS,
    "keysets": _VALUES | _THINGS,
    "channels": _VALUES | _THINGS,
    "removed": _VALUES | _fields(_VALUES),
    "ignore": _VALUES | st.lists(_VALUES | _fields(_VALUES), max_size=2),
    "nothing": _VALUES,
}
_VERSIONS = st.sampled_from([1, 1, 1, 1.0, "1", 2, "${var:it}"])
_DECLARATIONS = st.fixed_dictionaries({"version": _VERSIONS}, optional=_SECTIONS)
_ENVIRONMENTS = st.fixed_dictionaries(
    {},
    optional={
        "login_url": st.just("https://a.my.salesforce.com") | _VALUES,
        "username": st.just("a@b.c") | _VALUES,
        "consumer_key": st.just("${env:A}") | _VALUES,
        "private_key": st.just("${env:A}") | _VALUES,
        "embedded_org": st.just("x") | _VALUES,
        "production": _VALUES,
        "app": _VALUES | st.fixed_dictionaries({"type": st.sampled_from(["connected", "external", "other", 1])}),
        "api_version": _VALUES,
        "variables": _VALUES,
        "verify": _VALUES | st.dictionaries(st.just("Web"), _VALUES, max_size=1),
        "overrides": _VALUES | st.fixed_dictionaries({}, optional={"version": _VALUES, **_SECTIONS}),
    },
)
VALIDATOR = Draft202012Validator(editor_schema())


def shape_findings(declaration: Any, environment: Any = None) -> list[str]:
    """What the loader finds wrong with the shape of the declaration under none, or of the environment's file."""
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        (directory / "user-verification.yaml").write_text(json.dumps(declaration))
        config = ConfigDirectory(directory)
        if environment is None:
            findings = config.load(None).findings
        else:
            (directory / "environments").mkdir()
            (directory / "environments" / "a.yaml").write_text(json.dumps(environment))
            findings = config.environment_file("a").findings
        return [each.rule for each in findings if each.rule in BY_SHAPE]


def is_mixed(value: Any) -> bool:
    """Whether a text holds a reference and more: its type is known only when it is replaced."""
    if isinstance(value, dict):
        return any(is_mixed(item) for item in value.values())
    if isinstance(value, list):
        return any(is_mixed(item) for item in value)
    return value == "a ${var:it}"


@settings(max_examples=300)
@given(_DECLARATIONS)
def test_it_agrees_with_the_loader_about_declarations(declaration: dict[str, Any]) -> None:
    accepted, findings = VALIDATOR.is_valid(declaration), shape_findings(declaration)
    if is_mixed(declaration):
        assert not (accepted and findings)
    else:
        assert accepted == (not findings), findings


@settings(max_examples=300)
@given(_ENVIRONMENTS)
def test_it_agrees_with_the_loader_about_environments(environment: dict[str, Any]) -> None:
    accepted, findings = VALIDATOR.is_valid(environment), shape_findings({"version": 1}, environment)
    if is_mixed(environment.get("overrides")):
        assert not (accepted and findings)
    else:
        assert accepted == (not findings), findings


def test_it_is_a_schema_that_says_what_each_field_is() -> None:
    Draft202012Validator.check_schema(editor_schema())

    def undescribed(schema: dict[str, Any], path: str) -> list[str]:
        wanting = []
        for name, part in schema.get("properties", {}).items():
            wanting += [] if part.get("description") else [f"{path}.{name}"]
            wanting += undescribed(part, f"{path}.{name}")
        for part in (schema.get("additionalProperties"), schema.get("items"), *schema.get("anyOf", [])):
            if isinstance(part, dict):
                wanting += undescribed(part, path)
        return wanting

    definitions = editor_schema()["$defs"]
    lacking = [path for name, part in definitions.items() for path in undescribed(part, name)]
    assert lacking == []


@pytest.mark.parametrize("kind", ["good", "bad"])
def test_somebody_elses_checker_agrees_about_the_examples(kind: str, tmp_path: Path) -> None:
    """check-jsonschema reads YAML and applies the schema by itself: good examples pass; bad shapes do not."""
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps(editor_schema()))
    right, wrong = [], []
    for rule in all_rules():
        example = examples.parse(getattr(rule, kind))
        directory = examples.write(example, tmp_path / rule.id)
        for path in example.files:
            if not path.endswith((".yaml", ".yml")) or rule.id in ("yaml-too-large", "yaml-not-utf8"):
                continue
            is_wrong = (
                kind == "bad" and rule.id in BY_SHAPE - {"expiration-invalid"} and "# wrong" in example.files[path]
            )
            is_unreadable = kind == "bad" and rule.id.startswith("yaml-") and rule.id not in BY_SHAPE
            if not is_unreadable:
                (wrong if is_wrong else right).append(directory / path)

    def checked(files: list[Path]) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(schema), *map(str, files)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    done = checked(right)
    assert done.returncode == 0, done.stdout
    assert (len(wrong) > 3) == (kind == "bad")
    for file in wrong:
        assert checked([file]).returncode == 1, file
