"""A probe, killed or interrupted at a sample of all steps (with KILL_EVERYWHERE=1 at each): the next one cleans up."""

from __future__ import annotations

import random
import signal
from pathlib import Path

import pytest

from provisioner import localorg
from tests.faults.stage import Stage
from tests.killed.test_killed import EVERYWHERE, SEED, killed

SAMPLE = 4
PROBE = ("probe", "--env", "local", "--yes", "--channel", "Kiosk_Chat", "--only", "other-expiration")


@pytest.fixture
def stage(shared_org: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.delenv("PROVISIONER_STATE_DIR", raising=False)
    made = Stage(tmp_path / "stage", shared_org)
    made.begin()
    made.keep()
    return made


def chosen(stage: Stage, number: signal.Signals) -> list[int]:
    """The steps to strike at, of all that a whole probe takes."""
    status, said = killed(stage, number, 0, *PROBE)
    assert status == 0, said
    steps = len((stage.folder / "steps").read_text().splitlines())
    assert steps > 40
    every = list(range(1, steps + 1))
    return every if EVERYWHERE else sorted(random.Random(f"{SEED} probe {number.name}").sample(every, SAMPLE))


def contents(stage: Stage) -> dict[str, str]:
    return {f"{kind.xml_name} {name}": each.xml for (kind, name), each in stage.components().items()}


@pytest.mark.parametrize("fault", ["", "delete-together-refused"])
def test_a_killed_probe_is_cleaned_by_the_next(stage: Stage, fault: str) -> None:
    before, kept = contents(stage), stage.components()
    if fault:
        localorg.break_(stage.org, fault)
    for step in chosen(stage, signal.SIGKILL):
        stage.put_back(kept)
        stage.restore()
        where = f"FAULT_SEED={SEED}: killed at step {step}"
        status, said = killed(stage, signal.SIGKILL, step, *PROBE)
        assert status in (-signal.SIGKILL, 0), f"{where}: {status}\n{said}"
        ran = stage.run("probe", "--env", "local", "--yes", "--clean")
        assert ran.status == 0, f"{where}\n{ran}"
        assert contents(stage) == before, where
        again = stage.run("probe", "--env", "local", "--yes", "--clean")
        assert "Nothing to clean up." in again.out, f"{where}\n{again}"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_an_interrupted_probe_cleans_up_or_names(stage: Stage, number: signal.Signals) -> None:
    before, kept = contents(stage), stage.components()
    for step in chosen(stage, number):
        stage.put_back(kept)
        stage.restore()
        where = f"FAULT_SEED={SEED}: {number.name} at step {step}"
        status, said = killed(stage, number, step, *PROBE)
        assert status in (130, 0), f"{where}: {status}\n{said}"
        assert "Traceback" not in said, f"{where}\n{said}"
        stage.settled()
        if contents(stage) != before:
            assert "provisioner probe --env local --clean" in said, f"{where}\n{said}"
            assert stage.run("probe", "--env", "local", "--yes", "--clean").status == 0, where
            assert contents(stage) == before, where
