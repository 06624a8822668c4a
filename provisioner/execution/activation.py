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
from provisioner.planning.plan import Change
from provisioner.salesforce import Org

_SETUP = "Setup > Messaging Settings"
_TERMS = (
    f"Activate the channel once in {_SETUP}: an org may ask there to accept the Enhanced Chat terms, which no API "
    "accepts. Then run the command again."
)
_NOT_PROVEN = "{name} was activated, and is not proven to verify customers: {why}"


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
            self._set_and_prove(change)
        except BaseException:  # an interrupt ends the run without a result that could show the problem
            problem = self._take_back(change, _NOT_PROVEN.format(name=name, why="the proof was cut off."))
            self.progress.step(f"{problem.problem} {problem.meaning}")
            raise

    def _set_and_prove(self, change: Change) -> None:
        name = change.full_name
        try:
            self._set(name, active=True)
        except OrgRefusedError as error:
            self._problem(change, f"{name} could not be activated: {error.message}", _TERMS)
            return
        except ProvisionerError as error:
            self._take_back(change, f"Whether {name} was activated is not known: {error.message}", error.next)
            return
        try:
            active = self.org.is_channel_active(name)
        except ProvisionerError as error:
            self._take_back(change, f"Whether {name} is active could not be read: {error.message}", error.next)
            return
        if not active:
            self._problem(change, f"The org took the activation of {name}, and the channel is still inactive.", _TERMS)
            return
        proof = self.prove(name)
        if proof.note is not None:
            self.notes.append(proof.note)
        if proof.failure is not None:
            why, remedy = proof.failure
            self._take_back(change, _NOT_PROVEN.format(name=name, why=why), remedy)

    def _take_back(self, change: Change, problem: str, remedy: str = "") -> Problem:
        """Deactivate a channel that is, or may be, active without a proof; return the problem."""
        name = change.full_name
        try:
            self._set(name, active=False)
            now = f"{name} is inactive again."
        except ProvisionerError as error:
            now = f"{name} may still be active ({error.message}): deactivate it in {_SETUP}."
        return self._problem(change, problem, " ".join(filter(None, (now, remedy))))

    def _set(self, name: str, *, active: bool) -> None:
        self.recorder.about_to_set(name, active=active)
        self.org.activate_channel(name, active=active)
        self.recorder.was_set()

    def _problem(self, change: Change, problem: str, meaning: str) -> Problem:
        self.problems.append(Problem(problem, meaning, change.address, change.declared_at))
        return self.problems[-1]
