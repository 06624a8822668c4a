"""The name of a test is a sentence that fits into a report."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
LONGEST = 60


def test_no_name_of_a_test_has_more_than_sixty_characters() -> None:
    names = {
        (path.relative_to(TESTS).as_posix(), name)
        for path in TESTS.rglob("test_*.py")
        for name in re.findall(r"^ *def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }

    assert len(names) > 1_000
    assert sorted(each for each in names if len(each[1]) > LONGEST) == []
