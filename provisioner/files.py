"""Bounded reads of files that a configuration names: only regular files, with limits on size and time."""

from __future__ import annotations

import os
import re
import stat
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Literal, TypeVar

T = TypeVar("T")
#: The longest wait for a file system.
READ_SECONDS = 10.0
#: The kernel makes the files below these: other processes' secrets, endless devices.
KERNEL_FOLDERS = ("/proc", "/dev", "/sys")
#: What keeps a private file from others, in words. NTFS has no such mode: a file gets the permissions of its folder.
PRIVATE_MODE = "0600" if os.name == "posix" else "with the permissions of its folder"
#: The name of this program's folders.
PROGRAM = "provisioner"
_LFS_POINTER = b"version https://git-lfs.github.com/spec/v1"
_CONFLICT = re.compile(rb"^(?P<mark><{7}|>{7})(?=[ \r\n]|$)", re.M)
_NO_PATH = "Write a path without NUL characters."


class UnreadableError(Exception):
    """The reason why a file is not read.

    ``problem`` follows the file's name in a sentence, ``remedy`` is a sentence.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy

    @classmethod
    def of(cls, error: OSError) -> UnreadableError:
        """Return an operating system's error as an UnreadableError."""
        reason = (error.strerror or "error").lower()
        return cls(f"cannot be read: {reason}", "Check the path and the file's permissions.")


class OutsideError(UnreadableError):
    """The file is outside the required folder."""


def home_folder() -> Path | None:
    """Return the user's home folder; None if HOME is not set and the user id has no name on this machine."""
    try:
        return Path.home()
    except RuntimeError:
        return None


def user_directory(kind: Literal["state", "config"]) -> Path | None:
    """Return this program's folder for its own records (``state``), or for the person's files (``config``).

    XDG_STATE_HOME or XDG_CONFIG_HOME counts on every system; else the system's own custom does (platformdirs). None if
    there is no home folder.
    """
    configured = Path(os.environ.get(f"XDG_{kind.upper()}_HOME", ""))
    if configured.is_absolute():
        return configured / PROGRAM
    home = home_folder()
    if home is None:
        return None
    from platformdirs import PlatformDirs

    directories = PlatformDirs(PROGRAM, appauthor=False)
    found = directories.user_state_path if kind == "state" else directories.user_config_path
    if found.is_absolute():
        return found
    # The variable holds a relative path, which the XDG Base Directory Specification tells to ignore.
    return home / {"state": ".local/state", "config": ".config"}[kind] / PROGRAM


def open_flags(*names: str) -> int:
    """Return the flags of ``os.open`` by their names, as far as the system has them. Bytes are never translated."""
    flags = 0
    for name in ("O_BINARY", *names):
        flags |= getattr(os, name, 0)
    return flags


@dataclass(frozen=True, slots=True)
class GitDamage:
    """The trace of git in a file; ``problem`` and ``remedy`` are as in :class:`UnreadableError`, ``line`` is from 1."""

    problem: str
    remedy: str
    line: int


def git_damage(content: bytes) -> GitDamage | None:
    """Return the first trace of an unfinished merge or of an incomplete checkout in a file, or None."""
    if content.startswith(_LFS_POINTER):
        return GitDamage("is a pointer of Git LFS, not the file itself", "Run `git lfs pull`.", 1)
    begin = _CONFLICT.search(content)
    if begin is None or begin["mark"].startswith(b">") or b"\n>>>>>>>" not in content[begin.end() :]:
        return None
    return GitDamage(
        f"contains a conflict marker of git (`{begin['mark'].decode()}`)",
        "Keep one of the two sides, and remove the lines that begin with `<<<<<<<`, `=======` and `>>>>>>>`.",
        content.count(b"\n", 0, begin.start("mark")) + 1,
    )


def expand_home(path: str) -> Path:
    """Replace a leading ``~`` or ``~user``. Raises :class:`UnreadableError` if there is no such home."""
    if "\0" in path:
        raise UnreadableError("is not a path: it has a NUL character in it", _NO_PATH)
    try:
        return Path(path).expanduser()
    except RuntimeError:
        user = path.partition("/")[0]
        raise UnreadableError(
            f"begins with {user}, but this machine has no such home folder", "Write the full path."
        ) from None


def read_regular(path: Path, limit: int, *, within: Path | None = None) -> bytes:
    """Return the content of a regular file; links are followed.

    ``within`` is a folder that must contain the file, links of both resolved. Raises :class:`UnreadableError` for
    another kind of file, for more than ``limit`` bytes, and after :data:`READ_SECONDS` without an answer.
    """
    return _in_time(lambda: _read_whole(path, limit, within))


def read_all(paths: Sequence[Path], limit: int, *, within: Path | None = None) -> list[bytes | UnreadableError]:
    """Return the content of each file, or the reason why it is not read; else as :func:`read_regular`.

    The limit of time is for each file. This is faster than one call for each file.
    """
    answers = _all_in_time([partial(_read_whole, path, limit, within) for path in paths])
    return [_raised_unless_unreadable(answer) for answer in answers]


