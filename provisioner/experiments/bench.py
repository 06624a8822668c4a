"""The functions for an experiment: they deploy, read, and record the org's answers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from provisioner.components.package import Name, Package
from provisioner.components.snapshot import Component, Routing, Unreadable
from provisioner.execution.deploying import Deploying
from provisioner.experiments import parts
from provisioner.experiments.experiment import UndecidedError
from provisioner.experiments.parts import Material, Part
from provisioner.model.types import MetadataType
from provisioner.salesforce import DeployStatus, Org, keys_of

log = logging.getLogger(__name__)

#: Statuses of a deployment that left the org unchanged.
_CHANGED_NOTHING = ("Failed", "Canceled")


@dataclass(frozen=True, slots=True)
class Step:
    """One action of an experiment, and the org's answer."""

    did: str
    answered: str


@dataclass(frozen=True, slots=True)
class Borrowed:
    """A channel that a probe may change, with its original content; ``routing`` is that of its record."""

    name: str
    before: etree._Element
    routing: Routing = field(default_factory=dict)

    @property
    def key(self) -> Name:
        return (MetadataType.CHANNEL, self.name)


@dataclass(slots=True)
class Watch:
    """A progress that records the statuses of deployments; sentences go to the log."""

    statuses: list[str] = field(default_factory=list)

    def step(self, sentence: str) -> None:
        log.info("%s", sentence)

    def look(self, status: DeployStatus) -> None:
        self.statuses.append(status.status)


def _nothing(deploy_id: str) -> None:
    """Ignore an accepted deployment."""


@dataclass(slots=True)
class Bench:
    """One org and one run of experiments. ``steps`` are those of the current experiment."""

    org: Org
    deploying: Deploying
    material: Material
    watch: Watch
    borrowed: Borrowed | None = None
    steps: list[Step] = field(default_factory=list)
    phase: str = ""
    finds_same_package: bool = True

    def begin(self, phase: str) -> None:
        """Begin an experiment: its steps are recorded from here on."""
        self.phase, self.steps = phase, []

    @property
    def channel(self) -> etree._Element:
        """Return the original content of the borrowed channel. Raises :class:`UndecidedError` if there is none."""
        if self.borrowed is None:
            raise UndecidedError("It needs a channel.")
        return self.borrowed.before

    def channel_part(self, element: etree._Element) -> Part:
        """Return an edited copy of the borrowed channel as a part of a deployment."""
        assert self.borrowed is not None
        return self.borrowed.key, element

    def note(self, did: str, answered: str) -> None:
        """Record a step that was not a deployment."""
        self.steps.append(Step(did, answered))

    def send(
        self,
        did: str,
        *sent: Part,
        delete: tuple[Name, ...] = (),
        version: str | None = None,
        on_accepted: Callable[[str], None] = _nothing,
    ) -> DeployStatus:
        """Deploy components and deletions in one package; the answer is recorded, success or not."""
        self.deploying.on_accepted = on_accepted
        try:
            status = self.deploying.send(
                Package(dict(sent), delete),
                api_version=version or self.org.versions.chosen,
                phase=self.phase,
                known=keys_of(self.org.recent_deploys()),
            )
        finally:
            self.deploying.on_accepted = _nothing
        if not status.success:
            self.deploying.recorder.over(status, applied=status.status not in _CHANGED_NOTHING)
        self.note(did, answer(status))
        return status

    def must(self, did: str, *sent: Part, delete: tuple[Name, ...] = ()) -> None:
        """Deploy the initial state of an experiment. Raises :class:`UndecidedError` if the org refuses it."""
        status = self.send(did, *sent, delete=delete)
        if not status.success:
            raise UndecidedError(f"The org refused a step that should work on either side: {answer(status)}")

    def keys_in_use(self) -> None:
        """Make a keyset with one key, in one package or, if this org does not find the key there, in two."""
        key, keyset = parts.key(self.material.first.to_json()), parts.keyset(parts.KEY)
        if self.finds_same_package:
            if self.send("Deployed a key and a keyset that holds it.", key, keyset).success:
                return
            self.finds_same_package = False
        self.must("Deployed a key.", key)
        self.must("Deployed a keyset that holds it.", keyset)

    def read(self, kind: MetadataType, name: str) -> etree._Element | None:
        """Return a component as the org has it now, or None. Raises :class:`UndecidedError` if it cannot be read."""
        return self._shown(self.org.read({kind: [name]})[kind, name])

    def read_channel(self) -> etree._Element:
        """Return the borrowed channel as it is now. Raises :class:`UndecidedError` if it cannot be read."""
        assert self.borrowed is not None
        found = self.read(*self.borrowed.key)
        if found is None:
            raise UndecidedError("The channel is no longer in the org.")
        return found

    def must_read(self, kind: MetadataType, name: str) -> etree._Element:
        """Return a component that was just deployed. Raises :class:`UndecidedError` if the org does not show it."""
        found = self.read(kind, name)
        if found is None:
            raise UndecidedError("The deployment succeeded, but the org does not show the component.")
        return found

    @staticmethod
    def _shown(found: Component | Unreadable | None) -> etree._Element | None:
        if isinstance(found, Unreadable):
            raise UndecidedError(f"The component cannot be read: {found.reason}")
        return found.xml if found is not None else None


def answer(status: DeployStatus) -> str:
    """Return the org's message about the outcome of a deployment."""
    if status.success:
        return status.status
    said = [f"{each.component_type} {each.full_name}: {each.problem}" for each in status.failures]
    detail = "; ".join(said) or status.error_message or "no reason given"
    return f"{status.status}: {detail}"
