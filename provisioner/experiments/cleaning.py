"""Removes the components of a probe, and restores a borrowed channel: after an experiment, an error, or a kill.

A component is never deleted if any other than a probe's own components refers to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lxml import etree

from provisioner.components import xml
from provisioner.components.meaning import digest, lost
from provisioner.components.metadata import qualified
from provisioner.components.package import Name, Package
from provisioner.components.snapshot import Component, Snapshot, Unreadable
from provisioner.execution.channel_records import is_bound, still_routed
from provisioner.execution.deploying import Deploying
from provisioner.execution.journal_entry import Entry
from provisioner.experiments.bench import Borrowed, answer
from provisioner.experiments.experiment import PREFIX
from provisioner.model.types import MetadataType
from provisioner.salesforce import DeployStatus, Org, keys_of

_KEY, _KEYSET, _CHANNEL = MetadataType.KEY, MetadataType.KEYSET, MetadataType.CHANNEL
PHASE = "clean up"
#: The element of a component that refers to one of a type.
_REFERENCES = {_KEY: (_KEYSET, "publicKeyCertificate"), _KEYSET: (_CHANNEL, "publicKeyCertificateSetName")}


@dataclass(frozen=True, slots=True)
class Left:
    """A component that could not be cleaned up, and the reason in a sentence."""

    address: str
    why: str


@dataclass(frozen=True, slots=True)
class Lent:
    """A channel to restore.

    ``sent`` is the last content that a probe of an earlier run gave it; None in the same run.
    """

    borrowed: Borrowed
    sent: etree._Element | None = None


@dataclass(slots=True)
class Cleaner:
    """Cleans one org."""

    org: Org
    deploying: Deploying
    reasons: dict[Name, str] = field(default_factory=dict)

    def clean(self, lent: Sequence[Lent]) -> tuple[Left, ...]:
        """Restore the channels, delete every component of a probe, and check; return the components that remain."""
        self.reasons = {}
        snapshot, latest = self.org.observe(), self.deploying.deploy_id
        left = [found for each in lent if (found := self._put_back(each, snapshot)) is not None]
        if self.deploying.deploy_id != latest:
            snapshot = self.org.observe()
        hidden = [
            Left(f"{kind.word}.*", f"It cannot be read: {observed.reason}")
            for kind, observed in snapshot.types.items()
            if isinstance(observed, Unreadable)
        ]
        if hidden:
            return (*left, *hidden)
        mine = leftovers(snapshot)
        used = {name: users for name in mine if (users := foreign_users(snapshot, name))}
        self._delete([name for name in mine if name not in used])
        left += [Left(name[0].address(name[1]), f"{', '.join(users)} uses it.") for name, users in used.items()]
        return (*left, *self._still_there([name for name in mine if name not in used]))

    def _delete(self, names: Sequence[Name]) -> None:
        """Delete keysets and keys together; if the org refuses that, keysets first, and finally each separately."""
        if not names or self._deleted(names):
            return
        for kind in (_KEYSET, _KEY):
            part = [name for name in names if name[0] is kind]
            if part and not self._deleted(part) and len(part) > 1:
                for name in part:
                    self._deleted([name])

    def _deleted(self, names: Sequence[Name]) -> bool:
        status = self._send(Package(deletions=names))
        if not status.success:
            self.reasons |= {name: answer(status) for name in names}
        return status.success

    def _still_there(self, names: Sequence[Name]) -> list[Left]:
        if not names:
            return []
        wanted = {kind: [name for each, name in names if each is kind] for kind in (_KEY, _KEYSET)}
        return [
            Left(kind.address(name), self.reasons.get((kind, name), "The deletion succeeded, but it still exists."))
            for (kind, name), found in self.org.read(wanted).items()
            if found is not None
        ]

    def _put_back(self, lent: Lent, snapshot: Snapshot) -> Left | None:
        """Restore a channel, and then its record, unless another user changed it meanwhile."""
        borrowed = lent.borrowed
        if is_back(borrowed, snapshot):
            return None
        return self._put_component_back(lent, snapshot) or self._put_routing_back(borrowed)

    def _put_component_back(self, lent: Lent, snapshot: Snapshot) -> Left | None:
        borrowed = lent.borrowed
        found = snapshot.find(*borrowed.key)
        address = _CHANNEL.address(borrowed.name)
        if isinstance(found, Component) and digest(found.xml) == digest(borrowed.before):
            return None
        if not isinstance(found, Component):
            return Left(address, found.reason if found is not None else "It is no longer in the org.")
        if lent.sent is not None and not _is_of_probe(found.xml, lent.sent):
            return Left(address, "Somebody changed it since the probe. Compare it with the probe's journal entry.")
        status = self._send(Package({borrowed.key: borrowed.before}))
        now = self._read(borrowed.key)
        if status.success and now is not None and digest(now) != digest(borrowed.before):
            # An org that keeps omitted elements removes them only if they are sent empty.
            status = self._send(Package({borrowed.key: _with_blanks(borrowed.before, now)}))
            now = self._read(borrowed.key)
        if now is not None and digest(now) == digest(borrowed.before):
            return None
        return Left(address, "It is not as it was before." if status.success else answer(status))

    def _put_routing_back(self, borrowed: Borrowed) -> Left | None:
        """Restore the fields of the channel's record that the deployments cleared."""
        if not is_bound(borrowed.routing):
            return None
        was = {borrowed.name: borrowed.routing}
        if not list(still_routed(self.org, was, self.org.channel_records())):
            return None
        problems = list(still_routed(self.org, was, self.org.channel_records()))
        return Left(_CHANNEL.address(borrowed.name), problems[0].problem) if problems else None

    def _read(self, name: Name) -> etree._Element | None:
        found = self.org.read({name[0]: [name[1]]})[name]
        return found.xml if isinstance(found, Component) else None

    def _send(self, package: Package) -> DeployStatus:
        status = self.deploying.send(
            package,
            api_version=self.org.versions.chosen,
            phase=PHASE,
            known=keys_of(self.org.recent_deploys()),
        )
        if not status.success:
            self.deploying.recorder.over(status)
        return status


