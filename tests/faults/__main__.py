"""The whole fault matrix: ``python -m tests.faults [--jobs N] [--journey NAME] [--out FILE]``.

Each journey is one piece of work for a process of its own. Ends with 1 where any combination went wrong.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from pathlib import Path

from tests.faults.journeys import BY_NAME, JOURNEYS
from tests.faults.whole import page, whole
from tests.proof_page import replace_section


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--journey", action="append", choices=sorted(BY_NAME), help="only this one (repeatable)")
    parser.add_argument("--out", type=Path, help="write the page there, where everything was run and all is well")
    given = parser.parse_args()
    names = given.journey or [journey.name for journey in JOURNEYS]
    results = []
    with multiprocessing.get_context("spawn").Pool(given.jobs, maxtasksperchild=1) as pool:
        for result in pool.imap_unordered(whole, names):
            results.append(result)
            said = f"{result.journey}: {result.combinations} combinations, {len(result.wrong)} failures"
            sys.stdout.write(f"{said} ({result.seconds:.0f} s)\n")
            for combination, found in result.wrong.items():
                sys.stdout.write(f"  {combination}\n" + "".join(f"    {each}\n" for each in found))
            sys.stdout.flush()
    results.sort(key=lambda each: names.index(each.journey))
    failed = any(each.wrong for each in results)
    if given.out is not None and not failed and not given.journey:
        replace_section(given.out, "faults", page(results))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
