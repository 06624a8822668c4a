"""docs/mutation.md: what the last run found."""

from __future__ import annotations

import datetime

import provisioner
from tests.mutation.mutants import Tried

_HEAD = """# Proof by mutants

The last run of `make mutants`, on {day}, with version {version}: of every small change that cosmic-ray can make to a
room's code (another comparison, another number, a `not` more or less, a loop that does not run), a sample drawn by
seed {seed} was tried, each in a copy of its own, against the tests that hold the room. A change that no test noticed
was looked at: where a test was missing it was written, and what is left changes nothing that can be seen.

| room | mutants | tried | noticed by a test | change nothing |
|---|--:|--:|--:|--:|
"""

_TAIL = """
How much a clue counts in a diagnosis is a judgement: those numbers are not changed.

## Those that change nothing

"""


def page(tried: Tried) -> str:
    """The page of a run of which every survivor has been looked at."""
    rows, left = [], []
    for room, number in tried.numbers.items():
        outcomes = tried.of(room)
        survived = [each for each in outcomes if not each.killed]
        rows.append(f"| {room} | {number} | {len(outcomes)} | {len(outcomes) - len(survived)} | {len(survived)} |\n")
        left += [
            f"- `{each.mutant.path}`: `{each.was}` became `{each.became}`. {each.reason}\n"
            for each in sorted(survived, key=lambda each: each.mutant.path)
        ]
    head = _HEAD.format(
        day=datetime.datetime.now(tz=datetime.UTC).date(), version=provisioner.__version__, seed=tried.seed
    )
    return head + "".join(rows) + _TAIL + "".join(left)
