"""The journal's files: one for each apply, rewritten completely at each step, so that a crash leaves a readable file.

A damaged entry stops nothing, and is reported. Only settled entries are removed.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from provisioner.execution.entry_json import DamagedError, from_json, to_json
from provisioner.execution.journal_entry import Entry
from provisioner.execution.state_directory import PRIVATE_FILE, folder_of_org, make_private, state_directory
from provisioner.files import open_flags

#: So many entries of an org are kept, the newest; unsettled ones beyond that, too.
KEPT = 200
#: Bytes of an entry: a package of 39 MB holds some 55 MB of text, and an entry has it as it was and as it was sent.
_LARGEST = 512_000_000
#: The first bytes of a settled entry, as :meth:`Journal.write` writes them.
_SETTLED = b'{\n "format_version": "1",\n "settled": true,'


@dataclass(frozen=True, slots=True)
class Damaged:
    """A file of the journal that cannot be parsed, and the reason."""

    path: Path
    why: str


@dataclass(frozen=True, slots=True)
class Journal:
    """The entries of this machine. ``folder`` is None if there is no home folder."""

    folder: Path | None

    @classmethod
    def here(cls) -> Journal:
        """Return the journal of this person."""
        state = state_directory()
        return cls(state / "journal" if state is not None else None)

    def write(self, entry: Entry) -> None:
        """Replace the entry's file atomically. Raises OSError."""
        if self.folder is None:
            raise FileNotFoundError(2, "there is no home folder")
        folder = self.folder / folder_of_org(entry.org_id)
        is_new = not folder.is_dir()
        if is_new:
            make_private(folder)
        path = folder / f"{entry.id}.json"
        beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            descriptor = os.open(beside, open_flags("O_WRONLY", "O_CREAT", "O_EXCL"), PRIVATE_FILE)
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
                file.writelines(to_json(entry))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise
        _sync(folder)

    def names(self) -> list[str]:
        """Return the ids of all entries, newest first, without reading them. Never raises."""
        try:
            return sorted((path.stem for path in self._paths(None)), reverse=True)
        except OSError:
            return []

    def entries(self, org_id: str | None = None) -> list[Entry | Damaged]:
        """Return every entry (of an org), oldest first, with the damaged ones in order. Never raises."""
        return list(self._read(_by_name(self._paths(org_id))))

    def heads(self) -> list[Entry | Damaged]:
        """Return the head of every entry, oldest first, with the damaged ones in order. Never raises.

        No whole entry is kept in memory: entries of large packages are a hundred megabytes.
        """
        return [each.head if isinstance(each, Entry) else each for each in self._read(_by_name(self._paths(None)))]

    def newest_first(self, org_id: str) -> Iterator[Entry | Damaged]:
        """Yield the entries of an org, each parsed when it is asked for. Never raises."""
        return self._read(reversed(_by_name(self._paths(org_id))))

    def entry(self, entry_id: str) -> Entry | Damaged | None:
        """Return the entry of an id. Never raises."""
        return next(self._read([path for path in self._paths(None) if path.stem == entry_id]), None)

    @staticmethod
    def _read(paths: Iterable[Path]) -> Iterator[Entry | Damaged]:
        for path in paths:
            try:
                found: Entry | Damaged = _read(path)
            except FileNotFoundError:
                continue
            except (OSError, ValueError, RecursionError) as error:
                found = Damaged(path, str(error) if isinstance(error, DamagedError) else "it cannot be read")
            yield found

    def unsettled(self, org_id: str) -> list[Entry]:
        """Return the applies with an unknown end, oldest first."""
        return [each for each in self.open_entries(org_id) if isinstance(each, Entry)]

    def open_entries(self, org_id: str) -> list[Entry | Damaged]:
        """Return the unsettled and the damaged entries of an org, oldest first. The first bytes tell settled entries.

        Never raises.
        """
        open_paths = [path for path in self._paths(org_id) if not _says_settled(path)]
        return [each for each in self._read(_by_name(open_paths)) if isinstance(each, Damaged) or each.is_unsettled]

    def of_deploy(self, org_id: str, deploy_id: str) -> Entry | None:
        """Return the entry of a deployment. Never raises.

        Only files that have the id are parsed, and one at a time: entries of large packages are tens of megabytes.
        """
        paths = (path for path in reversed(_by_name(self._paths(org_id))) if _has(path, deploy_id[:15]))
        entries = (each for each in self._read(paths) if isinstance(each, Entry))
        return next((each for each in entries if each.sent_as(deploy_id) is not None), None)

    def trim(self, org_id: str) -> None:
        """Remove the oldest settled entries beyond :data:`KEPT`. Never raises."""
        with contextlib.suppress(OSError):
            paths = _by_name(self._paths(org_id))
            for path in paths[: max(0, len(paths) - KEPT)]:
                if _says_settled(path):
                    path.unlink()

    def _paths(self, org_id: str | None) -> Iterator[Path]:
        if self.folder is None:
            return
        pattern = f"{folder_of_org(org_id) if org_id is not None else '*'}/*.json"
        with contextlib.suppress(OSError):
            yield from (path for path in self.folder.glob(pattern) if not path.name.startswith("."))


def new_id(now: datetime) -> str:
    """Return a new id: the time in UTC to the millisecond, and a random part. Ids sort by time."""
    return f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}Z-{secrets.token_hex(3)}"


def _by_name(paths: Iterable[Path]) -> list[Path]:
    """Return files of entries, the oldest first."""
    return sorted(paths, key=lambda path: path.name)


def _read(path: Path) -> Entry:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size > _LARGEST:
            raise ValueError("larger than any entry")
        return from_json(json.loads(file.read()))


def _has(path: Path, deploy_id: str) -> bool:
    try:
        return path.stat().st_size <= _LARGEST and deploy_id.encode() in path.read_bytes()
    except OSError:
        return False


def _says_settled(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_SETTLED)) == _SETTLED
    except OSError:
        return False


def _sync(folder: Path) -> None:
    """Flush the folder to the disk, if the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
