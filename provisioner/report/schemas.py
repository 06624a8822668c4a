"""Every JSON Schema that ``provisioner schema`` prints, by kind."""

from __future__ import annotations

from provisioner import names
from provisioner.report.editor_schema import FILE_SCHEMAS, Schema, editor_schema


def kinds() -> tuple[str, ...]:
    """Return the kinds that have a schema: files first, then outputs."""
    return (*FILE_SCHEMAS,)


def schema_of(kind: str | None) -> Schema:
    """Return the schema of a kind; that of all files for None. Raises :class:`UsageError` for any other name."""
    if kind is None:
        return editor_schema()
    if kind in FILE_SCHEMAS:
        return FILE_SCHEMAS[kind]()
    raise names.unknown("kind", kind, kinds(), place="this version")
