"""The plan seen from the org's side: what is otherwise there than declared, and who changed the component last.

Which side moved is not known and never claimed: an org keeps one name and one date for a whole component.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from provisioner.components.metadata import MetadataType
from provisioner.components.snapshot import Component, OrgFacts, Snapshot, Unreadable
from provisioner.diagnostics import Diagnostic, Location
from provisioner.errors import ExitStatus
from provisioner.planning.plan import Blocked, Change, FieldValue, Plan, Reason


class Difference(StrEnum):
    """How a component of the org is not as declared."""

    MISSING = "missing"
    DIFFERS = "differs"
    LEFT_OVER = "left-over"


_DIFFERENCES = {
    Reason.NOT_IN_ORG: Difference.MISSING,
    Reason.DIFFERS: Difference.DIFFERS,
    Reason.TOMBSTONE: Difference.LEFT_OVER,
}


#: What an org lists as the date of a component whose changes it does not keep.
_NO_DATE = "1970-01-01T00:00:00"


@dataclass(frozen=True, slots=True)
class LastChange:
    """Who changed a component last and when, in the org's own words; None where the org does not say."""

    by: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True)
class DriftedField:
    """One field, named as in YAML: the org's value and the declared one. None stands for "not there"."""

    path: str
    org: FieldValue
    declared: FieldValue
    declared_at: Location | None = None


@dataclass(frozen=True, slots=True)
class Drifted:
    """A component that is not as declared: missing, otherwise, or still there although it stands under `removed`."""

    type: MetadataType
    full_name: str
    difference: Difference
    fields: tuple[DriftedField, ...]
    last_change: LastChange = LastChange()
    declared_at: Location | None = None

    @property
    def address(self) -> str:
        return self.type.address(self.full_name)


@dataclass(frozen=True, slots=True)
class Undeclared:
    """A component of the org that the declaration does not name. It is no drift."""

    type: MetadataType
    full_name: str
    last_change: LastChange = LastChange()

    @property
    def address(self) -> str:
        return self.type.address(self.full_name)


@dataclass(frozen=True, slots=True)
class Drift:
    """What one environment's org has otherwise than declared.

    ``errors`` are what a plan calls wrong input (a missing channel, say); ``unreadable`` maps an address (or a
    type's word) to why it could not be read: that part may have drifted or not. ``as_declared`` holds addresses.
    """

    environment: str
    org: OrgFacts
    api_version: str
    newest_api_version: str
    declaration_digest: str
    components: tuple[Drifted, ...] = ()
    as_declared: tuple[str, ...] = ()
    unmanaged: tuple[Undeclared, ...] = ()
    errors: tuple[Blocked, ...] = ()
    unreadable: Mapping[str, Unreadable] = field(default_factory=dict)
    warnings: tuple[Diagnostic, ...] = ()

    @property
    def is_none(self) -> bool:
        """Whether everything that is declared was seen to be so."""
        return not (self.components or self.errors or self.unreadable)

    @property
    def exit_status(self) -> ExitStatus:
        """1 where a plan says so, 2 for drift and for what could not be looked at, 0 where there is none."""
        if self.errors:
            return ExitStatus.WRONG_INPUT
        return ExitStatus.DONE if self.is_none else ExitStatus.CHANGES_PENDING

    def count(self, difference: Difference) -> int:
        return sum(each.difference is difference for each in self.components)


def drift_of(plan: Plan, snapshot: Snapshot) -> Drift:
    """The drift that ``plan``, made from ``snapshot``, would undo."""
    return Drift(
        environment=plan.environment,
        org=plan.org,
        api_version=plan.api_version,
        newest_api_version=plan.newest_api_version,
        declaration_digest=plan.declaration_digest,
        components=tuple(_drifted(change, snapshot) for change in plan.changes),
        as_declared=plan.unchanged,
        unmanaged=tuple(
            Undeclared(each.type, each.full_name, _last_change(snapshot, each.type, each.full_name))
            for each in plan.unmanaged
        ),
        errors=tuple(each for each in plan.blocked if each.exit_status is ExitStatus.WRONG_INPUT),
        unreadable=plan.unreadable,
        warnings=plan.warnings,
    )


def _drifted(change: Change, snapshot: Snapshot) -> Drifted:
    return Drifted(
        type=change.type,
        full_name=change.full_name,
        difference=_DIFFERENCES[change.reason],
        fields=tuple(DriftedField(each.path, each.before, each.after, each.declared_at) for each in change.fields),
        last_change=_last_change(snapshot, change.type, change.full_name),
        declared_at=change.declared_at,
    )


def _last_change(snapshot: Snapshot, kind: MetadataType, full_name: str) -> LastChange:
    found = snapshot.find(kind, full_name)
    if not isinstance(found, Component):
        return LastChange()
    date = found.last_modified_date
    return LastChange(found.last_modified_by, None if date is not None and date.startswith(_NO_DATE) else date)
