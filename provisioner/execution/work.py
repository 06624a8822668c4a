"""The input of an apply, and the package that is made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from provisioner.components.package import Name, Package, names_by_type
from provisioner.components.snapshot import Component, Snapshot, Unreadable
from provisioner.model.estate import Estate
from provisioner.model.jwk import Jwk
from provisioner.model.types import MetadataType
from provisioner.planning.plan import Change, Plan
from provisioner.planning.planned_package import planned_package

#: Components as they were read; None for those that the org does not have.
Read = Mapping[Name, Component | Unreadable | None]


@dataclass(frozen=True, slots=True)
class Work:
    """A plan and its input. ``replan`` makes the same plan from another snapshot.

    ``seeds`` are components to begin from if the org has none: the ones before a deletion.
    """

    estate: Estate
    jwks: Mapping[str, Jwk]
    snapshot: Snapshot
    plan: Plan
    replan: Callable[[Snapshot], Plan]
    seeds: Read = field(default_factory=dict)


def names_of(changes: Iterable[Change]) -> dict[MetadataType, list[str]]:
    """Return the full names of changes, by type."""
    return names_by_type((change.type, change.full_name) for change in changes)


def compose(work: Work, changes: Sequence[Change], fresh: Read) -> Package:
    """Return the package of ``changes``, edited into the components of ``fresh``."""

    def present(name: Name) -> etree._Element | None:
        begun = fresh[name] if fresh[name] is not None else work.seeds.get(name)
        return begun.xml if isinstance(begun, Component) else None

    return planned_package(work.estate, work.jwks, changes, present, work.plan.api_version)
