"""Putting a change together from fields, the same way for every type."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from provisioner.components.metadata import MetadataType
from provisioner.diagnostics import Location
from provisioner.planning.plan import Action, Change, FieldChange, FieldValue, Reason, Risk


@dataclass(frozen=True, slots=True)
class Field:
    """A field as it is and as it shall be; equal ones are no change. Tuples compare as sets."""

    path: str
    before: FieldValue
    after: FieldValue
    place: Location | None
    risk: Risk = Risk.NONE

    @property
    def differs(self) -> bool:
        if isinstance(self.before, tuple) and isinstance(self.after, tuple):
            return set(self.before) != set(self.after)
        # True == 1 in Python; an org's text is never a boolean.
        return self.before != self.after or isinstance(self.before, bool) != isinstance(self.after, bool)

    def change(self) -> FieldChange:
        return FieldChange(self.path, self.before, self.after, self.risk, self.place)


def create(
    kind: MetadataType, name: str, fields: Iterable[Field], impact: Iterable[str], place: Location | None
) -> Change:
    """A component that the org does not have yet."""
    changed = tuple(field.change() for field in fields if field.after is not None and field.after != ())
    return Change(kind, name, Action.CREATE, Reason.NOT_IN_ORG, changed, (), tuple(impact), Risk.NONE, place)


def change_of(
    kind: MetadataType,
    name: str,
    fields: Iterable[Field],
    impact: Iterable[str],
    place: Location | None,
    removals: Sequence[str] = (),
    risk: Risk = Risk.NONE,
) -> Change | None:
    """A component that differs; None where no field does. Its risk is its fields' highest, at least ``risk``."""
    changed = tuple(field.change() for field in fields if field.differs)
    if not changed:
        return None
    worst = max((risk, *(field.risk for field in changed)), key=lambda each: each.weight)
    return Change(kind, name, Action.UPDATE, Reason.DIFFERS, changed, tuple(removals), tuple(impact), worst, place)
