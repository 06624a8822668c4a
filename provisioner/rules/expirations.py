"""The declared token expirations, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provisioner.diagnostics import Location
from provisioner.rules.context import RuleInput


@dataclass(frozen=True, slots=True)
class DeclaredExpiration:
    """One expiration. ``whose`` is ``verified`` or ``unverified``."""

    whose: str
    minutes: int
    at: Location | None
    address: str

    @property
    def shown(self) -> str:
        """Return the number, or its size if it is too long to read."""
        return str(self.minutes) if abs(self.minutes) < 10**12 else "a very large number of"


def expirations(context: RuleInput) -> Iterator[DeclaredExpiration]:
    """Yield every channel's expirations that are whole numbers."""
    for channel in context.estate.channels.values():
        for expiration, minutes in channel.minutes.items():
            if minutes is not None:
                at = channel.places.of(*expiration.path)
                yield DeclaredExpiration(expiration.value, minutes, at, f"channel.{channel.name}")
