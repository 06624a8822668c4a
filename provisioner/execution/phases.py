"""Splitting one deploy into phases, for orgs that do not resolve references inside one package.

Whether an org does is unproven. Each phase is safe alone: first the additions, then the channels, and last the removals
(deactivations, replaced keys, members that leave, deletions), so a failure between phases never leaves a channel that
uses a removed key.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from provisioner.model.types import OTHER_TYPES, TYPES, MetadataType, Risk
from provisioner.planning.plan import Action, Change
from provisioner.salesforce import DeployProblem
from provisioner.words import enumerated

_ORDER = (*TYPES, *OTHER_TYPES)
#: Pairs of a type and another one that refers to it.
_REFERENCES = (
    (MetadataType.CHANNEL, MetadataType.DEPLOYMENT),
    (MetadataType.KEYSET, MetadataType.CHANNEL),
    (MetadataType.KEY, MetadataType.KEYSET),
)
_NOT_FOUND = re.compile(
    r"\bno \w+ named\b|not found|cannot be found|could not be found|cross.reference|does not exist", re.I
)


@dataclass(frozen=True, slots=True)
class Phase:
    """Changes of one package; ``name`` is None for the whole plan."""

    name: str | None
    changes: tuple[Change, ...]

    @property
    def touches(self) -> set[MetadataType]:
        return {change.type for change in self.changes if change.action is not Action.DELETE}


def phases_of(changes: Sequence[Change]) -> list[Phase]:
    """Return the whole plan as one phase; but Messaging is switched on before anything that may need it."""
    settings = tuple(change for change in changes if change.type.deployed_first)
    rest = tuple(change for change in changes if not change.type.deployed_first)
    if not settings:
        return [Phase(None, rest)] if rest else []
    return [Phase("settings of the org", settings), *([Phase(_name(rest), rest)] if rest else [])]


def unresolved_type(phase: Phase, failures: Sequence[DeployProblem]) -> MetadataType | None:
    """Return the type of components that were sent in this phase and not found; None if that is not the cause.

    All errors must be of this kind: any other would return in each phase.
    """
    found: set[MetadataType] = set()
    for failure in (failure for failure in failures if failure.problem_type != "Warning"):
        kind = _missing(phase, failure)
        if kind is None:
            return None
        found.add(kind)
    return max(found, key=_ORDER.index, default=None)


def _missing(phase: Phase, failure: DeployProblem) -> MetadataType | None:
    if not _NOT_FOUND.search(failure.problem):
        return None
    words = set(re.findall(r"\w+", failure.problem))
    for kind, user in _REFERENCES:
        created = {
            change.full_name for change in phase.changes if change.type is kind and change.action is Action.CREATE
        }
        if failure.component_type == user.xml_name and created & words:
            return kind
    return None


def split(phase: Phase, unresolved: MetadataType) -> list[Phase]:
    """Return the phase in parts, so that components of ``unresolved`` exist before others refer to them."""
    last = [change for change in phase.changes if _removes(change)]
    rest = [change for change in phase.changes if not _removes(change)]
    first = [change for change in rest if _ORDER.index(change.type) <= _ORDER.index(unresolved)]
    then = [change for change in rest if _ORDER.index(change.type) > _ORDER.index(unresolved)]
    return [Phase(_name(part), tuple(part)) for part in (first, then, last) if part]


def _removes(change: Change) -> bool:
    return change.action is Action.DELETE or (
        change.type in (MetadataType.KEY, MetadataType.KEYSET) and change.risk is not Risk.NONE
    )


def _name(changes: Sequence[Change]) -> str:
    if all(change.action is Action.DELETE for change in changes):
        return "deletions"
    if any(_removes(change) for change in changes):
        return "retirements and deletions"
    words = [kind.section for kind in _ORDER if any(change.type is kind for change in changes)]
    return enumerated(words)
