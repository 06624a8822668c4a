"""What an apply works on, and the package that it makes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from lxml import etree

from provisioner.components.metadata import MetadataType
from provisioner.components.package import Name, Package
from provisioner.components.snapshot import Component, Snapshot, Unreadable
from provisioner.model.estate import Estate
from provisioner.model.jwk import Jwk
from provisioner.planning.plan import Change, Plan
from provisioner.planning.planned_package import planned_package

#: Components as they were read; None for those that the org does not have.
Read = Mapping[Name, Component | Unreadable | None]


@dataclass(frozen=True, slots=True)
class Work:
    """A plan and what it was made from. ``replan`` makes the same plan from another snapshot.

    ``seeds`` are components to begin from where the org has none: what they were before they were deleted.
    """

    estate: Estate
    jwks: Mapping[str, Jwk]
    snapshot: Snapshot
    plan: Plan
    replan: Callable[[Snapshot], Plan]
    seeds: Read = field(default_factory=dict)


def names_of(changes: Iterable[Change]) -> dict[MetadataType, list[str]]:
    """The full names that changes touch, by type."""
    names: dict[MetadataType, list[str]] = {}
    for change in changes:
        names.setdefault(change.type, []).append(change.full_name)
    return names


def compose(work: Work, changes: Iterable[Change], fresh: Read) -> Package:
    """The package that carries ``changes``, edited into the components as ``fresh`` has them."""

    def present(name: Name) -> etree._Element | None:
        begun = fresh[name] if fresh[name] is not None else work.seeds.get(name)
        return begun.xml if isinstance(begun, Component) else None

    return planned_package(work.estate, work.jwks, changes, present, work.plan.api_version)
