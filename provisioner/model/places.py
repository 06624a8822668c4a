"""The place of each value of a declared thing in YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from provisioner.diagnostics import Location

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """The locations of a thing and of everything below it, by path (mapping keys and list indexes)."""

    own: Location | None = None
    below: Mapping[Path, Location] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, *path: str | int) -> Location | None:
        """Return the place of ``path``, or of the nearest thing above it in the file."""
        while path:
            if path in self.below:
                return self.below[path]
            path = path[:-1]
        return self.own
