"""The files for SchemaStore, tested as its repository does: what fits must fit, and what does not must not."""

from __future__ import annotations

import json

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.docs.schemastore import FILE_SCHEMAS, FOLDER, address_of, files, name_of

FILES = files()
EXAMPLES = [path for path in FILES if path.endswith(".yaml")]


def test_each_file_is_what_the_code_says() -> None:
    there = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()}
    assert there == set(FILES), "run `make reference`"
    old = [path for path, text in FILES.items() if (FOLDER / path).read_text("utf-8") != text]
    assert old == [], "run `make reference`"


def test_the_catalog_names_each_schema() -> None:
    entries = json.loads(FILES["src/api/json/catalog.json"])["schemas"]
    assert [entry["url"] for entry in entries] == [address_of(kind) for kind in FILE_SCHEMAS]
    for entry in entries:
        schema = json.loads(FILES[f"src/schemas/json/{entry['name']}.json"])
        assert schema["$id"] == entry["url"]
        Draft202012Validator.check_schema(schema)
        assert set(entry) <= {"name", "description", "fileMatch", "url"}
        assert "schema" not in entry["name"]
        for pattern in entry.get("fileMatch", ()):
            assert "user-verification" in pattern, "too general for everybody's editor"


@pytest.mark.parametrize("path", EXAMPLES)
def test_an_example_fits_or_does_not(path: str) -> None:
    kind = path.split("/")[2]
    validator = Draft202012Validator(json.loads(FILES[f"src/schemas/json/{kind}.json"]))
    assert validator.is_valid(yaml.safe_load(FILES[path])) is path.startswith("src/test/")


def test_there_are_examples_of_both() -> None:
    for kind in ("declaration", "environment"):
        for folder in ("test", "negative_test"):
            assert any(path.startswith(f"src/{folder}/{name_of(kind)}/") for path in EXAMPLES)
