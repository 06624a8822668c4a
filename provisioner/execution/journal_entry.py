"""An entry of the journal: one apply with its touched components, deployments and result, as values.

It holds no secrets: a component is kept only if it has no private key material and nothing that the redactor would
mask; else the entry has the reason why it is withheld.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from lxml import etree

from provisioner.components import xml as component_xml
from provisioner.components.package import Name, Package, Rendered
from provisioner.components.snapshot import Routing
from provisioner.components.xml import text_of
from provisioner.jose.jwk_members import may_name_private
from provisioner.jose.uploaded_jwk import leaked_members
from provisioner.model.actor import NOBODY, Actor
from provisioner.model.login_types import LOGIN_TYPES
from provisioner.model.types import MetadataType
from provisioner.secrets import redactor

#: The command whose entries stay open until the org is clean again, and the outcome of a clean org.
PROBE, CLEANED = "probe", "cleaned"
#: The outcome of a run that ended before the read-back.
INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class SavedComponent:
    """An earlier or a sent component. ``xml`` is None if it was absent or withheld; ``withheld`` is the reason."""

    xml: str | None = None
    withheld: str | None = None

    @classmethod
    def of(cls, element: etree._Element | None) -> SavedComponent:
        """Return a component as it may be kept."""
        return cls() if element is None else cls.of_text(component_xml.to_file(element).decode("utf-8"))

    @classmethod
    def of_text(cls, text: str) -> SavedComponent:
        """Return the component in the text of a file, as it may be kept."""
        if may_name_private(text):
            leaked = leaked_members(text_of(cls(text).element(), "jsonWebKey") or "")
            if leaked:
                return cls(withheld=f"its JWK holds private members ({', '.join(leaked)})")
        if redactor.redact_document(text) != text:
            return cls(withheld="it holds a secret")
        return cls(text)

    def element(self) -> etree._Element | None:
        """Return the component's root element; None if it is absent or withheld."""
        if self.xml is None:
            return None
        parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True)
        return etree.fromstring(self.xml.encode("utf-8"), parser)


@dataclass(frozen=True, slots=True)
class ChangedComponent:
    """A component of the plan; ``action`` is that of the plan, ``before`` the earlier component.

    ``routing`` is the known routing of a channel's record before the apply.
    """

    type: MetadataType
    full_name: str
    action: str
    before: SavedComponent
    routing: Routing = field(default_factory=dict)

    @property
    def address(self) -> str:
        return self.type.address(self.full_name)


@dataclass(frozen=True, slots=True)
class SentDeployment:
    """One deployment. ``deploy_id`` is None from "about to send" until the org's answer.

    ``known`` are the deployments (15 characters) in the org just before, None if the org did not list them: with them,
    this one is found again. ``ended`` is the org's final status, None if it is not known. ``applied``: the deployment
    failed, but may have changed the org.
    """

    at: datetime
    check_only: bool
    phase: str | None = None
    known: tuple[str, ...] | None = None
    components: Mapping[Name, SavedComponent] = field(default_factory=dict)
    deletions: tuple[Name, ...] = ()
    deploy_id: str | None = None
    ended: str | None = None
    success: bool | None = None
    applied: bool = False

    def package(self) -> Package:
        """Return the package that was sent, without withheld components."""
        texts = {name: kept.xml for name, kept in self.components.items() if kept.xml is not None}
        return Package(Rendered(texts), self.deletions)


@dataclass(frozen=True, slots=True)
class RecordStep:
    """A channel that was activated or deactivated in its record. ``taken``: the org confirmed it."""

    at: datetime
    channel: str
    active: bool
    taken: bool = False


#: The purposes of calls.
SET_UP, TRUST_FRAME, PUBLISH = "set-up", "trust-frame", "publish"


