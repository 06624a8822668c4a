"""Writes files: several that all exist afterwards or none, and the output files that options such as --out name."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import Self

from provisioner.errors import InputError, RefusedError
from provisioner.files import open_flags
from provisioner.report.json import json_text
from provisioner.secrets import redactor
from provisioner.untrusted import require_trusted

PRIVATE, PUBLIC = 0o600, 0o644
#: How a new file is opened: nothing of that name is ever overwritten.
NEW = open_flags("O_WRONLY", "O_CREAT", "O_EXCL")


class NewFiles:
    """Make files, and at last replace an old text; an error before that removes the files again.

    If the machine stops, files may be left that nothing refers to; a reference never names a missing file.
    """

    def __init__(self) -> None:
        self._made: list[Path] = []
        self._folders: list[Path] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if error is None:
            return
        for path in reversed(self._made):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        for folder in reversed(self._folders):
            with contextlib.suppress(OSError):  # another process may have put a file there
                folder.rmdir()

    def write(self, path: Path, content: bytes, mode: int) -> None:
        """Make a file and its folder. Raises :class:`RefusedError` if the file exists, :class:`InputError`."""
        require_trusted(f"{path} is not written")
        try:
            self._make_folder(path.parent, 0o700 if mode == PRIVATE else 0o755)
            make_whole(path, content, mode)
            self._made.append(path)
        except FileExistsError:
            raise already_there(path) from None
        except OSError as error:
            raise _unwritable(path, error) from None

    def replace(self, path: Path, before: bytes, after: bytes, mode: int | None = None) -> None:
        """Replace ``before`` by ``after`` atomically. A link remains a link; without ``mode``, permissions stay."""
        require_trusted(f"{path} is not written")
        path = Path(os.path.realpath(path))
        try:
            mode = path.stat().st_mode & 0o7777 if mode is None else mode
            beside = _beside(path)
            self._made.append(beside)
            _fill(os.open(beside, NEW, PRIVATE), after)
            beside.chmod(mode)
            if path.read_bytes() != before:
                raise InputError(
                    f"{path} was changed by another program in the meantime; it was not touched, and nothing was "
                    f"written.",
                    next="Run the command again.",
                    code="file-changed",
                )
            beside.replace(path)
            self._made.remove(beside)
        except OSError as error:
            raise _unwritable(path, error) from None

    def _make_folder(self, folder: Path, mode: int) -> None:
        missing = [each for each in (folder, *folder.parents) if not each.exists()]
        for each in reversed(missing):
            each.mkdir(mode=mode)
            self._folders.append(each)


def present_content(path: Path) -> bytes:
    """Return the bytes of a file that exists. Raises :class:`InputError`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {(error.strerror or 'error').lower()}.",
            next="Check the file and its permissions, or name another one.",
            code="file-unreadable",
        ) from None


def make_whole(path: Path, content: bytes, mode: int) -> None:
    """Write to a temporary name, flush to the disk, then link to the final name: a partial file is never visible.

    Raises FileExistsError if anything has that name, also a link, and OSError.
    """
    require_trusted(f"{path} is not written")
    if os.path.lexists(path):
        raise FileExistsError(path)
    beside = _beside(path)
    handle = os.open(beside, NEW, mode)
    try:
        _fill(handle, content)
        _name(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _beside(path: Path) -> Path:
    return path.parent / f".{path.name[:200]}.{secrets.token_hex(6)}"


def _name(beside: Path, path: Path) -> None:
    """Give a file its name; an existing file or link is never followed or overwritten."""
    try:
        if os.link in os.supports_follow_symlinks:
            os.link(beside, path, follow_symlinks=False)
        else:
            os.link(beside, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        beside.rename(path)
    else:
        beside.unlink()


def already_there(
    path: Path, next: str = "Name another file or another key, or move the existing file."
) -> RefusedError:
    """Return the refusal to overwrite a file."""
    return RefusedError(
        f"{path} already exists, and provisioner never overwrites files.", next=next, code="already-there"
    )


def _fill(handle: int, content: bytes) -> None:
    """Write, and wait until it is on the disk, because a reference to the file is written next."""
    with open(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def unwritable(
    path: Path,
    error: OSError,
    next: str = "Name a file in an existing, writable folder.",
    code: str | None = None,
) -> InputError:
    """Return the error of a file that cannot be written."""
    return InputError(f"{path} cannot be written: {(error.strerror or 'error').lower()}.", next=next, code=code)


def _unwritable(path: Path, error: OSError) -> InputError:
    return unwritable(path, error, "Check the folder and its permissions, or name another place.", "not-writable")


def write_json(path: Path, document: object) -> None:
    """Write a document, and replace an older one. Raises :class:`InputError`."""
    write_text(path, json_text(document) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a text without secrets, and replace an older one atomically. Raises :class:`InputError`."""
    require_trusted(f"{path} is not written")
    content = redactor.redact_document(text).encode()
    try:
        if path.exists() and not path.is_file():  # a pipe, /dev/stdout
            path.write_bytes(content)
            return
        target = Path(os.path.realpath(path))
        beside = _beside(target)
        try:
            _fill(os.open(beside, NEW, target.stat().st_mode & 0o777 if target.exists() else PUBLIC), content)
            beside.replace(target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise unwritable(path, error) from None
