"""A verb holds its options, one workflow and one view; the logic is in the workflows."""

from __future__ import annotations

from pathlib import Path

from provisioner.cli import verbs

MOST_LINES = 80


def test_a_verb_has_at_most_eighty_lines() -> None:
    files = Path(verbs.__file__).parent.glob("*.py")
    lines = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in files}

    assert len(lines) > 30
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}
