"""Every JSON Schema (2020-12) that ``provisioner schema`` prints, by kind. An output's is made of its shape."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from provisioner import names
from provisioner.report.editor_schema import DIALECT, FILE_SCHEMAS, editor_schema, identifier
from provisioner.report.output_schemas import FAILURE, OUTPUTS, Described, Map, Notation

Schema = dict[str, Any]
_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


def kinds() -> tuple[str, ...]:
    """Return the kinds that have a schema: files first, then outputs, ``token-explain`` for `token explain`."""
    return (*FILE_SCHEMAS, *(verb.replace(" ", "-") for verb in OUTPUTS), "failure")


def schema_of(kind: str | None) -> Schema:
    """Return the schema of a kind; that of all files for None. Raises :class:`UsageError` for any other name."""
    if kind is None:
        return editor_schema()
    if kind in FILE_SCHEMAS:
        return FILE_SCHEMAS[kind]()
    if kind not in kinds():
        raise names.unknown("kind", kind, kinds(), place="this version")
    return _of_output(kind)


def _of_output(kind: str) -> Schema:
    """Return the schema of a command's JSON: a result, or the failure that any command prints."""
    shapes = OUTPUTS.get(kind.replace("-", " "), ())
    results = list(shapes) if isinstance(shapes, tuple) else [shapes]
    alternatives = [json_schema(each) for each in (*results, FAILURE)]
    title = "A failure of any command" if not results else f"JSON of provisioner {kind.replace('-', ' ')}"
    head = {"$schema": DIALECT, "$id": identifier(kind), "title": title}
    return {**head, **alternatives[0]} if len(alternatives) == 1 else {**head, "anyOf": alternatives}


def json_schema(notation: Notation) -> Schema:
    """Return the schema of a notation. Objects admit other members: a later version may add some."""
    if notation is None:
        return {"type": "null"}
    if isinstance(notation, Described):
        return {**json_schema(notation.shape), "description": notation.description}
    if isinstance(notation, Map):
        return {"type": "object", "additionalProperties": json_schema(notation.of)}
    if isinstance(notation, Mapping):
        return _object(notation)
    if isinstance(notation, list):
        (item,) = notation
        return {"type": "array", "items": json_schema(item)}
    if isinstance(notation, tuple):
        return _one_of([json_schema(each) for each in notation])
    if isinstance(notation, set):
        return {"type": "string", "enum": sorted(notation)}
    if isinstance(notation, type) and issubclass(notation, Enum):
        return {"type": "string", "enum": [str(each.value) for each in notation]}
    return {"type": _TYPES[notation]} if notation in _TYPES else {}


def _object(members: Mapping[str, Notation]) -> Schema:
    properties = {name.removesuffix("?"): json_schema(shape) for name, shape in members.items()}
    required = [name for name in members if not name.endswith("?")]
    return {"type": "object", "properties": properties, "required": required}


def _one_of(schemas: list[Schema]) -> Schema:
    """Return one list of types if that is sufficient, else alternatives."""
    if all(set(each) == {"type"} for each in schemas):
        return {"type": [each["type"] for each in schemas]}
    return {"anyOf": schemas}
