"""Holds the JSON of a command against its schema, member by member."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from provisioner.cli.main import find_verb
from provisioner.report.schemas import kinds, schema_of


def closed(schema: Any) -> Any:
    """The schema with no room for members that it does not name."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: closed(value) for key, value in schema.items()}
    if "properties" in found and "additionalProperties" not in found:
        found["additionalProperties"] = False
    return found


@cache
def validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(closed(schema_of(kind)))


@cache
def open_validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(schema_of(kind))


def require_fit(words: Sequence[str], out: str) -> None:
    """What a command line printed as JSON fits the schema of its command, or is a failure."""
    verb, _ = find_verb(list(words))
    kind = (verb or "").replace(" ", "-")
    if "json" in words and "--format" in words and kind in kinds() and out:
        error = best_match(open_validator(kind).iter_errors(json.loads(out)))
        assert error is None, f"{kind}: {error.json_path}: {error.message[:300]}"


def misfit(kind: str, document: Any) -> str | None:
    """What of a document the schema of its kind does not say; None if all is said."""
    error = best_match(validator(kind).iter_errors(document))
    return None if error is None else f"{error.json_path}: {error.message[:300]}"
