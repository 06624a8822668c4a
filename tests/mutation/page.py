"""docs/mutation.md: what the last run found."""

from __future__ import annotations

import datetime

import provisioner
from tests.mutation.mutants import Tried

_HEAD = """# Proof by mutants

The last run of `make mutants`, on {day}, with version {version}: of every small change that cosmic-ray can make to a
room's code (another comparison, another number, a `not` more or less, a loop that does not run), a sample drawn by
seed {seed} was tried, each in a separate copy, against the tests of the room. A person checked each change that no test
noticed: if a test was missing, it was written; the remaining changes have no visible effect.

| room | mutants | tried | noticed by a test | change nothing |
|---|--:|--:|--:|--:|
"""

_TAIL = """
The points of a clue in a diagnosis are a judgement: those numbers are not changed.

## Those that change nothing

"""


def page(tried: Tried) -> str:
    """Return the page of a run after a check of every survivor."""
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