def is_back(borrowed: Borrowed, snapshot: Snapshot) -> bool:
    """Return whether a channel and the routing of its record are as before the probe borrowed it."""
    found, routing = snapshot.find(*borrowed.key), snapshot.routing.get(borrowed.name, {})
    is_routed = all(routing.get(name, value) == value for name, value in borrowed.routing.items() if value is not None)
    return is_routed and isinstance(found, Component) and digest(found.xml) == digest(borrowed.before)


def leftovers(snapshot: Snapshot) -> list[Name]:
    """Return the keys and keysets of a probe."""
    return [
        (kind, name)
        for kind in (_KEYSET, _KEY)
        if not isinstance(observed := snapshot.types[kind], Unreadable)
        for name in observed
        if name.startswith(PREFIX)
    ]


def foreign_users(snapshot: Snapshot, name: Name) -> list[str]:
    """Return the addresses of the components that refer to one of a probe, directly or through another of it."""
    kind, full_name = name
    if kind not in _REFERENCES:
        return []
    user_kind, element = _REFERENCES[kind]
    observed = snapshot.types[user_kind]
    found: list[str] = []
    for user, component in ({} if isinstance(observed, Unreadable) else observed).items():
        if isinstance(component, Unreadable):
            found.append(f"{user_kind.address(user)}, which cannot be read, and perhaps")
        elif any((each.text or "").strip() == full_name for each in component.xml.iter(qualified(element))):
            ours = user.startswith(PREFIX) and user_kind in _REFERENCES
            found += foreign_users(snapshot, (user_kind, user)) if ours else [user_kind.address(user)]
    return list(dict.fromkeys(found))


def lent_in(entries: Iterable[Entry]) -> list[Lent]:
    """Return the channels that earlier probes borrowed and may have changed."""
    found = []
    for entry in entries:
        for touched in entry.touched:
            before = touched.before.element()
            if touched.type is not _CHANNEL or before is None:
                continue
            sent = [each.components.get((_CHANNEL, touched.full_name)) for each in entry.sent]
            last = next((each.element() for each in reversed(sent) if each is not None), None)
            if last is not None:
                found.append(Lent(Borrowed(touched.full_name, before, touched.routing), last))
    return found


def _is_of_probe(now: etree._Element, sent: etree._Element) -> bool:
    """Return whether a channel has the content that a probe gave it."""
    names = (each.text or "" for each in now.iter(qualified("publicKeyCertificateSetName")))
    return any(name.startswith(PREFIX) for name in names) or not lost(sent, now)


def _with_blanks(before: etree._Element, now: etree._Element) -> etree._Element:
    """Return ``before`` with an empty element for each text that it does not have and the channel has now."""
    element = xml.copy(before)
    _add_blanks(element, now)
    return element


def _add_blanks(element: etree._Element, now: etree._Element) -> None:
    for part in xml.elements(now):
        name = xml.name_of(part)
        own = xml.child(element, name)
        if own is None and len(part) == 0:
            xml.set_text(element, name, "")
        elif own is not None and len(xml.children(now, name)) == 1:
            _add_blanks(own, part)
