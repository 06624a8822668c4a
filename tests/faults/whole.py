"""Every combination of a journey, and the page that says how they ended."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from provisioner import __version__, localorg
from tests.faults.journeys import BY_NAME
from tests.faults.kinds import FAULTS
from tests.faults.orgs import ORG_FAULTS
from tests.faults.stage import Stage
from tests.faults.trial import attempt, record


@dataclass(frozen=True, slots=True)
class Result:
    """One journey's share of the matrix. ``wrong`` maps a combination to what is wrong with its end."""

    journey: str
    requests: int
    combinations: int
    wrong: dict[str, list[str]]
    seconds: float


def whole(name: str) -> Result:
    """Every combination of one journey, on an org of its own."""
    os.environ.pop("PROVISIONER_STATE_DIR", None)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder, contextlib.ExitStack() as stack:
        org = Path(folder) / "org"
        localorg.start(org)
        try:
            stage = Stage(Path(folder) / "stage", org)
            stack.callback(stage.close)
            recorded = record(stage, BY_NAME[name])
            every = list(recorded.combinations())
            wrong = {str(each): found for each in every if (found := attempt(stage, recorded, each))}
        finally:
            localorg.stop(org)
    return Result(name, len(recorded.requests), len(every), wrong, time.monotonic() - began)


def page(results: list[Result]) -> str:
    """Return the last result: a section of docs/proof.md."""
    rows = [f"| {each.journey} | {each.requests} | {each.combinations} | {len(each.wrong)} |" for each in results]
    total = Counter(
        requests=sum(each.requests for each in results),
        combinations=sum(each.combinations for each in results),
        wrong=sum(len(each.wrong) for each in results),
    )
    faults = "\n".join(f"- {fault.name}{', once or from there on' if fault.lasts else ''}" for fault in FAULTS)
    org_faults = "\n".join(f"- the org: {fault.what}" for fault in ORG_FAULTS)
    return f"""\
The last run of `python -m tests.faults`, on {datetime.now(UTC):%Y-%m-%d}, with version {__version__}: each journey is
recorded, and repeated once for every request it makes and every fault below, then once more without. After the first
run the command has ended with a documented status and a plain message, and the org is as before, as planned, or after a
phase that was named; after the second everything is as planned, and nothing was deployed twice.

| journey | requests | combinations | failures |
|---|--:|--:|--:|
{chr(10).join(rows)}
| **all** | {total["requests"]} | {total["combinations"]} | **{total["wrong"]}** |

`make test` runs a sample of them with a printed seed; `FAULT_SEED=N make test` runs the same sample again.

## The faults

{faults}
{org_faults}
- somebody edits the channel in between, in a part that is not ours: the edit survives, unless it falls between the last
  reading and the end of the deployment, for orgs know no conditional deployment
"""
