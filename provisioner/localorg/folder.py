"""The folder of a local org: it contains only the org's own plain files.

Git stores links. A link in the folder, or in its place, would make the org read, change or delete a file elsewhere; an
untrusted file may be code. So any other file than the org's own plain files is refused before it is opened.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from provisioner.errors import InputError
from provisioner.localorg.layout import Layout

_NEW_FOLDER = "Name another folder for the local org: with --dir, or with embedded_org in the environment file."


def layout_of(directory: Path) -> Layout:
    """Return the layout of a folder that may not exist yet.

    Raises :class:`InputError` for a link in it or in its place.
    """
    if "\0" in str(directory):
        raise InputError("The folder of the local org is not a path.", next=_NEW_FOLDER, code="directory-unusable")
    try:
        directory = place_of(directory)
        if directory.is_symlink():
            raise InputError(
                f"The folder {directory} of the local org is a link, and no link is followed.",
                next="Name the folder itself that the link leads to, or remove the link.",
                code="directory-is-link",
            )
        layout = Layout.of(directory)
        for entry in _entries(layout):
            _require_plain(entry, layout)
    except OSError as error:
        raise unusable(directory, error) from None
    return layout


def place_of(directory: Path) -> Path:
    """Return the folder as an absolute path. Links on the path to it are resolved; it may be a link itself."""
    whole = Path.cwd() / directory
    if whole.name in ("", ".."):
        return Path(os.path.realpath(whole))
    return Path(os.path.realpath(whole.parent), whole.name)


def require_no_strangers(layout: Layout) -> None:
    """Raise :class:`InputError` if the folder contains any file that is not the org's own."""
    strangers = sorted(entry.name for entry in _entries(layout) if not _is_own(entry.name, layout))
    if strangers:
        raise InputError(
            f"The folder {layout.directory} holds other files ({strangers[0]}), so no local org runs there.",
            next=f"Move {strangers[0]} away if the folder is the local org's. Else: {_NEW_FOLDER}",
            code="directory-in-use",
        )


def unusable(directory: Path, error: OSError) -> InputError:
    """Return the error for a folder that the operating system refused."""
    return InputError(
        f"The folder {directory} cannot be used ({(error.strerror or 'error').lower()}).",
        next="Name a folder that you can write to.",
        code="directory-unusable",
    )


def _entries(layout: Layout) -> Iterator[os.DirEntry[str]]:
    try:
        found = os.scandir(layout.directory)
    except FileNotFoundError:
        return
    with found as entries:
        yield from entries


def _is_own(name: str, layout: Layout) -> bool:
    return name.removesuffix(".new") in layout.names()


def _require_plain(entry: os.DirEntry[str], layout: Layout) -> None:
    if not _is_own(entry.name, layout):
        return
    try:
        mode = entry.stat(follow_symlinks=False).st_mode
    except FileNotFoundError:  # the org itself replaces its files
        return
    if stat.S_ISREG(mode):
        return
    raise InputError(
        f"{Path(layout.directory, entry.name)} is {'a link' if stat.S_ISLNK(mode) else 'not a regular file'}, and a "
        "local org uses only files of its own.",
        next=f"Remove it. If you did not make it, ask who did. Else: {_NEW_FOLDER}",
        code="directory-in-use",
    )
