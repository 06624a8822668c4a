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
from pathlib import Path
from typing import TypeVar

from tests.mutation.mutants import Mutant, Outcome, mutants_of, run, unmutated
from tests.mutation.page import page
from tests.mutation.rooms import ROOMS

A = TypeVar("A")
B = TypeVar("B")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("room", nargs="*", choices=[[], *ROOMS], default=[], help="only these")
    parser.add_argument("--sample", type=int, default=60, help="mutants of each room, 0 for all")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, help="write the page there, where every survivor has been looked at")
    given = parser.parse_args()
    rooms = given.room or list(ROOMS)
    if subprocess.run(["git", "status", "--porcelain", "provisioner", "tests"], capture_output=True).stdout:
        sys.stdout.write("What is not committed is not tested: the copies are of the last commit.\n")
    chance = random.Random(given.seed)
    sys.stdout.write(f"seed {given.seed}\n")

    of_rooms = {room: mutants_of(room) for room in rooms}
    samples = {
        room: chance.sample(all_of_it, min(given.sample or len(all_of_it), len(all_of_it)))
        for room, all_of_it in of_rooms.items()
    }
    outcomes = _run_all([each for sample in samples.values() for each in sample], rooms, given.jobs)
    by_room = {room: [each for each in outcomes if each.mutant.room == room] for room in rooms}
    for room in rooms:
        survived = [each for each in by_room[room] if not each.killed]
        sys.stdout.write(f"{room}: {len(by_room[room])} of {len(of_rooms[room])} mutants, {len(survived)} survived\n")
    unseen = [each for each in outcomes if not each.killed and each.reason is None]
    if given.out is not None and not unseen:
        given.out.write_text(page({room: (len(of_rooms[room]), by_room[room]) for room in rooms}, given.seed))
    return int(bool(unseen))


def _run_all(sample: list[Mutant], rooms: list[str], jobs: int) -> list[Outcome]:
    """What became of each, in copies of the last commit, one for each worker; survivors are printed as they come."""
    outcomes = []
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
