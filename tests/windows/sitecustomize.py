"""Makes this Python lack what Windows lacks, before the program is loaded. Python imports this file by its name.

The modules, functions, flags and signals are those that the documentation of Python marks "Availability: Unix".
"""

from __future__ import annotations

import os
import signal
import subprocess  # noqa: F401 (it is built on os.fork here, and on CreateProcess there)
import sys
import tempfile  # noqa: F401
from typing import Any

MODULES = {"fcntl", "pwd", "grp", "termios", "tty", "pty", "resource", "syslog", "readline", "curses"}
FUNCTIONS = (
    "getuid", "geteuid", "getgid", "getegid", "getgroups", "setuid", "setgid", "fchown", "chown", "lchown",
    "killpg", "setsid", "getpgid", "getpgrp", "pread", "pwrite", "preadv", "pwritev", "mkfifo", "mknod", "openpty",
    "uname", "nice", "sched_getaffinity", "posix_fadvise", "fdatasync", "register_at_fork", "getloadavg", "fchmod",
    "fork", "forkpty",
)  # fmt: skip
FLAGS = ("O_CLOEXEC", "O_NONBLOCK", "O_NOCTTY", "O_NOFOLLOW", "O_DIRECTORY", "O_SYNC", "O_TMPFILE", "O_PATH")
SIGNALS = ("SIGHUP", "SIGKILL", "SIGALRM", "SIGUSR1", "SIGUSR2", "SIGPIPE", "SIGCHLD", "SIGQUIT", "SIGSTOP", "SIGWINCH")


class Without:
    """A finder that does not find the modules."""

    def __init__(self, finder: Any) -> None:
        self.finder = finder

    def __getattr__(self, name: str) -> Any:
        return getattr(self.finder, name)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        return None if name.partition(".")[0] in MODULES else self.finder.find_spec(name, path, target)


# Packages that choose by the name of the system, which is still this one: they are loaded whole.
import filelock  # noqa: E402
import platformdirs  # noqa: E402, F401

# The lock of Windows cannot run here; filelock's other lock stands for it, as it is on Windows: without os.fchmod.
filelock.FileLock = filelock.SoftFileLock  # type: ignore[misc,assignment]
filelock.SoftFileLock._apply_explicit_mode = lambda self, fd: None  # type: ignore[method-assign]

for each in MODULES:
    sys.modules.pop(each, None)
sys.meta_path[:] = [Without(each) for each in sys.meta_path]
for module, names in ((os, (*FUNCTIONS, *FLAGS)), (signal, SIGNALS)):
    for each in names:
        if hasattr(module, each):
            delattr(module, each)
os.supports_follow_symlinks.discard(os.link)
