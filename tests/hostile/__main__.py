"""The whole hostile matrix: ``python -m tests.hostile [--jobs N] [--every N] [--only TEXT] [--proof FILE]``.

Each command is one piece of work for a process of its own. Exits with 1 if any case went wrong. ``--every N`` runs each
N-th case; ``--proof FILE`` replaces the section of the page after a run of all cases.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from provisioner import __version__, localorg
from tests.hostile.files import READERS, FileGround
from tests.hostile.org import COMMANDS, Ground
from tests.proof_page import replace_section
from tests.security.secrets_planted import plant

ANSWERS, FILES = "answers", "files"


@dataclass(frozen=True, slots=True)
class Work:
    """One command, and whether an org's answers or the files are hostile."""

    kind: str
    command: str
    every: int = 1


@dataclass(frozen=True, slots=True)
class Result:
    work: Work
    cases: int
    wrong: dict[str, list[str]]
    seconds: float


def whole(work: Work) -> Result:
    """Run the cases of one command on an org of its own."""
    os.environ.pop("PROVISIONER_STATE_DIR", None)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder, contextlib.ExitStack() as stack:
        org = Path(folder) / "org"
        localorg.start(org)
        stack.callback(localorg.stop, org)
        planted = plant(Path(folder) / "stage", org)
        os.environ.update(planted.environment)
        ground = Ground(planted)
        stack.callback(ground.stage.close)
        if work.kind == ANSWERS:
            command = next(each for each in COMMANDS if str(each) == work.command)
            cases = ground.cases(command)[:: work.every]
            wrong = {str(case): found for case in cases if (found := ground.attempt(case))}
        else:
            files = FileGround(ground)
            reader = next(each for each in READERS if str(each) == work.command)
            tried = files.cases(reader)[:: work.every]
            wrong = {str(each): found for each in tried if (found := files.attempt(each))}
            cases = list(tried)  # type: ignore[arg-type]
    return Result(work, len(cases), wrong, time.monotonic() - began)


def section(results: list[Result]) -> str:
    """Return the section of docs/proof.md."""
    commands = list(dict.fromkeys(each.work.command for each in results))
    counts = {(each.work.kind, each.work.command): each for each in results}

    def cell(kind: str, command: str) -> str:
        result = counts.get((kind, command))
        return "" if result is None else str(result.cases)

    rows = [f"| {name} | {cell(ANSWERS, name)} | {cell(FILES, name)} |" for name in commands]
    sums = [sum(each.cases for each in results if each.work.kind == kind) for kind in (ANSWERS, FILES)]
    wrong = sum(len(each.wrong) for each in results)
    return f"""\
The last whole run of `python -m tests.hostile`, on {datetime.now(UTC):%Y-%m-%d}, with version {__version__}: each text
of each answer of an org is replaced with each hostile value, and so is each name and each value of the declaration and
of the environment files. Each time the invariants of [the threat model](threat-model.md#hostile-answers-and-files) hold:
{sum(sums)} cases, {wrong} failures.

| command | answers | files |
|---|--:|--:|
{chr(10).join(rows)}
| **all** | {sums[0]} | {sums[1]} |

`make test` runs a sample with a printed seed; `HOSTILE_SEED=N make test` runs the same sample again.
"""


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
    if given.proof is not None and not failed and works == every and given.every == 1:
        replace_section(given.proof, "hostile", section(results))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
