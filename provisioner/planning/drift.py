"""A drift is a plan seen from the org's side: where the org differs, and who changed the component last.

Which side changed is unknown: an org keeps one name and one date for a whole component.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from provisioner.components.snapshot import Component, Snapshot
from provisioner.errors import ExitStatus
from provisioner.model.ids import same_id
from provisioner.model.types import OTHER_TYPES, TYPES, MetadataType
from provisioner.planning.plan import Blocked, Change, OwnedElsewhere, Plan, Reason, Unmanaged

#: The date that an org lists for a component if it keeps no record of changes.
_NO_DATE = "1970-01-01T00:00:00"


@dataclass(frozen=True, slots=True)
class LastChange:
    """The user and the time of a component's last change, as the org lists them; None if it does not.

    ``by_another``: it was not the user of this run's login, so this declaration did not make the change.
    """

    by: str | None = None
    date: str | None = None
    by_another: bool | None = None


@dataclass(frozen=True, slots=True)
class Drift:
    """The plan that would undo the drift, and the last change of each component by its address.

    The changes of the plan are the differences. In a field, ``before`` is the org's value, ``after`` the declared one.
    """

    plan: Plan
    last_changes: Mapping[str, LastChange] = field(default_factory=dict)

    @property
    def environment(self) -> str:
        return self.plan.environment

    @property
    def errors(self) -> tuple[Blocked, ...]:
        """Return the wrong input of the plan, such as a missing channel."""
        return tuple(each for each in self.plan.blocked if each.exit_status is ExitStatus.WRONG_INPUT)

    @property
    def is_none(self) -> bool:
        """Tell if the org was read completely and equals the declaration."""
        return not (self.plan.changes or self.errors or self.plan.unread)

    @property
    def exit_status(self) -> ExitStatus:
        """Return 1 for an error of the plan, 2 for drift and for unreadable parts, else 0."""
        if self.errors:
            return ExitStatus.WRONG_INPUT
        return ExitStatus.DONE if self.is_none else ExitStatus.CHANGES_PENDING

    @property
    def changed_by_another(self) -> tuple[str, ...]:
        """Return the addresses without drift that another user than this login's changed last."""
        return tuple(each for each in self.plan.unchanged if self.last_changes.get(each, LastChange()).by_another)

    def count(self, reason: Reason) -> int:
        return sum(each.reason is reason for each in self.plan.changes)

    def last_change(self, component: Change | Unmanaged | OwnedElsewhere) -> LastChange:
        return self.last_changes.get(component.address, LastChange())


def drift_of(plan: Plan, snapshot: Snapshot, user_id: str | None = None) -> Drift:
    """Return the drift that ``plan``, made from ``snapshot``, would undo. ``user_id`` is the user of the login."""
    components: list[Change | Unmanaged | OwnedElsewhere] = [*plan.changes, *plan.unmanaged, *plan.external]
    found = {each.address: (each.type, each.full_name) for each in components}
    words = {kind.word: kind for kind in (*TYPES, *OTHER_TYPES)}
    found |= {each: (words[word], name) for each in plan.unchanged for word, _, name in [each.partition(".")]}
    return Drift(plan, {address: _last_change(snapshot, name, user_id) for address, name in found.items()})


def _last_change(snapshot: Snapshot, name: tuple[MetadataType, str], user_id: str | None) -> LastChange:
    found = snapshot.find(*name)
    if not isinstance(found, Component):
        return LastChange()
    date, by_id = found.last_modified_date, found.last_modified_by_id
    another = not same_id(by_id, user_id) if by_id and user_id else None
    return LastChange(found.last_modified_by, None if date is not None and date.startswith(_NO_DATE) else date, another)
