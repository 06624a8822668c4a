"""A short notation for the shape of JSON, and its translation to JSON Schema (2020-12).

``str``, ``int``, ``float``, ``bool`` and ``None`` are types; ``{"name": X}`` is an object, ``"name?"`` an optional
member; ``[X]`` is a list, ``(X, Y)`` one of several, :class:`Map` an object with arbitrary names, an enumeration or a
set of texts one of its values, and ``object`` anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

Schema = dict[str, Any]
Notation = Any
_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


@dataclass(frozen=True, slots=True)
class Map:
    """An object with members of one shape."""

    of: Notation


@dataclass(frozen=True, slots=True)
class Described:
    """A shape with a sentence about it."""

    shape: Notation
    description: str


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
