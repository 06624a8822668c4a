"""A sample of the fault matrix, with its seed printed: FAULT_SEED=N runs the very same one again."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.faults.journeys import JOURNEYS, Journey
from tests.faults.kinds import FAULTS
from tests.faults.stage import Stage
from tests.faults.trial import Recorded, attempt, record

#: So many combinations of each journey.
SAMPLE = 6
SEED = int(os.environ.get("FAULT_SEED", "0"))


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.name)
def test_a_sample(journey: Journey, shared_org: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROVISIONER_STATE_DIR", raising=False)  # the stage keeps its own
    stage = Stage(tmp_path / "stage", shared_org)
    try:
        recorded: Recorded = record(stage, journey)
        every = list(recorded.combinations())
        assert len(every) > 20 * len(recorded.requests)
        sample = random.Random(f"{SEED} {journey.name}").sample(every, SAMPLE)
        wrong = {str(each): found for each in sample if (found := attempt(stage, recorded, each))}
    finally:
        stage.close()
    assert not wrong, f"FAULT_SEED={SEED}: {wrong}"


def test_every_fault_has_its_own_name() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) > 20
