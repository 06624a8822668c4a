"""What an import comes to, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.diagnostics import Location
from provisioner.planning.import_merge import Update


@dataclass(frozen=True, slots=True)
class Standing:
    """A difference that was left: of a whole component, or of one value that the environment file decides.

    Of a value, ``path`` is its place in the declaration, ``org`` the org's value, and ``declared_at`` the place to
    change.
    """

    address: str
    reason: str
    path: tuple[str, ...] = ()
    org: Any = None
    declared_at: Location | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What would be written, and what is said about it.

    ``declared`` are addresses that the declaration names newly; ``updated`` values that were taken over from the org;
    ``left_out`` says by address what was not taken, and why; ``standing`` what is declared and still different in the
    org, and why it was left. ``external`` are the addresses of components that somebody else owns.
    """

    content: bytes
    key_files: Mapping[str, bytes]
    declared: tuple[str, ...]
    updated: tuple[Update, ...]
    left_out: Mapping[str, str]
    leaks: Mapping[str, tuple[str, ...]]
    standing: tuple[Standing, ...]
    unmanaged_channels: tuple[str, ...]
    external: tuple[str, ...] = ()
