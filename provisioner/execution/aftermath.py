"""The components that a failed deployment nevertheless changed in the org: read, never assumed.

By the documentation, a deployment with rollbackOnError applies everything or nothing. An org that reports
SucceededPartial, or whose answer is wrong, may have changed something.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from provisioner.components.meaning import digest
from provisioner.components.package import Name, names_by_type
from provisioner.components.snapshot import Component, Unreadable
from provisioner.errors import ProvisionerError
from provisioner.execution.journal_entry import Entry, SavedComponent, SentDeployment
from provisioner.execution.work import Read
from provisioner.salesforce import DeployStatus, Org
from provisioner.words import enumerated

NOTHING_APPLIED = "The deployment changed nothing."
NOT_COMPARED = "this machine did not send the deployment. A plan shows what the org holds."


@dataclass(frozen=True, slots=True)
class Aftermath:
    """``applied`` are the components that changed. ``unread`` is the reason why others could not be read."""

    applied: tuple[Name, ...] = ()
    unread: str | None = None

    @property
    def is_nothing(self) -> bool:
        """Tell if certainly nothing was applied."""
        return not self.applied and self.unread is None

    @property
    def words(self) -> str:
        """One or two sentences for a person."""
        if self.is_nothing:
            return NOTHING_APPLIED
        said = []
        if self.applied:
            names = enumerated([kind.address(name) for kind, name in self.applied])
            said.append(f"The org reports a failure, but {names} changed in it.")
        if self.unread is not None:
            said.append(f"Whether {'more' if self.applied else 'anything'} was applied is not known: {self.unread}")
        return " ".join(said)


NOTHING = Aftermath()


def look(org: Org, before: Mapping[Name, str | None], status: DeployStatus | None) -> Aftermath:
    """Compare the org with its earlier state: digests by component, None for one that the org did not have.

    ``status`` is that of the deployment, None if it is not known which one it was. Never raises.
    """
    if status is not None and status.changes_nothing:
        return NOTHING
    try:
        now = org.read(names_by_type(before))
    except ProvisionerError as error:
        return Aftermath(unread=error.message)
    applied, unread = [], None
    for name, was in before.items():
        found = now[name]
        if isinstance(found, Unreadable):
            unread = found.reason
        elif (None if found is None else digest(found.xml)) != was:
            applied.append(name)
    return Aftermath(tuple(applied), unread)


def digests(read: Read, names: Iterable[Name]) -> dict[Name, str | None]:
    """Return what :func:`look` compares with; components that could not be read are left out."""
    found = {name: read[name] for name in names}
    return {
        name: digest(each.xml) if isinstance(each, Component) else None
        for name, each in found.items()
        if not isinstance(each, Unreadable)
    }


def look_again(org: Org, entry: Entry, sent: SentDeployment, status: DeployStatus | None) -> Aftermath:
    """Compare the org with the journal's earlier components that a deployment carried. Never raises."""
    if sent.check_only or (status is not None and status.changes_nothing):
        return NOTHING
    carried = {*sent.components, *sent.deletions}
    kept = {(each.type, each.full_name): each.before for each in entry.touched}
    before = {name: _digest(kept[name]) for name in carried if name in kept and kept[name].withheld is None}
    found = look(org, before, status)
    if len(before) < len(carried) and found.unread is None:
        return Aftermath(found.applied, "the journal does not hold what each component was.")
    return found


def _digest(kept: SavedComponent) -> str | None:
    element = kept.element()
    return digest(element) if element is not None else None
