"""Writes the text of a new declaration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from provisioner.declaration.editor import SECTIONS, entry_lines

SCHEMA_FILE = "provisioner.schema.json"


def schema_line(path: str) -> str:
    """Return the comment by which editors find the JSON Schema at a path."""
    return f"# yaml-language-server: $schema={path}"


def declaration_text(
    head: Sequence[str], sections: Mapping[str, Mapping[str, Any]], schema: str = f"../{SCHEMA_FILE}"
) -> bytes:
    """``sections`` in their order, under ``head`` as comments; empty ones are left out."""
    lines = [schema_line(schema), *(f"# {line}".rstrip() for line in head), "version: 1"]
    for name in SECTIONS:
        if sections.get(name):
            lines += ["", *entry_lines([name], sections[name], 0)]
    return ("\n".join(lines) + "\n").encode()


def issuer_value(issuer: str, names: Mapping[str, str]) -> str | dict[str, str]:
    """Return a keyset's ``issuer``: a name under ``issuers`` if ``names`` (by issuer) has one, else the value."""
    if issuer in names:
        return names[issuer]
    return issuer if ":" in issuer or "." in issuer else {"literal": issuer}
