"""The schemas that editors are given refuse each wrong shape, and nothing that ``validate`` takes."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from provisioner.declaration.load import ConfigDirectory
from provisioner.declaration.login_schema import LOGINS
from provisioner.declaration.schema import DECLARATION, ENVIRONMENT
from provisioner.report.editor_schema import FILE_SCHEMAS, editor_schema
from provisioner.report.field_facts import DECLARATION_FACTS, ENVIRONMENT_FACTS, LOGINS_FACTS
from provisioner.rules.check import check
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
VALIDATORS = {kind: Draft202012Validator(make()) for kind, make in FILE_SCHEMAS.items()}
NOW = datetime(2026, 11, 26, tzinfo=UTC)


def findings_of(declaration: Any, environment: Any = None) -> list[str]:
    """The rules that find something in the declaration under none, or in the environment's file."""
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        (directory / "user-verification.yaml").write_text(json.dumps(declaration))
        if environment is not None:
            (directory / "environments").mkdir()
            (directory / "environments" / "a.yaml").write_text(json.dumps(environment))
        loaded = ConfigDirectory(directory).load(None if environment is None else "a")
        return [each.rule for each in check(loaded, now=NOW).findings]


def is_mixed(value: Any) -> bool:
    """Whether a text holds a reference and more: its type is known only when it is replaced."""
    if isinstance(value, dict):
        return any(is_mixed(item) for item in value.values())
    if isinstance(value, list):
        return any(is_mixed(item) for item in value)
    return value == "a ${var:it}"


def judge(accepted: bool, findings: list[str], value: Any) -> None:
    """Nothing of a wrong shape is accepted; nothing is refused that has no finding."""
    shape = [each for each in findings if each in BY_SHAPE]
    assert not (accepted and shape and not is_mixed(value)), shape
    assert accepted or findings or is_mixed(value)


@settings(max_examples=300)
@given(_DECLARATIONS)
def test_it_agrees_with_the_rules_about_declarations(declaration: dict[str, Any]) -> None:
    judge(VALIDATORS["declaration"].is_valid(declaration), findings_of(declaration), declaration)


@settings(max_examples=300)
@given(_ENVIRONMENTS)
def test_it_agrees_with_the_rules_about_environments(environment: dict[str, Any]) -> None:
    judge(VALIDATORS["environment"].is_valid(environment), findings_of({"version": 1}, environment), environment)


def _parts(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field of a schema with its path."""
    for name, part in schema.get("properties", {}).items():
        if isinstance(part, dict):
            yield f"{path}{name}", part
            yield from _parts(part, f"{path}{name}.")
    for keyword in ("additionalProperties", "items"):
        if isinstance(schema.get(keyword), dict):
            yield f"{path}*", schema[keyword]
            yield from _parts(schema[keyword], f"{path}*.")


@pytest.mark.parametrize("kind", FILE_SCHEMAS)
def test_each_field_has_a_title_and_a_description(kind: str) -> None:
    schema = FILE_SCHEMAS[kind]()
    Draft202012Validator.check_schema(schema)
    parts = dict(_parts(schema))
    assert [path for path, part in parts.items() if not part.get("title")] == []
    named = {path: part for path, part in parts.items() if not path.endswith("*")}
    assert [path for path, part in named.items() if not part.get("description")] == []


@pytest.mark.parametrize("kind", FILE_SCHEMAS)
def test_examples_and_defaults_fit(kind: str) -> None:
    for path, part in _parts(FILE_SCHEMAS[kind]()):
        values = [*part.get("examples", ()), *([part["default"]] if "default" in part else ())]
        for value in values:
            assert Draft202012Validator(part).is_valid(value), (path, value)


@pytest.mark.parametrize(
    ("schema", "facts"),
    [(DECLARATION, DECLARATION_FACTS), (ENVIRONMENT, ENVIRONMENT_FACTS), (LOGINS, LOGINS_FACTS)],
    ids=["declaration", "environment", "logins"],
)
def test_facts_are_about_fields(schema: dict[str, Any], facts: dict[str, Any]) -> None:
    assert set(facts) <= {path for path, _ in _parts(schema)}


@pytest.mark.parametrize(
    ("environment", "missing"),
    [
        ({}, {"login_url", "username", "consumer_key", "private_key"}),
        ({"login_url": "https://a.my.salesforce.com", "username": "a@b.c"}, {"consumer_key", "private_key"}),
        ({"variables": {}}, {"login_url", "username", "consumer_key", "private_key"}),
        ({"embedded_org": "x"}, set()),
    ],
)
def test_a_half_written_environment_is_told_what_is_missing(environment: dict[str, Any], missing: set[str]) -> None:
    found = list(VALIDATORS["environment"].iter_errors(environment))
    errors = [each for top in found for each in (top, *(top.context or ()))]
    assert {each.message.split("'")[1] for each in errors if each.validator == "required"} == missing


@pytest.mark.parametrize("kind", FILE_SCHEMAS)
def test_one_schema_for_all_files_agrees(kind: str) -> None:
    whole = Draft202012Validator(editor_schema())
    good: dict[str, dict[str, Any]] = {
        "declaration": {"version": 1, "keys": {}},
        "environment": {"embedded_org": "x"},
        "logins": {"version": 1, "logins": {}},
    }
    bad: dict[str, dict[str, Any]] = {
        "declaration": {"version": 1, "keyz": {}},
        "environment": {"embedded_org": "x", "orgid": "y"},
        "logins": {"version": 1, "logins": {}, "login": {}},
    }
    assert whole.is_valid(good[kind])
    assert not whole.is_valid(bad[kind])


@pytest.mark.parametrize("kind", ["good", "bad"])
def test_somebody_elses_checker_agrees_about_the_examples(kind: str, tmp_path: Path) -> None:
    """check-jsonschema reads YAML and applies the schema by itself: good examples pass; bad shapes do not."""
    for name, make in FILE_SCHEMAS.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(make()))
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
            if is_wrong:
                wrong.append(directory / path)
            elif kind == "good":
                right.append(directory / path)

    def checked(files: list[Path], name: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(tmp_path / f"{name}.json")]
        return subprocess.run([*command, *map(str, files)], capture_output=True, text=True, check=False)

    def kind_of(file: Path) -> str:
        if file.parent.name == "environments":
            return "environment"
        return "logins" if file.stem == "logins" else "declaration"

    for name in FILE_SCHEMAS:
        files = [file for file in right if kind_of(file) == name]
        done = checked(files, name) if files else None
        assert done is None or done.returncode == 0, done.stdout
    assert (len(wrong) > 3) == (kind == "bad")
    for file in wrong:
        assert checked([file], kind_of(file)).returncode == 1, file
