"""The parts that the JSON Schemas of all kinds of file are made of.

``x-rule`` names the rule that a value of the wrong type is reported under, if it is not ``yaml-wrong-type``;
``x-secret`` marks a field whose value is never shown.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

_VARIABLE = {"type": "string", "pattern": r"^\$\{var:[^{}]*\}$"}


def text(description: str) -> Schema:
    """Return the schema of a text."""
    return {"type": "string", "description": description}


def secret(description: str) -> Schema:
    """Return the schema of a text that is never shown."""
    return {**text(description), "x-secret": True}


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


def any_of(*fields: str) -> Schema:
    """Return the condition that at least one of the fields is present."""
    return {"anyOf": [{"required": [name]} for name in fields]}


def without_marks(value: Any) -> Any:
    """A copy of a schema without what only this program reads."""
    if isinstance(value, list):
        return [without_marks(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: without_marks(item) for key, item in value.items() if not key.startswith("x-")}


def admit_variables(schema: Schema) -> None:
    """Admit ``${var:NAME}`` in the place of each value that is not a text."""
    for name, part in schema.get("properties", {}).items():
        schema["properties"][name] = _admitting(part)
    for keyword in ("additionalProperties", "items"):
        if isinstance(schema.get(keyword), dict):
            schema[keyword] = _admitting(schema[keyword])


def _admitting(schema: Schema) -> Schema:
    admit_variables(schema)
    types = schema.get("type")
    if types == "string" or (isinstance(types, list) and "string" in types):
        return schema
    description = schema.pop("description", None)
    admitted: Schema = {"anyOf": [schema, _VARIABLE]}
    return {"description": description, **admitted} if description else admitted
