"""A match over a closed set cannot forget a member."""

from __future__ import annotations

import ast
from pathlib import Path

import provisioner

ROOT = Path(provisioner.__file__).parent


def open_matches(source: str) -> list[int]:
    """Return the lines of match statements whose last case does not take everything that is left."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Match):
            last = node.cases[-1]
            takes_all = isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None and last.guard is None
            if not takes_all:
                found.append(node.lineno)
    return found


def test_every_match_takes_everything() -> None:
    """The last case is `case _`: with assert_never if the set is closed, so that mypy finds a forgotten member."""
    found = {
        str(path.relative_to(ROOT)): lines
        for path in ROOT.rglob("*.py")
        if (lines := open_matches(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_an_open_match_is_found() -> None:
    assert open_matches("match x:\n    case 1:\n        pass\n") == [1]
    assert open_matches("match x:\n    case 1:\n        pass\n    case _ if y:\n        pass\n") == [1]
    assert open_matches("match x:\n    case 1:\n        pass\n    case _:\n        pass\n") == []
