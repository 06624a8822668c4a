"""Components that two declarations over one org claim: each would undo the changes of the other."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.model.estate import Estate
from provisioner.model.types import TYPES, MetadataType


def claimed_twice(estate: Estate, other: Estate, place: str) -> Iterator[Diagnostic]:
    """Yield an error for each component that both declare or list under ``removed``.

    ``place`` says where the other one is: its file and its environment.
    """
    theirs = dict(_claims(other))
    for address, at in _claims(estate):
        if address in theirs:
            yield Diagnostic(
                "component-claimed-twice",
                Severity.ERROR,
                f"{address} is claimed here and at {theirs[address] or place}, and both declarations are for the same "
                f"org ({place}).",
                "Keep it in the declaration of its owner, and list it under external in the other one.",
                at,
                address,
            )


def _claims(estate: Estate) -> Iterator[tuple[str, Location | None]]:
    """Yield the address and the place of each component that a declaration makes, deletes or publishes."""
    for kind in TYPES:
        for index, name in enumerate(estate.removed.names(kind)):
            yield kind.address(name), estate.removed.places.of(kind.section, index)
        for name, component in estate.components(kind).items():
            yield kind.address(name), component.places.own
    for deployment in estate.deployments.values():
        yield MetadataType.DEPLOYMENT.address(deployment.name), deployment.places.own
