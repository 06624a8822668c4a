"""The files of findings: their lines, and their paths from the root of the sources."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from provisioner.declaration.yaml_text import LARGEST_FILE
from provisioner.files import UnreadableError, read_start

#: The line breaks of YAML 1.2 (§5.4), with which its parser counts lines.
_LINE_END = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")


def read_lines(path: str) -> Sequence[str]:
    """Return a file's lines; none if it can no longer be read."""
    try:
        text = read_start(Path(path), LARGEST_FILE).decode("utf-8-sig", "replace")
        return _LINE_END.split(text)
    except UnreadableError:
        return ()


def source_root() -> Path:
    """Return the folder for paths in annotations: the repository's root, else the current folder."""
    here = Path.cwd()
    workspace = os.environ.get("GITHUB_WORKSPACE")
    if workspace and here.is_relative_to(workspace):
        return Path(workspace)
    return next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here)


def relative_to(root: Path) -> Callable[[str], str]:
    """Return a function that makes a shown path relative to ``root``; a path outside it becomes absolute."""

    def relative(shown: str) -> str:
        path = Path(os.path.normpath(Path.cwd() / shown))
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()

    return relative
