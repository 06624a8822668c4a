"""What was said of survivors is still about code that is there; and the rooms' tests are there."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.mutation.mutants import LOOKED_AT
from tests.mutation.rooms import ROOMS

ROOT = Path(__file__).parent.parent.parent
ENTRIES = tomllib.loads(LOOKED_AT.read_text())["equivalent"]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{Path(entry['path']).name}: {entry['was']}"[:60])
def test_a_reason_is_about_a_line_that_is_there(entry: dict[str, str]) -> None:
    source = " ".join((ROOT / entry["path"]).read_text().split())
    assert " ".join(entry["was"].split()) in source
    assert entry["because"].endswith(".")


@pytest.mark.parametrize("room", ROOMS)
def test_the_tests_of_a_room_are_there(room: str) -> None:
    assert (ROOT / "provisioner" / room).is_dir()
    assert [each for each in ROOMS[room] if not (ROOT / each).exists()] == []
