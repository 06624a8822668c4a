"""The whole hostile matrix: ``python -m tests.hostile [--jobs N] [--every N] [--only TEXT] [--proof FILE]``.

Each command is one piece of work for a process of its own. Exits with 1 if any case went wrong. ``--every N`` runs each
N-th case; ``--proof FILE`` replaces the section of the page after a run of all commands.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from pathlib import Path

from tests.hostile.files import READERS
from tests.hostile.org import COMMANDS
from tests.hostile.whole import ANSWERS, FILES, Work, section, whole
from tests.proof_page import replace_section


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--every", type=int, default=1, help="run each N-th case only")
    parser.add_argument("--only", default="", help="run only commands that begin with this text")
    parser.add_argument("--proof", type=Path, help="replace the section of this page, if everything was run and held")
    given = parser.parse_args()
    every = [*(Work(ANSWERS, str(each), given.every) for each in COMMANDS),
             *(Work(FILES, str(each), given.every) for each in READERS)]  # fmt: skip
    works = [each for each in every if each.command.startswith(given.only)]
    results = []
    with multiprocessing.get_context("spawn").Pool(given.jobs, maxtasksperchild=1) as pool:
        for result in pool.imap_unordered(whole, works):
            results.append(result)
            said = f"{result.work.kind}: {result.work.command}: {result.cases} cases, {len(result.wrong)} failures"
            sys.stdout.write(f"{said} ({result.seconds:.0f} s)\n")
            for case, found in result.wrong.items():
                sys.stdout.write(f"  {case}\n" + "".join(f"    {each}\n" for each in found))
            sys.stdout.flush()
    results.sort(key=lambda each: works.index(each.work))
    failed = any(each.wrong for each in results)
    if given.proof is not None and not failed and works == every:
        replace_section(given.proof, "hostile", section(results, given.every))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
