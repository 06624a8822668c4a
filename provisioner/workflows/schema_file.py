"""The JSON Schema for editors, as a file beside a config directory."""

from __future__ import annotations

import json
import os
from pathlib import Path

from provisioner.declaration.writing import SCHEMA_FILE


def schema_file(directory: Path, *, inside: bool = False) -> tuple[Path, str]:
    """Return the path of a config directory's schema and its text.

    ``inside``: nothing outside of the directory may be written, so the schema is in it, unless there is one beside it.
    """
    from provisioner.declaration.schema import editor_schema

    beside = Path(os.path.normpath(directory / os.pardir / SCHEMA_FILE))
    path = directory / SCHEMA_FILE if inside and not os.path.lexists(beside) else beside
    return path, json.dumps(editor_schema(), indent=2, ensure_ascii=False) + "\n"
