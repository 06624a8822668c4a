"""All cases of one command, and the page that counts them."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from provisioner import __version__, localorg
from tests.hostile.files import READERS, FileGround
from tests.hostile.org import COMMANDS, Ground
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


def section(results: list[Result], every: int) -> str:
    """Return the section of docs/proof.md."""
    commands = list(dict.fromkeys(each.work.command for each in results))
    counts = {(each.work.kind, each.work.command): each for each in results}

    def cell(kind: str, command: str) -> str:
        result = counts.get((kind, command))
        return "" if result is None else str(result.cases)

    rows = [f"| {name} | {cell(ANSWERS, name)} | {cell(FILES, name)} |" for name in commands]
    sums = [sum(each.cases for each in results if each.work.kind == kind) for kind in (ANSWERS, FILES)]
    wrong = sum(len(each.wrong) for each in results)
    share = "" if every == 1 else f" This run took one case in {every}."
    return f"""\
The last run of `python -m tests.hostile`, on {datetime.now(UTC):%Y-%m-%d}, with version {__version__}: each text
of each answer of an org is replaced with each hostile value, and so is each name and each value of the declaration and
of the environment files. Each time the invariants of [the threat model](threat-model.md#hostile-answers-and-files)
hold: {sum(sums)} cases, {wrong} failures.{share}

| command | answers | files |
|---|--:|--:|
{chr(10).join(rows)}
| **all** | {sums[0]} | {sums[1]} |

`make test` runs a sample with a printed seed; `HOSTILE_SEED=N make test` runs the same sample again.
"""