def read_start(path: Path, size: int, *, within: Path | None = None) -> bytes:
    """Return at most the first ``size`` bytes of a regular file; else as :func:`read_regular`."""
    return _in_time(lambda: _read(path, size, within))


def require_no_kernel_file(path: Path) -> None:
    """Raise :class:`UnreadableError` if the path leads below /proc, /dev or /sys, links resolved."""
    real = Path(_in_time(lambda: _real(path)))
    for folder in KERNEL_FOLDERS:
        if real.is_relative_to(folder):
            raise UnreadableError(
                f"is below {folder}, which provisioner never reads", "Keep the value in a file on a disk."
            )


def _real(path: Path) -> str:
    try:
        return os.path.realpath(path)
    except (ValueError, OSError):
        raise UnreadableError("is not a path", _NO_PATH) from None


def _read_whole(path: Path, limit: int, within: Path | None) -> bytes:
    content = _read(path, limit + 1, within)
    if len(content) > limit:
        raise UnreadableError(f"is larger than {_size(limit)}", "Name a smaller file.")
    return content


def _read(path: Path, size: int, within: Path | None) -> bytes:
    real = _real(path)
    if within is not None and not Path(real).is_relative_to(_real(within)):
        raise OutsideError(
            f"leads outside the folder {within}, and provisioner reads only files inside it",
            "Put the file in the folder instead of a link.",
        )
    try:
        # Checked before the file is opened: opening a device can already have an effect.
        _require_regular(Path(real).stat().st_mode)
        # The second check and O_NONBLOCK are for a file that was exchanged in between: a pipe must not block.
        handle = os.open(real, open_flags("O_RDONLY", "O_CLOEXEC", "O_NONBLOCK", "O_NOCTTY", "O_NOFOLLOW"))
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(handle)
            _require_regular(found.st_mode)
            # A read allocates all that it is asked for, and its rest is a page of memory for each small file.
            content = file.read(min(size, found.st_size + 1))
            return content + file.read(size - len(content)) if len(content) > found.st_size else content
    except OSError as error:
        raise UnreadableError.of(error) from None


def _require_regular(mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = "a directory" if stat.S_ISDIR(mode) else "a pipe, a device or a socket"
        raise UnreadableError(f"is {kind}, not a regular file", "Put a regular file there, or name another file.")


def _raised_unless_unreadable(answer: T | BaseException) -> T | UnreadableError:
    if isinstance(answer, BaseException) and not isinstance(answer, UnreadableError):
        raise answer
    return answer


def _in_time(work: Callable[[], T]) -> T:
    """Return the result of ``work``, unless it takes too long: a read of a dead network drive cannot be interrupted."""
    (answer,) = _all_in_time([work])
    if isinstance(answer, BaseException):
        raise answer
    return answer


def _all_in_time(works: Sequence[Callable[[], T]]) -> list[T | BaseException]:
    """Return the result or the error of each of ``works``; an :class:`UnreadableError` for one that takes too long."""
    answers: list[T | BaseException] = []
    while len(answers) < len(works):
        try:
            reader = _idle.pop()
        except IndexError:
            reader = _Reader()
        rest = works[len(answers) :]
        done = reader.do(rest)
        answers += done
        if len(done) == len(rest):
            _idle.append(reader)
        else:
            answers.append(_too_late())
    return answers


def _too_late() -> UnreadableError:
    return UnreadableError(f"gave no content within {READ_SECONDS:.0f} seconds", "Check the drive that it is on.")


class _Reader:
    """A thread that does one read after another. A read without an answer keeps its thread, and ends its use."""

    def __init__(self) -> None:
        self._batches: SimpleQueue[tuple[Sequence[Callable[[], Any]], list[Any]]] = SimpleQueue()
        self._finished: SimpleQueue[None] = SimpleQueue()
        threading.Thread(target=self._run, daemon=True).start()

    def do(self, works: Sequence[Callable[[], T]]) -> list[T | BaseException]:
        """Return the results or errors of ``works``, up to the first that takes longer than :data:`READ_SECONDS`."""
        answers: list[T | BaseException] = []
        self._batches.put((works, answers))
        while True:
            before = len(answers)
            try:
                self._finished.get(timeout=READ_SECONDS)
            except Empty:
                if len(answers) > before:
                    continue
            return answers[: len(works)]

    def _run(self) -> None:
        while True:
            works, answers = self._batches.get()
            for work in works:
                answers.append(_outcome(work))
            self._finished.put(None)


def _outcome(work: Callable[[], T]) -> T | BaseException:
    try:
        return work()
    except BaseException as error:
        return error


#: The readers that wait for work. A forked process has none of the threads of its parent.
_idle: list[_Reader] = []
if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=_idle.clear)


def _size(limit: int) -> str:
    return f"{limit >> 20} MiB" if limit >= 1 << 20 else f"{limit >> 10} KiB"
