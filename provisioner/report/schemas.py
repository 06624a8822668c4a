"""Every JSON Schema that ``provisioner schema`` prints, by kind."""

from __future__ import annotations

from typing import Any

from provisioner import names
from provisioner.report.editor_schema import DIALECT, FILE_SCHEMAS, editor_schema, identifier
from provisioner.report.notation import json_schema
from provisioner.report.output_schemas import FAILURE, OUTPUTS

Schema = dict[str, Any]


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
