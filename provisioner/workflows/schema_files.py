"""The JSON Schemas for editors, as files of a config directory: one for each kind of file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from provisioner.declaration.editor import SCHEMA_FILE
from provisioner.report.json import json_text


def schema_name(kind: str) -> str:
    """Return the name of a schema's file; the first lines of the YAML files name it."""
    return SCHEMA_FILE if kind == "declaration" else SCHEMA_FILE.replace(".", f".{kind}.", 1)


@dataclass(frozen=True, slots=True)
class SchemaFiles:
    """The schemas beside a config directory.

    ``inside``: nothing outside of the directory may be written, so a schema is in it, unless there is one beside it.
    """

    directory: Path
    inside: bool = False

    def path(self, kind: str) -> Path:
        """Return the path of a schema."""
        beside = Path(os.path.normpath(self.directory / os.pardir)) / schema_name(kind)
        return self.directory / schema_name(kind) if self.inside and not os.path.lexists(beside) else beside

    def path_from(self, folder: Path, kind: str) -> str:
        """Return the path of a schema as a file in ``folder`` names it."""
        return Path(os.path.relpath(self.path(kind), folder)).as_posix()

    def missing(self) -> dict[Path, str]:
        """Return the path and the text of each schema without a file, for the files of every config."""
        from provisioner.report.editor_schema import FILE_SCHEMAS  # only for a new declaration

        paths = {self.path(kind): FILE_SCHEMAS[kind] for kind in ("declaration", "environment")}
        return {path: json_text(make()) + "\n" for path, make in paths.items() if not os.path.lexists(path)}
