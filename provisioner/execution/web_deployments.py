"""Creates web deployments, and adds trusted frames to their sites, after the package of an apply was read back.

A web deployment is made by one request that is never repeated. If its answer is lost, the deployment is looked for; one
that is found is adopted. Each request is in the journal before it is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from provisioner.components.deployments import CLIENT_VERSION, label_of, read_deployment
from provisioner.components.origins import frame_of, is_trusted
from provisioner.components.snapshot import Component, Unreadable
from provisioner.errors import OrgRefusedError, ProvisionerError, RefusedError, UnreachableError
from provisioner.execution.journal_entry import SET_UP, TRUST_FRAME
from provisioner.execution.outcome import Problem
from provisioner.execution.progress import Progress
from provisioner.execution.recorder import Recorder
from provisioner.model.estate import Deployment, DeploymentType, Estate
from provisioner.model.types import MetadataType
from provisioner.planning.plan import Change
from provisioner.salesforce import Org
from provisioner.salesforce.deployment_setup import SetupAnswer

_SETUP = "Setup > Embedded Service Deployments"
#: Seconds before each look for a deployment whose answer was lost: five minutes together. The first site of an org was
#: seen to take more than two.
LOOKS = (0.0, 2.0, 5.0, 8.0, 15.0, *[30.0] * 9)
_NOT_FOUND = (
    f"Look for it in {_SETUP}, also in some minutes. If it exists, the next apply adopts it; if it is missing, the "
    "next apply sends the request again."
)


def look_for(org: Org, name: str) -> tuple[str, str] | None:
    """Return the id and the type of a deployment that may be on its way; None if it does not come in five minutes.

    Raises :class:`UnreachableError` and :class:`OrgRefusedError` if the last look was not answered.
    """
    found: tuple[str, str] | None = None
    for number, seconds in enumerate(LOOKS, 1):
        org.pause(seconds)
        try:
            found = org.find_deployment(name)
        except (UnreachableError, OrgRefusedError):
            if number == len(LOOKS):
                raise
        if found is not None:
            break
    return found


@dataclass(slots=True)
class WebDeployments:
    """Creates deployments and adds frames, one after another. ``unknown``: whether one was made is not known."""

    org: Org
    estate: Estate
    recorder: Recorder
    progress: Progress
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unknown: bool = False

    def run(self, changes: Sequence[Change]) -> None:
        """Create and extend deployments; a problem of one does not stop the others."""
        for change in changes:
            if change.type is MetadataType.DEPLOYMENT and (change.sets_up or change.frames):
                problems = len(self.problems)
                if change.sets_up:
                    self._guarded(change, self._set_up)
                if change.frames and len(self.problems) == problems:
                    self._guarded(change, self._trust)

    def _guarded(self, change: Change, step: Callable[[Change, Deployment], None]) -> None:
        try:
            step(change, self.estate.deployments[change.full_name])
        except (UnreachableError, OrgRefusedError, RefusedError) as error:
            self._problem(change, error.message, error.next)

    def _set_up(self, change: Change, deployment: Deployment) -> None:
        name = deployment.name
        if (found := self.org.find_deployment(name)) is not None:
            self._adopt(change, found, "The org has it meanwhile")
            return
        channel_id = self.org.channel_id(deployment.channel)
        assert deployment.create is not None
        values = {
            "name": name, "masterLabel": label_of(deployment), "deploymentType": DeploymentType.WEB.metadata,
            "clientVersion": CLIENT_VERSION, "hostDomain": deployment.create.domain, "messagingChannelId": channel_id,
        }  # fmt: skip
        self.progress.step(f"Creating {name} with its site; this can take minutes.")
        self.recorder.about_to_call(SET_UP, name)
        answer, words = self.org.set_up_deployment(values)
        match answer:
            case SetupAnswer.NOT_SENT:
                self.recorder.called("not-sent")
                self._problem(change, f"{name} was not created: {words}", "Nothing was sent. Run the command again.")
            case SetupAnswer.REFUSED:
                self._refused(change, words)
            case SetupAnswer.MADE | SetupAnswer.UNKNOWN:
                self._look(change, words)
            case _:
                assert_never(answer)

    def _refused(self, change: Change, words: str) -> None:
        """Add the problem of a refusal, or adopt the deployment: the org may have created it anyway."""
        if (found := self.org.find_deployment(change.full_name)) is not None:
            self.recorder.called("made")
            self._adopt(change, found, f"The org answered {words}, and has it")
            return
        self.recorder.called("refused")
        self._problem(
            change, f"The org did not create {change.full_name}: {words}",
            f"Correct what the org says, or create the deployment in {_SETUP}, and run the command again.",
        )  # fmt: skip

    def _look(self, change: Change, lost: str) -> None:
        """Look for a deployment that was made, or that may have been made."""
        name = change.full_name
        if lost:
            self.progress.step(f"The answer was lost ({lost}); looking for {name}.")
        try:
            found = look_for(self.org, name)
        except ProvisionerError as error:
            self.unknown = True
            self._problem(change, f"Whether {name} was created is not known: {error.message}", _NOT_FOUND)
            return
        if found is not None:
            self.recorder.called("made")
            self._adopt(change, found, f"The answer was lost ({lost}), and the org has it" if lost else "")
            return
        self.recorder.called("not-found")
        self.unknown = True
        said = f"the answer was lost ({lost})" if lost else "the org answered that it was created"
        self._problem(
            change, f"Whether {name} was created is not known: {said}, and the org did not list it in five minutes.",
            _NOT_FOUND,
        )  # fmt: skip

    def _adopt(self, change: Change, found: tuple[str, str], why: str) -> None:
        if found[1] != DeploymentType.WEB.metadata:
            self._problem(
                change, f"The org has a deployment {change.full_name} of type {found[1]}, and not of type Web.",
                "Choose another name for the web deployment.",
            )  # fmt: skip
            return
        seen = self._metadata(change.full_name)
        channel = read_deployment(seen.xml).channel if seen is not None else None
        wanted = self.estate.deployments[change.full_name].channel
        if channel != wanted:
            self._problem(
                change, f"The org has {change.full_name}, and whether it serves {wanted} is not shown: it names "
                f"{channel or 'no channel'}.", f"Compare it in {_SETUP}.",
            )  # fmt: skip
            return
        self.notes.append(f"{change.full_name} is created." if not why else f"{why}: {change.full_name} is adopted.")

    def _trust(self, change: Change, deployment: Deployment) -> None:
        name = deployment.name
        seen = self._metadata(name)
        site_name = read_deployment(seen.xml).site if seen is not None else None
        sites = self.org.sites({name: site_name} if site_name is not None else {})
        site = sites.get(name) if not isinstance(sites, Unreadable) else None
        if site is None:
            why = sites.reason if isinstance(sites, Unreadable) else "the org shows no site for it"
            self._problem(
                change, f"The trusted frames of {name} were not added: {why}.",
                f"Add {', '.join(change.frames)} in Setup > Sites > the site > Trusted Domains for Inline Frames.",
            )  # fmt: skip
            return
        for origin in change.frames:
            if is_trusted(origin, site.frames):
                continue
            self.progress.step(f"Adding {origin} to the trusted frames of {name}.")
            self.recorder.about_to_call(TRUST_FRAME, name)
            self.org.trust_frame(site.id, frame_of(origin))
            self.recorder.called("made")

    def _metadata(self, name: str) -> Component | None:
        found = self.org.read({MetadataType.DEPLOYMENT: [name]})[MetadataType.DEPLOYMENT, name]
        return found if isinstance(found, Component) else None

    def _problem(self, change: Change, problem: str, meaning: str) -> None:
        self.problems.append(Problem(problem, meaning, change.address, change.declared_at))
