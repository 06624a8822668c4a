"""Publishes deployments after everything else was read back, so that visitors get the current mode of the channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from provisioner.errors import ProvisionerError
from provisioner.execution.journal_entry import PUBLISH
from provisioner.execution.outcome import Problem
from provisioner.execution.progress import Progress
from provisioner.execution.recorder import Recorder
from provisioner.planning.plan import Change
from provisioner.planning.publications import mode_name
from provisioner.salesforce.published import Publisher

_BY_HAND = "Publish it in Setup > Embedded Service Deployments > {name} > Publish, or run the command again."


@dataclass(slots=True)
class Publication:
    """Publishes one deployment after another, and waits for each; ``ids`` are by name. A problem does not stop it."""

    publisher: Publisher
    ids: Mapping[str, str]
    recorder: Recorder
    progress: Progress
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def run(self, changes: Sequence[Change]) -> None:
        for change in changes:
            for name, verification_on in change.publishes:
                self._publish(change, name, verification_on)

    def _publish(self, change: Change, name: str, verification_on: bool) -> None:
        self.progress.step(f"Publishing {name}.")
        if name not in self.ids:
            self._problem(change, name, f"{name} could not be published: the org does not list it.")
            return
        self.recorder.about_to_call(PUBLISH, name)
        try:
            refused = self.publisher.publish(self.ids[name])
            self.recorder.called("published" if refused is None else "refused")
        except ProvisionerError as error:
            self._problem(change, name, f"{name} could not be published: {error.message}")
            return
        if refused is not None:
            self._problem(change, name, f"The org did not publish {name}: {refused}.")
            return
        wanted = mode_name(verification_on)
        seen = self.publisher.wait(name, wanted)
        if seen.auth_mode == wanted:
            self.notes.append(f"{name} is published: visitors get the mode {wanted}.")
        elif seen.auth_mode is not None:
            self._problem(change, name, f"{name} was published, and visitors still get the mode {seen.auth_mode}.")
        else:
            self.notes.append(
                f"{name} was published. Whether visitors get the mode {wanted} is not known: {seen.why or 'no answer'}."
            )

    def _problem(self, change: Change, name: str, problem: str) -> None:
        self.problems.append(Problem(problem, _BY_HAND.format(name=name), change.address, change.declared_at))
