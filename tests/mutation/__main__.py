"""Mutation testing by cosmic-ray: ``python -m tests.mutation [ROOM…] [--sample N] [--seed N] [--jobs N] [--out FILE]``.

A sample of each room's mutants, drawn by the seed, is put one by one into a copy of the last commit, and the tests that
hold the room are run there. What no test notices is a survivor: a missing test, or a change that changes nothing. The
latter stand in looked_at.toml with the reason. Ends with 1 where a survivor has not been looked at.
"""

from __future__ import annotations

import argparse
import queue
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from tests.mutation.mutants import Mutant, Outcome, Tried, mutants_of, run, unmutated
from tests.mutation.page import page
from tests.mutation.rooms import ROOMS

A = TypeVar("A")
B = TypeVar("B")


#: The last run, for --again.
LAST = Path(".cache/mutants.json")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("room", nargs="*", choices=[[], *ROOMS], default=[], help="only these")
    parser.add_argument("--sample", type=int, default=60, help="mutants of each room, 0 for all")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--again", action="store_true", help="only what survived the last run and has no reason yet")
    parser.add_argument("--out", type=Path, help="write the page there, where every survivor has been looked at")
    given = parser.parse_args()
    if subprocess.run(["git", "status", "--porcelain", "provisioner", "tests"], capture_output=True).stdout:
        sys.stdout.write("What is not committed is not tested: the copies are of the last commit.\n")

    if given.again:
        last = Tried.load(LAST)
        anew = [each.mutant for each in last.outcomes if each.is_unseen]
        kept = [each for each in last.outcomes if not each.is_unseen]
        tried = replace(last, outcomes=[*kept, *_run_all(anew, given.jobs)])
    else:
        sys.stdout.write(f"seed {given.seed}\n")
        chance = random.Random(given.seed)
        of_rooms = {room: mutants_of(room) for room in given.room or ROOMS}
        sample = [
            each
            for all_of_it in of_rooms.values()
            for each in chance.sample(all_of_it, min(given.sample or len(all_of_it), len(all_of_it)))
        ]
        numbers = {room: len(all_of_it) for room, all_of_it in of_rooms.items()}
        tried = Tried(given.seed, numbers, _run_all(sample, given.jobs))
    tried.save(LAST)

    for room, number in tried.numbers.items():
        found = tried.of(room)
        survived = [each for each in found if not each.killed]
        sys.stdout.write(f"{room}: {len(found)} of {number} mutants, {len(survived)} survived\n")
    unseen = any(each.is_unseen for each in tried.outcomes)
    if given.out is not None and not unseen:
        given.out.write_text(page(tried))
    return int(unseen)


def _run_all(sample: list[Mutant], jobs: int) -> list[Outcome]:
    """What became of each, in copies of the last commit, one for each worker; survivors are printed as they come."""
    outcomes = []
    rooms = list(dict.fromkeys(each.room for each in sample))
    with tempfile.TemporaryDirectory() as above, ThreadPoolExecutor(jobs) as workers:
        free: queue.Queue[Path] = queue.Queue()
        for number in range(jobs):
            tree = Path(above, str(number))
            subprocess.run(["git", "clone", "--quiet", "--shared", ".", str(tree)], check=True)
            subprocess.run([sys.executable, "-m", "compileall", "-q", "provisioner"], cwd=tree, check=True)
            free.put(tree)
        for room, unwell in zip(rooms, workers.map(lambda room: _in_a_tree(free, unmutated, room), rooms), strict=True):
            if unwell:
                sys.exit(f"The tests of {room} fail without any mutant; nothing can be said.\n{unwell}")
        for outcome in workers.map(lambda mutant: _in_a_tree(free, run, mutant), sample):
            outcomes.append(outcome)
            if not outcome.killed:
                sys.stdout.write(f"survived: {outcome.words()}\n")
                sys.stdout.flush()
    return outcomes


def _in_a_tree(free: queue.Queue[Path], work: Callable[[Path, A], B], given: A) -> B:
    tree = free.get()
    try:
        return work(tree, given)
    finally:
        free.put(tree)


if __name__ == "__main__":
    sys.exit(main())
