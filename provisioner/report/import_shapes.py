"""The result of an import, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.diagnostics import Location
from provisioner.planning.import_merge import Update


@dataclass(frozen=True, slots=True)
class Standing:
    """A difference that stays: of a whole component, or of one value that the environment file decides.

    For a value, ``path`` is its place in the declaration, ``org`` the org's value, and ``declared_at`` the place to
    change.
    """

    address: str
    reason: str
    path: tuple[str, ...] = ()
    org: Any = None
    declared_at: Location | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """The files to write, and the notes about them.

    ``declared`` are the addresses that are new in the declaration; ``updated`` values that were taken from the org;
    ``left_out`` gives by address the reason for an omission; ``standing`` are the declared components that still differ
    from the org, with the reason. ``external`` are the addresses of components that others own.
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
