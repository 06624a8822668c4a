"""The JSON Schema for editors, as a file beside a config directory."""

from __future__ import annotations

import json
import os
from pathlib import Path

NAME = "provisioner.schema.json"


def schema_file(directory: Path) -> tuple[Path, str]:
    """Where the schema of a config directory lies, and its text."""
    from provisioner.declaration.schema import editor_schema

    path = Path(os.path.normpath(directory / os.pardir / NAME))
    return path, json.dumps(editor_schema(), indent=2, ensure_ascii=False) + "\n"
