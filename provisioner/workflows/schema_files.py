"""The JSON Schemas for editors, as files beside a config directory: one for each kind of file."""

from __future__ import annotations

import os
from pathlib import Path

from provisioner.report.editor_schema import FILE_SCHEMAS
from provisioner.report.json_text import json_text


def schema_name(kind: str) -> str:
    """Return the name of a schema's file; the first lines of the YAML files name it."""
    return "provisioner.schema.json" if kind == "declaration" else f"provisioner.{kind}.schema.json"


def schema_files(directory: Path) -> dict[Path, str]:
    """Return the path and the text of each schema of a config directory."""
    return {
        Path(os.path.normpath(directory / os.pardir / schema_name(kind))): json_text(make()) + "\n"
        for kind, make in FILE_SCHEMAS.items()
    }
