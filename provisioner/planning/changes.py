"""Compares the fields of a component by the rows of its type, and makes a change of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provisioner.diagnostics import Location
from provisioner.model.places import Places
from provisioner.model.types import Entries, Field, MetadataType, Risk
from provisioner.planning.plan import Action, Change, FieldChange, Reason
from provisioner.planning.values import FieldValue


@dataclass(slots=True)
class ComparedField:
    """A field as the org has it and as it is declared; equal ones are no change. Tuples compare as sets.

    It is never changed after its creation; a frozen one takes three times as long to create.
    """

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


def compared(row: Field, declared: Any, observed: Any, *, in_use: bool) -> Iterator[ComparedField]:
    """Yield the field of a component; nothing if it is not managed. ``observed`` is None if the org has no component.

    ``in_use`` tells if customers depend on the value.
    """
    after = row.declared_in(declared)
    if after is None and observed is None:
        after = row.default(declared.name)
    if after is None:
        return
    before = getattr(observed, row.attribute) if observed is not None else None
    after = None if after == row.empty else after
    risk = row.risk(before, after, in_use)
    yield ComparedField(row.yaml, before, after, declared.places.of(*row.path), risk)


def compared_entries(
    row: Entries, declared: Mapping[str, Any], observed: Mapping[str, Any], doubles: Counter[str], places: Places
) -> Iterator[ComparedField]:
    """Yield the fields of entries: of the declared ones, of those that go, and the number of entries of one name."""
    for name, wanted in declared.items():
        present = observed.get(name)
        in_use = present is not None and present.active
        for each in row.fields:
            before = getattr(present, each.attribute) if present is not None else None
            after = each.declared_in(wanted)
            place = places.of(*row.path, name, *each.path)
            yield ComparedField(_named(row, name, each), before, after, place, each.risk(before, after, in_use))
    for name, present in observed.items():
        if name not in declared:
            for each in row.fields:
                before = getattr(present, each.attribute)
                yield ComparedField(_named(row, name, each), before, None, places.of(*row.path), Risk.DESTRUCTIVE)
    for name, times in doubles.items():
        if times > 1 and name in declared:
            yield ComparedField(".".join((*row.path, name, "entries")), times, 1, places.of(*row.path, name))


def _named(row: Entries, name: str, each: Field) -> str:
    return ".".join((*row.path, name, *each.path))


def create(
    kind: MetadataType, name: str, fields: Iterable[ComparedField], impact: Iterable[str], place: Location | None
) -> Change:
    """Return the change that creates a component."""
    changed = tuple(field.change() for field in fields if field.after is not None and field.after != ())
    return Change(kind, name, Action.CREATE, Reason.NOT_IN_ORG, changed, (), tuple(impact), Risk.NONE, place)


def change_of(
    kind: MetadataType,
    name: str,
    fields: Iterable[ComparedField],
    impact: Iterable[str],
    place: Location | None,
    removals: Sequence[str] = (),
    risk: Risk = Risk.NONE,
) -> Change | None:
    """Return the change of a component, None if no field differs. Its risk is the highest of fields and ``risk``."""
    changed = tuple(field.change() for field in fields if field.differs)
    if not changed:
        return None
    worst = max((risk, *(field.risk for field in changed)), key=lambda each: each.weight)
    return Change(kind, name, Action.UPDATE, Reason.DIFFERS, changed, tuple(removals), tuple(impact), worst, place)
