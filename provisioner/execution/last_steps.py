"""The last steps of an apply, which no package carries: create and publish deployments, and activate channels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from provisioner.components.deployments import Deployments
from provisioner.errors import ExitStatus
from provisioner.execution.activation import Activation, Prove
from provisioner.execution.outcome import Problem
from provisioner.execution.progress import Progress
from provisioner.execution.publication import Publication
from provisioner.execution.recorder import Recorder
from provisioner.execution.web_deployments import WebDeployments
from provisioner.execution.work import Work
from provisioner.model.types import MetadataType
from provisioner.planning.plan import Action, Change
from provisioner.salesforce import Org
from provisioner.salesforce.published import Publisher, deployment_ids
from provisioner.words import enumerated

#: The name of these steps as a phase.
LAST_STEPS = "deployments, publishing and activation"
_PUBLISH_NOTE = (
    "Visitors of {channels} get the changed mode only after the deployments of the channel are published. Name them "
    "under `deployments:`, and the next apply publishes them; or publish them in Setup > Embedded Service Deployments, "
    "or with POST /services/data/v{version}/connect/embeddedservice/embeddedserviceconfig/publish/ID."
)
_DEPLOYMENT_NOTE = (
    "Customers reach {channels} only through a deployment: declare one under `deployments:` with `create:`, or create "
    "one in Setup > Embedded Service Deployments, select the channel, and publish it."
)


@dataclass(frozen=True, slots=True)
class Stopped:
    """The problems of a step, after which no later step was taken; ``next`` is the command that continues."""

    problems: tuple[Problem, ...]
    exit_status: ExitStatus
    next: str


@dataclass(frozen=True, slots=True)
class LastSteps:
    """The last steps of one run, after everything else was read back.

    ``begin`` is called before each step that changes the org. ``notes`` is extended as the steps are taken.
    """

    org: Org
    work: Work
    recorder: Recorder
    progress: Progress
    prove: Prove
    publisher: Publisher | None
    begin: Callable[[], None]
    notes: list[str]

    def run(self, inactive: Sequence[Change]) -> Stopped | None:
        """Take the steps of the whole plan; ``inactive`` are the channels to activate.

        Not only of the remaining changes: a configuration that the org hides differs only until the mode changes.
        """
        changes = self.work.plan.changes
        web = self._create_web_deployments(changes)
        problems = web.problems or self._publish(changes) or self._activate(inactive)
        if not problems:
            self.notes.extend(self._deployment_notes(changes))
            return None
        # Of the remaining changes, only a web deployment needs an option.
        permanent = bool(web.problems) and any(change.sets_up for change in changes)
        again = f"provisioner apply --env {self.work.plan.environment}{' --allow-permanent' if permanent else ''}"
        status = ExitStatus.STILL_RUNNING if web.unknown else ExitStatus.ORG_REFUSED
        return Stopped(tuple(problems), status, again)

    def _create_web_deployments(self, changes: Sequence[Change]) -> WebDeployments:
        """Create web deployments and add trusted frames, before anything is published."""
        web = WebDeployments(self.org, self.work.estate, self.recorder, self.progress)
        if any(change.sets_up or change.frames for change in changes):
            self.begin()
            web.run(changes)
            self.notes.extend(web.notes)
        return web

    def _publish(self, changes: Sequence[Change]) -> list[Problem]:
        """Publish deployments, before channels are activated."""
        names = [name for change in changes for name, _ in change.publishes]
        found = self.work.snapshot.deployments
        if self.publisher is None or not isinstance(found, Deployments) or not names:
            return []
        self.begin()
        ids = found.ids if all(name in found.ids for name in names) else deployment_ids(self.org)
        publication = Publication(self.publisher, ids, self.recorder, self.progress)
        publication.run(changes)
        self.notes.extend(publication.notes)
        return publication.problems

    def _activate(self, inactive: Sequence[Change]) -> list[Problem]:
        if not inactive:
            return []
        self.begin()
        activation = Activation(self.org, self.recorder, self.progress, self.prove)
        activation.run(inactive)
        self.notes.extend(activation.notes)
        return activation.problems

    def _deployment_notes(self, changes: Sequence[Change]) -> list[str]:
        """Return the notes about deployments that the declaration does not publish."""
        known = {each.channel for each in self.work.estate.deployments.values()}
        channels = [each for each in changes if each.type is MetadataType.CHANNEL and each.full_name not in known]
        switched = [each.full_name for each in channels if _is_switched(each)]
        created = [each.full_name for each in channels if each.action is Action.CREATE]
        version = self.work.plan.newest_api_version
        notes = [_PUBLISH_NOTE.format(channels=enumerated(switched), version=version)] if switched else []
        return [*notes, _DEPLOYMENT_NOTE.format(channels=enumerated(created))] if created else notes


def _is_switched(change: Change) -> bool:
    """Tell if the mode of an existing channel changes, which visitors get only from a published deployment."""
    return change.action is Action.UPDATE and any(field.path == "user_verification.enabled" for field in change.fields)
