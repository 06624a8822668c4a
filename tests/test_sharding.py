"""``--shard``: the parts together are the whole, and each is stable."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.sharding import ALWAYS, Shard

ROOT = Path(__file__).parents[1]
FILES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py"))


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_the_parts_together_are_the_whole(count: int) -> None:
    parts = [{path for path in FILES if Shard(number, count).holds(path)} for number in range(1, count + 1)]
    assert set.union(*parts) == set(FILES)
    for path in FILES:
        assert sum(path in part for part in parts) == (count if path.startswith(ALWAYS) else 1), path


def test_a_part_stays_the_same_part() -> None:
    assert [Shard(number, 3).holds("tests/cli/test_apply.py") for number in (1, 2, 3)] == [True, False, False]


def test_what_is_in_every_part_exists() -> None:
    assert [path for path in ALWAYS if not any(each.startswith(path) for each in FILES)] == []


@pytest.mark.parametrize("text", ["", "1", "0/3", "4/3", "1/0", "a/b", "1/2/3", "-1/3"])
def test_a_wrong_part_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not K/N"):
        Shard.parse(text)


def test_pytest_runs_the_files_of_a_part() -> None:
    words = ["-q", "--collect-only", "--shard", "1/3", "-p", "no:cacheprovider", "-p", "no:xdist", "tests/components"]
    done = subprocess.run([sys.executable, "-m", "pytest", *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    collected = {line.partition("::")[0] for line in done.stdout.splitlines() if "::" in line}
    assert collected == {path for path in FILES if path.startswith("tests/components/") and Shard(1, 3).holds(path)}
