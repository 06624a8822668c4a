"""The state directory of this machine: ``PROVISIONER_STATE_DIR``, else the system's folder for the user's state.

No org and no declaration depends on its files.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TextIO

from provisioner.files import open_flags, user_directory
from provisioner.model.ids import ORGANIZATION, require_id
from provisioner.untrusted import is_untrusted

NAME = "PROVISIONER_STATE_DIR"
PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600


def state_directory() -> Path | None:
    """Return the directory, which may not exist; None if there is no home folder, and in an untrusted run."""
    if is_untrusted():
        return None
    given = os.environ.get(NAME)
    if given:
        return Path(given).absolute()
    return user_directory("state")


def make_private(folder: Path) -> None:
    """Make a folder and the missing ones above it, for their owner alone, whatever the umask is. Raises OSError."""
    missing = [folder]
    while not missing[-1].parent.is_dir():
        missing.append(missing[-1].parent)
    for each in reversed(missing):
        each.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)


def open_private(path: Path) -> TextIO:
    """Open a new file for its owner alone, whatever the umask is; a file of that name is emptied. Raises OSError."""
    flags = open_flags("O_WRONLY", "O_CREAT", "O_TRUNC", "O_NOFOLLOW")
    return os.fdopen(os.open(path, flags, PRIVATE_FILE), "w", encoding="utf-8", newline="\n")


def folder_of_org(org_id: str) -> str:
    """Return a folder's name for an org, also on a file system that does not tell upper from lower case.

    The 15 characters of an id are case-sensitive; the three more of its long form say which of them are upper case.
    Raises :class:`RefusedError` for any other text: an org's answer is never a path.
    """
    return long_id(require_id(org_id, ORGANIZATION, "the org")[:15])


def long_id(short: str) -> str:
    """Return the form with 18 characters of an id with 15."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    parts = (short[start : start + 5] for start in (0, 5, 10))
    return short + "".join(alphabet[sum(1 << i for i, each in enumerate(part) if "A" <= each <= "Z")] for part in parts)
