"""Activating channels: the last step of an apply, in the channel's record, which no deployment carries.

A channel that this run activated and that cannot be proven to verify is inactive again before the run exits. The
proof is the caller's: it talks to the chat runtime.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from provisioner.errors import OrgRefusedError, ProvisionerError
from provisioner.execution.outcome import Problem
from provisioner.execution.progress import Progress
from provisioner.execution.recorder import Recorder
from provisioner.model.types import MetadataType
from provisioner.planning.plan import Change
from provisioner.salesforce import Org

_SETUP = "Setup > Messaging Settings"
_TERMS = (
    f"Activate the channel once in {_SETUP}: an org may ask there to accept the Enhanced Chat terms, which no API "
    "accepts. Then run the command again."
)


@dataclass(frozen=True, slots=True)
class Proof:
    """The proof of an activated channel: ``failure`` is a reason with a next step; ``note``: it was not proven."""

    failure: tuple[str, str] | None = None
    note: str | None = None


Prove = Callable[[str], Proof]


def not_asked(channel: str) -> Proof:
    """Prove nothing."""
    return Proof()


@dataclass(slots=True)
class Activation:
    """Activates the channels of changes, one after another, and proves each. It stops at the first problem."""

    org: Org
    recorder: Recorder
    progress: Progress
    prove: Prove
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def run(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if not self.problems:
                self._activate(change)

    def _activate(self, change: Change) -> None:
        name = change.full_name
        self.progress.step(f"Activating {name}.")
        try:
            self._set(name, active=True)
            active = self.org.is_channel_active(name)
        except ProvisionerError as error:
            meaning = _TERMS if isinstance(error, OrgRefusedError) else error.next
            self._problem(change, f"{name} could not be activated: {error.message}", meaning)
            return
        if not active:
            self._problem(change, f"The org took the activation of {name}, and the channel is still inactive.", _TERMS)
            return
        try:
            proof = self.prove(name)
        except BaseException:  # interrupted: nothing is proven
            self._take_back(change, "the proof was cut off.", "")
            raise
        if proof.note is not None:
            self.notes.append(proof.note)
        if proof.failure is not None:
            self._take_back(change, *proof.failure)

    def _take_back(self, change: Change, why: str, remedy: str) -> None:
        name = change.full_name
        try:
            self._set(name, active=False)
            now = f"{name} is inactive again."
        except ProvisionerError as error:
            now = f"{name} is still active ({error.message}): deactivate it in {_SETUP}."
        self._problem(change, f"{name} was activated, and is not proven to verify customers: {why}", f"{now} {remedy}")

    def _set(self, name: str, *, active: bool) -> None:
        self.recorder.about_to_set(name, active=active)
        self.org.activate_channel(name, active=active)
        self.recorder.was_set()

    def _problem(self, change: Change, problem: str, meaning: str) -> None:
        address = MetadataType.CHANNEL.address(change.full_name)
        self.problems.append(Problem(problem, meaning, address, change.declared_at))