@dataclass(frozen=True, slots=True)
class Call:
    """A request about a deployment that no package carries: ``what`` it does, for the deployment ``name``.

    ``ended`` is a word for how it ended, None while that is not known.
    """

    at: datetime
    what: str
    name: str
    ended: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One apply. ``command`` is the verb; ``outcome`` how it ended (a Result, or :data:`INTERRUPTED`), None until then.

    ``steps`` are changes of records, and ``calls`` requests about chat deployments, which no package carries.
    ``config`` is the path of the config directory, because several can have one org; None if it was not kept.
    """

    id: str
    began: datetime
    command: str
    environment: str
    org_id: str
    instance_url: str
    tool_version: str
    declaration_digest: str
    touched: tuple[ChangedComponent, ...]
    sent: tuple[SentDeployment, ...] = ()
    outcome: str | None = None
    ended: datetime | None = None
    problems: tuple[str, ...] = ()
    steps: tuple[RecordStep, ...] = ()
    by: Actor = NOBODY
    config: str | None = None
    calls: tuple[Call, ...] = ()

    @property
    def head(self) -> Entry:
        """Return the entry without the texts of components, which are nearly all of its size."""
        return replace(
            self,
            touched=tuple(replace(each, before=SavedComponent(withheld=each.before.withheld)) for each in self.touched),
            sent=tuple(replace(each, components={}) for each in self.sent),
        )

    @property
    def is_unsettled(self) -> bool:
        """Tell if a deployment has no known result, or was not read back."""
        if self.open_set_ups or self.open_sent or (self.sent and self.needs_cleaning):
            return True
        return self.outcome in (None, "running", INTERRUPTED) and self.has_deployed

    @property
    def needs_cleaning(self) -> bool:
        """Tell if a probe may have left components in the org."""
        return self.command == PROBE and self.outcome != CLEANED and self.changed_something

    @property
    def open_sent(self) -> tuple[SentDeployment, ...]:
        """Return the deployments with an unknown end."""
        return tuple(each for each in self.sent if each.ended is None)

    @property
    def open_set_ups(self) -> tuple[Call, ...]:
        """Return the requests to set up chat deployments that have an unknown end."""
        return tuple(each for each in self.calls if each.what == SET_UP and each.ended is None)

    def with_ended(self, call: Call, ended: str) -> Entry:
        """Return the entry with the end of a call."""
        return replace(self, calls=tuple(replace(each, ended=ended) if each is call else each for each in self.calls))

    @property
    def deploy_ids(self) -> tuple[str, ...]:
        return tuple(each.deploy_id for each in self.sent if each.deploy_id is not None)

    @property
    def changed_something(self) -> bool:
        """Tell if the run may have changed the org."""
        deployed = any(not each.check_only and (each.success is not False or each.applied) for each in self.sent)
        return deployed or bool(self.steps or self.calls)

    @property
    def activated(self) -> tuple[str, ...]:
        """Return the channels that the run left active."""
        last = {each.channel: each.active for each in self.steps}
        return tuple(channel for channel, active in last.items() if active)

    @property
    def is_of_logins(self) -> bool:
        """Tell if the run changed apps or permission sets of logins, which `restore` does not undo."""
        return any(each.type in LOGIN_TYPES for each in self.touched)

    def sent_as(self, deploy_id: str) -> SentDeployment | None:
        """Return the deployment of an id (15 or 18 characters)."""
        found = (each for each in self.sent if each.deploy_id is not None and each.deploy_id[:15] == deploy_id[:15])
        return next(found, None)

    @property
    def _deployed(self) -> tuple[SentDeployment, ...]:
        """Return the deployments that succeeded; a validation changes nothing."""
        return tuple(each for each in self.sent if each.success and not each.check_only)

    @property
    def has_deployed(self) -> bool:
        """Tell if a deployment of the run succeeded."""
        return bool(self._deployed)

    @property
    def deployed_names(self) -> frozenset[Name]:
        """Return the components that the successful deployments carried or deleted."""
        return frozenset(name for each in self._deployed for name in (*each.components, *each.deletions))

    def deployed(self) -> Package:
        """Return the content of the successful deployments as one package, without withheld components."""
        done = [each.package() for each in self._deployed]
        texts = {name: package.text(name) for package in done for name in package.components}
        return Package(Rendered(texts), tuple(name for package in done for name in package.deletions))

    @property
    def routing(self) -> dict[str, Routing]:
        """Return the routing of the records of the touched channels, by channel, if they bound any."""
        return {
            each.full_name: each.routing
            for each in self.touched
            if each.type is MetadataType.CHANNEL and any(value is not None for value in each.routing.values())
        }

    def with_sent(self, old: SentDeployment, new: SentDeployment) -> Entry:
        return replace(self, sent=tuple(new if each is old else each for each in self.sent))


def words(problems: Iterable[str]) -> tuple[str, ...]:
    """Return sentences as they may be kept."""
    return tuple(redactor.redact(each) for each in problems)
