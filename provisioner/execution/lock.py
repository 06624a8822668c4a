"""Excludes two applies to one org on one machine. The operating system releases the lock when its process exits."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.errors import RefusedError
from provisioner.execution.state_directory import folder_of_org, make_private, open_private, state_directory

if TYPE_CHECKING:
    from filelock import BaseFileLock

#: The time that the second apply waits for the first, in seconds; most applies are faster.
PATIENCE_SECONDS = 5.0


@contextlib.contextmanager
def org_lock(
    org_id: str, environment: str, now: datetime, say: Callable[[str], None], *, patience: float = PATIENCE_SECONDS
) -> Iterator[bool]:
    """Hold the lock of an org while the context is open; yield True if another process was waited for.

    Raises :class:`RefusedError` if another process keeps the lock for longer than ``patience`` seconds. If the lock's
    file cannot be made, a message is printed and the work continues without a lock.
    """
    from filelock import FileLock, Timeout

    base = state_directory()
    path = base / "locks" / f"{folder_of_org(org_id)}.lock" if base is not None else None
    try:
        if path is None:
            raise FileNotFoundError(2, "there is no home folder")
        make_private(path.parent)
        lock = FileLock(path, mode=0o600)
        waited = _acquire(lock, path, patience, say)
    except Timeout:
        assert path is not None
        raise RefusedError(
            f"Another apply on this machine is running for this org: {_holder(path)}. Nothing was sent.",
            next="Wait until it finishes, or interrupt it (Ctrl-C; its deployment then continues in the org), and "
            "run the command again.",
            code="apply-at-work",
        ) from None
    except (OSError, NotImplementedError) as error:
        why = (getattr(error, "strerror", None) or "error").lower()
        say(f"The lock file cannot be created ({why}), so two applies on this machine could run at the same time.")
        yield False
        return
    assert path is not None
    try:
        with contextlib.suppress(OSError):
            described = {"pid": os.getpid(), "since": now.isoformat(timespec="seconds"), "environment": environment}
            with open_private(_described(path)) as file:
                json.dump(described, file)
        yield waited
    finally:
        with contextlib.suppress(OSError):
            _described(path).unlink()
        lock.release()


def _acquire(lock: BaseFileLock, path: Path, patience: float, say: Callable[[str], None]) -> bool:
    """Acquire the lock; return whether another process was waited for. Raises :class:`filelock.Timeout`."""
    try:
        lock.acquire(timeout=0)
    except TimeoutError:
        if patience <= 0:
            raise
        say(f"Waiting for another apply on this machine: {_holder(path)}.")
        began = time.monotonic()
        lock.acquire(timeout=max(0.0, patience - (time.monotonic() - began)), poll_interval=0.1)
        return True
    return False


def _described(path: Path) -> Path:
    return path.with_suffix(".json")


def _holder(path: Path) -> str:
    """Return the description of the lock's holder."""
    try:
        found = json.loads(_described(path).read_text())
        return f"process {int(found['pid'])}, since {found['since']}, environment {found['environment']}"
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return f"a process that has {path} open"
