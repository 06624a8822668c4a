"""The lines of the files that findings point into, for showing them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from provisioner.declaration.yaml_text import LARGEST_FILE
from provisioner.files import UnreadableError, read_start

#: What ends a line in YAML 1.2 (§5.4), and what its parser counts lines by.
_LINE_END = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")


def read_lines(path: str) -> Sequence[str]:
    """A file's lines; none where it cannot be read (any more)."""
    try:
        text = read_start(Path(path), LARGEST_FILE).decode("utf-8-sig", "replace")
        return _LINE_END.split(text)
    except UnreadableError:
        return ()
