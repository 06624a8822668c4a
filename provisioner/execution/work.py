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
from provisioner.planning.changed_xml import changed_xml
from provisioner.planning.plan import Action, Change, Plan

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
    components: dict[Name, etree._Element] = {}
    deletions: list[Name] = []
    for change in changes:
        name = (change.type, change.full_name)
        if change.action is Action.DELETE:
            deletions.append(name)
        else:
            begun = fresh[name] if fresh[name] is not None else work.seeds.get(name)
            present = begun.xml if isinstance(begun, Component) else None
            components[name] = changed_xml(work.estate, work.jwks, change, present, work.plan.api_version)
    return Package(components, deletions)
