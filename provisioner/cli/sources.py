"""The lines of the files that findings point into, for showing them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path


@cache
def read_lines(path: str) -> Sequence[str]:
    """A file's lines; none where it cannot be read (any more)."""
    try:
        return tuple(Path(path).read_text(encoding="utf-8-sig", errors="replace").splitlines())
    except OSError:
        return ()
