"""The JSON of every command has the shape that its schema says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from provisioner.cli.main import VERBS
from provisioner.report.output_schemas import OUTPUTS, Described, Map
from provisioner.report.schemas import json_schema, kinds, schema_of
from tests.cli.every_verb import formats
from tests.report.golden import FOLDER
from tests.report.output import misfit

#: The kind of the golden files in a folder; the file's name decides where there are several.
KINDS = {
    "chat": "diagnose-chat", "diagnosis": "diagnose-login", "drift": "drift", "endpoint": "diagnose-endpoint",
    "guests": "guests",
    "environments": "envs", "errors": "failure", "findings": "validate", "journal": "restore", "key": "diagnose-key",
    "outcome": "apply", "plan": "plan", "render": "render", "rotation": "keys-rotate", "rules": "rules",
    "status": "status",
    "token": "token-explain", "verify": "verify",
    "expiring.json": "keys-expiring", "generated.json": "keys-generate", "request.json": "keys-generate",
    "inspected.json": "keys-inspect", "a token for Intercom.json": "token-explain",
}  # fmt: skip
#: SARIF and GitLab's code quality report have shapes of their own.
OTHERS = (".sarif.json", "code quality report.json")
GOLDEN = sorted(path for path in FOLDER.glob("*/*.json") if not path.name.endswith(OTHERS))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}-{path.stem}".replace(" ", "-"))
def test_a_golden_file_fits(path: Path) -> None:
    kind = KINDS.get(path.name) or KINDS[path.parent.name]
    assert misfit(kind, json.loads(path.read_text("utf-8"))) is None


@pytest.mark.parametrize("kind", kinds())
def test_a_kind_has_a_schema(kind: str) -> None:
    schema = schema_of(kind)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:provisioner:schema:{kind}:1"
    assert schema["title"]


def test_outputs_are_those_of_commands() -> None:
    with_json = {verb for verb in VERBS if "json" in formats(verb)} - {"schema"}
    assert set(OUTPUTS) == with_json


def test_an_output_may_grow() -> None:
    assert Draft202012Validator(schema_of("version")).is_valid({"format_version": "1", "version": "9", "new": True})
    assert misfit("version", {"format_version": "1", "version": "9", "new": True}) is not None
    assert misfit("version", {"format_version": "2", "version": "9"}) is not None


@pytest.mark.parametrize(
    ("notation", "good", "bad"),
    [
        ({"a": str, "b?": int}, [{"a": ""}, {"a": "", "b": 1}], [{}, {"a": 1}, {"a": "", "b": "1"}]),
        ((str, None), ["", None], [1]),
        (({"a": int}, None), [{"a": 1}, None], [{"a": ""}, 1]),
        ([{"x", "y"}], [[], ["x", "y"]], ["x", ["z"]]),
        (Map(int), [{}, {"any": 1}], [{"any": "1"}, []]),
        (Described(float, "seconds"), [1, 0.5], ["1"]),
        (object, [None, 1, {}], []),
    ],
)
def test_the_notation(notation: object, good: list[object], bad: list[object]) -> None:
    check = Draft202012Validator(json_schema(notation))
    assert [value for value in good if not check.is_valid(value)] == []
    assert [value for value in bad if check.is_valid(value)] == []
