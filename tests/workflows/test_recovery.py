"""An earlier run of which the answer was lost: the org is asked, and nothing is guessed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from provisioner.execution.journal import Journal
from provisioner.execution.journal_entry import Entry
from provisioner.execution.progress import Silent
from provisioner.salesforce import DeployStatus, RecentDeploy
from provisioner.workflows.journal_entries import find_entry
from provisioner.workflows.recovery import Recovery
from tests.execution.test_journal import NOW, ORG, entry, sent
from tests.workflows.test_restore import SANDBOX

FIRST, SECOND = "0Af5g00000AAAAA111", "0Af5g00000BBBBB222"


@dataclass
class Heard:
    """A console that keeps the texts."""

    said: list[str] = field(default_factory=list)
    now: Any = NOW

    def say(self, text: str) -> None:
        self.said.append(text)

    @contextlib.contextmanager
    def progress(self) -> Iterator[Silent]:
        yield Silent()


@dataclass
class FakeOrg:
    """An org that lists the deployments of ``statuses``."""

    statuses: Mapping[str, str]
    session: Any = field(default_factory=lambda: SimpleNamespace(org_id=f"{ORG}AAA"))

    def pause(self, seconds: float) -> None:
        pass

    def recent_deploys(self) -> tuple[RecentDeploy, ...]:
        return tuple(RecentDeploy(each, "Unknown", False, True, "now") for each in self.statuses)

    def deploy_status(self, deploy_id: str) -> DeployStatus:
        status = self.statuses[deploy_id]
        return DeployStatus(deploy_id, True, status == "Succeeded", status)

    def read(self, names: Mapping[Any, list[str]]) -> dict[Any, None]:
        return {(kind, name): None for kind in names for name in names[kind]}


def looked_up(folder: Path, statuses: Mapping[str, str]) -> tuple[Entry, str]:
    console, journal, org = Heard(), Journal(folder), FakeOrg(statuses)
    journal.write(entry(sent=(sent(components={}),)))
    recovery: Any = Recovery(console, org, journal, 1.0)  # type: ignore[arg-type]
    assert recovery.settle()
    (found,) = journal.entries()
    assert isinstance(found, Entry)
    assert not found.is_unsettled
    return found, "\n".join(console.said)


def test_one_deployment_is_the_lost_one(tmp_path: Path) -> None:
    found, said = looked_up(tmp_path, {FIRST: "Succeeded"})
    assert found.deploy_ids == (FIRST,)
    assert f"Its deployment {FIRST} has the status Succeeded." in said


@pytest.mark.parametrize("second", ["Succeeded", "Failed"])
def test_several_that_may_be_it_are_all_named(tmp_path: Path, second: str) -> None:
    found, said = looked_up(tmp_path, {FIRST: "Succeeded", SECOND: second})
    assert found.deploy_ids == (), "nobody knows which one it is"
    assert f"{FIRST} (Succeeded) and {SECOND} ({second})" in said
    assert "Its deployment" not in said
    assert f"provisioner restore {found.id} --env sandbox" in said
    assert find_entry(Journal(tmp_path), found.id, SANDBOX, f"{ORG}AAA", "config").id == found.id


def test_several_that_all_failed(tmp_path: Path) -> None:
    found, said = looked_up(tmp_path, {FIRST: "Failed", SECOND: "Canceled"})
    assert f"{FIRST} (Failed) and {SECOND} (Canceled)" in said
    assert "The deployment changed nothing." in said
    assert "provisioner restore" not in said
    assert replace(found, outcome=None).changed_something is False


def test_an_interrupted_validation_changed_nothing(tmp_path: Path) -> None:
    console, journal = Heard(), Journal(tmp_path)
    org = FakeOrg({FIRST: "Succeeded"})
    journal.write(entry(sent=(sent(components={}, deploy_id=FIRST, check_only=True),)))
    recovery: Any = Recovery(console, org, journal, 1.0)  # type: ignore[arg-type]
    recovery.settle()
    assert f"Its deployment {FIRST} has the status Succeeded." in console.said
    assert not any("changes are in the org" in each for each in console.said)


def test_a_finished_validation_needs_no_look(tmp_path: Path) -> None:
    validation = sent(deploy_id=FIRST, check_only=True, ended="Succeeded", success=True)
    assert not entry(sent=(validation,), outcome=None).is_unsettled
    assert entry(sent=(replace(validation, check_only=False),), outcome=None).is_unsettled
