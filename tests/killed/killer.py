"""The product with the words ``SIGNAL STEP FILE words…``: it is sent a signal when it takes its STEP-th step.

A step is what leaves something outside of the process: a file made, written, forced to disk, renamed or removed; bytes
sent to an org. The signal comes just before it. With 0 it goes through, and FILE is given the steps, a line each.
"""

from __future__ import annotations

import io
import os
import ssl
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from provisioner.cli.main import main as product

#: Calls of the interpreter's own that change a file system.
_CALLS = {"replace", "rename", "unlink", "remove", "fsync", "mkdir", "chmod", "rmdir", "link", "truncate", "ftruncate"}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Steps:
    def __init__(self, number: int, fatal: int) -> None:
        self._number, self._fatal = number, fatal
        self._lock = threading.Lock()
        self.taken: list[str] = []

    def take(self, name: str) -> None:
        with self._lock:
            self.taken.append(name)
            if len(self.taken) == self._fatal:
                os.kill(os.getpid(), self._number)

    def end(self) -> list[str]:
        """Strike no more, and return the steps that were taken."""
        with self._lock:
            self._fatal = 0
            return list(self.taken)

    def watch_threads(self) -> None:
        """Profile this thread and each later one. CPython 3.11 cannot begin that in two threads at once."""
        run, beginning = threading.Thread.run, threading.Lock()

        def profiled_run(thread: threading.Thread) -> None:
            with beginning:
                sys.setprofile(self.profiled)
            run(thread)

        sys.setprofile(self.profiled)
        threading.Thread.run = profiled_run  # type: ignore[method-assign]

    def audited(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES:
            self.take(f"open {Path(str(arguments[0])).name}")

    def profiled(self, frame: FrameType, event: str, what: Any) -> None:
        if event != "c_call":
            return
        name, owner = getattr(what, "__name__", ""), getattr(what, "__self__", None)
        if name in _CALLS and getattr(owner, "__name__", "") == "posix":
            self.take(name)
        elif name == "write" and isinstance(owner, io.BufferedWriter | io.FileIO) and not _is_stream(owner):
            self.take("write")
        elif name == "close" and isinstance(owner, io.BufferedWriter) and not _is_stream(owner):
            self.take("close")
        elif name == "write" and type(owner).__module__ == "_ssl":
            self.take("send")


def _is_stream(owner: Any) -> bool:
    return getattr(owner, "name", None) in (1, 2, "<stdout>", "<stderr>")


def main() -> NoReturn:
    number, step, report, words = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:]
    assert ssl
    sys.dont_write_bytecode = True  # a module that is imported late would be a step of the first run alone
    steps = Steps(number, step)
    sys.addaudithook(steps.audited)
    steps.watch_threads()
    status = product(words)
    sys.setprofile(None)
    taken = steps.end()
    report.write_text("\n".join(taken) + "\n")
    os._exit(status)
