"""docs/mutation.md: what the last run found."""

from __future__ import annotations

import datetime

import provisioner
from tests.mutation.mutants import Outcome

_HEAD = """# Proof by mutants

The last run of `make mutants`, on {day}, with version {version}: of every small change that cosmic-ray can make to a
room's code (another comparison, another number, a `not` more or less, a loop that does not run), a sample drawn by
seed {seed} was tried, each in a copy of its own, against the tests that hold the room. A change that no test noticed
was looked at: where a test was missing it was written, and what is left changes nothing that can be seen.

| room | mutants | tried | noticed by a test | change nothing | unnoticed |
|---|--:|--:|--:|--:|--:|
"""


def page(rooms: dict[str, tuple[int, list[Outcome]]], seed: int) -> str:
    """The page, from each room's number of mutants and what became of those that were tried."""
    rows, left = [], []
    for room, (number, outcomes) in rooms.items():
        survived = [each for each in outcomes if not each.killed]
        killed = len(outcomes) - len(survived)
        unnoticed = sum(each.reason is None for each in survived)
        numbers = f"{number} | {len(outcomes)} | {killed} | {len(survived) - unnoticed}"
        rows.append(f"| {room} | {numbers} | **{unnoticed}** |\n")
        left += [
            f"- `{each.mutant.path}`: `{each.was}` became `{each.became}`. {each.reason}\n"
            for each in sorted(survived, key=lambda each: each.mutant.path)
        ]
    head = _HEAD.format(day=datetime.datetime.now(tz=datetime.UTC).date(), version=provisioner.__version__, seed=seed)
    return head + "".join(rows) + "\n## Those that change nothing\n\n" + "".join(left)
