"""The config directory of a command that names none: ``config/`` in the current folder or in a folder above it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from provisioner.declaration.environment_files import DECLARATION_FILE, ENVIRONMENTS_FOLDER, SUFFIXES

CONFIG_FOLDER = "config"


@dataclass(frozen=True, slots=True)
class Lookup:
    """The result of a search. ``found`` is relative to the folder that it began in; None if there is no config.

    ``last`` is the highest folder that was looked in. ``foreign`` are config directories that were passed over, because
    they belong to another user.
    """

    found: Path | None
    last: Path
    foreign: tuple[Path, ...] = ()


def find_config(start: Path) -> Lookup:
    """Look for a config directory from ``start`` upwards, as far as the root of a git work tree or the file system.

    Above ``start`` a config counts only if it belongs to the user or to the owner of ``start``: in a folder such as
    /tmp other users can leave files.
    """
    foreign: list[Path] = []
    folder = start
    for depth, folder in enumerate((start, *start.parents)):
        config = folder / CONFIG_FOLDER
        if is_config(config):
            if depth == 0 or _is_own(config, start):
                return Lookup(Path(*[os.pardir] * depth, CONFIG_FOLDER), folder, tuple(foreign))
            foreign.append(config)
        if os.path.lexists(folder / ".git"):
            break
    return Lookup(None, folder, tuple(foreign))


def is_config(directory: Path) -> bool:
    """Return whether a directory holds a declaration, or environment files. Other programs have a ``config``, too."""
    if os.path.lexists(directory / DECLARATION_FILE):
        return True
    try:
        return any(path.suffix in SUFFIXES for path in (directory / ENVIRONMENTS_FOLDER).iterdir())
    except OSError:
        return False


def _is_own(config: Path, start: Path) -> bool:
    if not hasattr(os, "getuid"):  # Windows: no such owners
        return True
    try:
        return config.stat().st_uid in (os.getuid(), start.stat().st_uid)
    except OSError:
        return False
