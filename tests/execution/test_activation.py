"""A channel that may be active and is not proven is deactivated, and the message has only known facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from provisioner.errors import OrgRefusedError, UnreachableError
from provisioner.execution.activation import Activation, Proof
from provisioner.execution.journal import Journal
from provisioner.execution.recorder import Recorder
from provisioner.model.types import MetadataType
from provisioner.planning.plan import Action, Change, Reason
from provisioner.salesforce import DeployStatus
from tests.execution.test_journal import entry

LOST = UnreachableError("The org does not answer.", next="Run the command again in a minute.")
REFUSED = OrgRefusedError("Consent is missing.", next="Add it.")
CHANGE = Change(MetadataType.CHANNEL, "Kiosk", Action.UPDATE, Reason.DIFFERS)


@dataclass
class FakeOrg:
    """An org with one channel. ``lost`` are the numbers of the changes that are made, and whose answer is lost."""

    lost: tuple[int, ...] = ()
    refuses: bool = False
    reading: BaseException | None = None
    active: bool = False
    changes: list[bool] = field(default_factory=list)

    def activate_channel(self, full_name: str, *, active: bool = True) -> None:
        self.changes.append(active)
        if self.refuses:
            raise REFUSED
        self.active = active
        if len(self.changes) in self.lost:
            raise LOST

    def is_channel_active(self, full_name: str) -> bool:
        if self.reading is not None:
            raise self.reading
        return self.active


@dataclass
class Steps:
    said: list[str] = field(default_factory=list)

    def step(self, sentence: str) -> None:
        self.said.append(sentence)

    def look(self, status: DeployStatus) -> None:
        """Ignore the status."""


def activation(org: FakeOrg, folder: Path, proof: Proof | BaseException, steps: Steps) -> Activation:
    def prove(_: str) -> Proof:
        if isinstance(proof, BaseException):
            raise proof
        return proof

    recorder = Recorder(Journal(folder), entry(touched=()), lambda: datetime.now(UTC), lambda _: None)
    fake: Any = org
    return Activation(fake, recorder, steps, prove)


@pytest.mark.parametrize(
    ("org", "said"),
    [
        (FakeOrg(lost=(1,)), "Whether Kiosk was activated is not known: The org does not answer."),
        (FakeOrg(reading=LOST), "Whether Kiosk is active could not be read: The org does not answer."),
        (FakeOrg(reading=REFUSED), "Whether Kiosk is active could not be read: Consent is missing."),
    ],
)
def test_an_activation_with_an_unknown_result(org: FakeOrg, said: str, tmp_path: Path) -> None:
    tried = activation(org, tmp_path, Proof(), Steps())
    tried.run([CHANGE])
    (problem,) = tried.problems
    assert problem.problem == said
    assert problem.meaning.startswith("Kiosk is inactive again.")
    assert (org.changes, org.active) == ([True, False], False)


def test_an_activation_that_cannot_be_taken_back(tmp_path: Path) -> None:
    tried = activation(FakeOrg(lost=(1, 2)), tmp_path, Proof(), Steps())
    tried.run([CHANGE])
    (problem,) = tried.problems
    assert "Kiosk may still be active (The org does not answer.): deactivate it in Setup" in problem.meaning


def test_a_refused_activation_changes_nothing(tmp_path: Path) -> None:
    org = FakeOrg(refuses=True)
    tried = activation(org, tmp_path, Proof(), Steps())
    tried.run([CHANGE])
    assert tried.problems[0].problem == "Kiosk could not be activated: Consent is missing."
    assert org.changes == [True]


@pytest.mark.parametrize(
    ("org", "proof"), [(FakeOrg(), KeyboardInterrupt()), (FakeOrg(reading=KeyboardInterrupt()), Proof())]
)
def test_an_interrupt_before_the_proof(org: FakeOrg, proof: Proof | BaseException, tmp_path: Path) -> None:
    """The interrupt ends the run without a result, so the progress is the only place for the sentence."""
    steps = Steps()
    with pytest.raises(KeyboardInterrupt):
        activation(org, tmp_path, proof, steps).run([CHANGE])
    assert not org.active
    assert "Kiosk is inactive again." in steps.said[-1]
