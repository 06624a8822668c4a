"""With umask 000 nobody else may write, or read what is private."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provisioner.execution.journal import Journal
from provisioner.execution.lock import org_lock
from provisioner.execution.state_directory import state_directory
from provisioner.workflows.new_files import write_text
from provisioner.workflows.rotation import evidence
from tests.cli.conftest import Person
from tests.execution.test_journal import DONE, ORG, entry

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    found = [folder, *folder.rglob("*")]
    return {str(path.relative_to(folder.parent)): stat.S_IMODE(path.stat().st_mode) for path in found}


def test_state_is_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = tmp_path / "home/.local/state/provisioner"
    monkeypatch.setenv("PROVISIONER_STATE_DIR", str(state))
    Journal.here().write(entry(sent=(DONE,), outcome="applied"))
    with org_lock(ORG, "sandbox", NOW, lambda said: None):
        while_held = modes(tmp_path / "home")
    record = evidence.Record({"kid": ("thumbprint", NOW)}, {}, None)
    assert evidence.save_record(state / "rotations/x.json", record) is None
    for found in (while_held, modes(tmp_path / "home")):
        assert set(found.values()) <= {0o700, 0o600}, found
    assert state_directory() == state


def test_a_plan_may_be_written_by_its_owner_alone(tmp_path: Path) -> None:
    write_text(tmp_path / "plan.json", "{}")
    assert modes(tmp_path)[f"{tmp_path.name}/plan.json"] == 0o644


def test_an_apply_leaves_nothing_open(person: Person) -> None:
    assert person.run("plan", "--env", "local", "--out", "plan.json").status == 0
    assert person.apply().status == 0
    assert stat.S_IMODE((person.folder / "plan.json").stat().st_mode) == 0o644
    state = state_directory()
    assert state is not None
    inside = {name: mode for name, mode in modes(state).items() if name != state.name}
    assert inside
    assert set(inside.values()) <= {0o700, 0o600}, inside
