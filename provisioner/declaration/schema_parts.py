"""The parts that the JSON Schemas of all kinds of file are made of.

``x-rule`` names the rule that a value of the wrong type is reported under, if it is not ``yaml-wrong-type``;
``x-secret`` marks a field whose value is never shown; ``x-deprecated`` says since when and until when a field works,
and its replacement.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Schema = dict[str, Any]


def text(description: str) -> Schema:
    """Return the schema of a text."""
    return {"type": "string", "description": description}


def one_of(values: Iterable[str], description: str) -> Schema:
    """Return the schema of a text that is one of the values."""
    return {"type": "string", "enum": [*values], "description": description}


def secret(description: str) -> Schema:
    """Return the schema of a text that is never shown."""
    return {**text(description), "x-secret": True}


def deprecated(of: Schema, *, since: str, until: str, instead: str) -> Schema:
    """Return the schema of a field that works until a date (YYYY-MM-DD). ``instead`` follows "Write" in the fix."""
    return {**of, "deprecated": True, "x-deprecated": {"since": since, "until": until, "instead": instead}}


def flag(description: str) -> Schema:
    """Return the schema of true or false."""
    return {"type": "boolean", "description": description}


def mapping(of: Schema, description: str) -> Schema:
    """Return the schema of a mapping with names of the author's choice."""
    return {"type": "object", "description": description, "additionalProperties": of}


def listing(of: Schema, description: str) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "description": description, "items": of}


def fields(
    required: tuple[str, ...] = (), *, description: str = "", properties: Schema | None = None, **more: Schema
) -> Schema:
    """Return the schema of a mapping with the given fields and no others."""
    every = {**(properties or {}), **more}
    schema: Schema = {"type": "object", "additionalProperties": False, "properties": every}
    if description:
        schema["description"] = description
    if required:
        schema["required"] = list(required)
    return schema
