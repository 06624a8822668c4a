"""Starts programs as forks of a process that has imported the package, because its import takes most of a short run.

A forked program has its own process, environment, folder, streams and exit status. It shares the moment of its imports
with others, so a test of the start itself, of signals to a process group or of another Python starts a real process.
"""

from __future__ import annotations

import atexit
import os
import shlex
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from tests.forked.client import ask

ROOT = Path(__file__).parents[2]
PRODUCT = "provisioner.cli.main:entry"


@cache
def _server() -> str:
    """Start the server of this process, and return the path of its socket."""
    path = f"{tempfile.mkdtemp(prefix='forked-')}/socket"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONUNBUFFERED", None)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.forked.server", str(listener.fileno())],
            cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            pass_fds=[listener.fileno()],
        )  # fmt: skip
    atexit.register(process.communicate)
    return path


def command() -> list[str]:
    """Return the first words of a command line that runs `provisioner` as a fork."""
    return [sys.executable, "-I", "-S", str(Path(__file__).with_name("client.py")), _server(), PRODUCT]


def program(path: Path) -> None:
    """Write a shell script that runs `provisioner` as a fork."""
    path.write_text(f'#!/bin/sh\nexec {shlex.join(command())} "$@"\n')
    path.chmod(0o755)


def run(
    target: str, words: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout: float
) -> subprocess.CompletedProcess[str]:
    """Run ``MODULE:FUNCTION`` with words. Its stdin is empty."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, open(os.devnull, "rb") as nothing:  # noqa: PTH123
        request = {"target": target, "words": [*words], "cwd": str(cwd), "env": dict(env)}
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(timeout)
            connection.connect(_server())
            status = ask(connection, request, [nothing.fileno(), out.fileno(), err.fileno()])
        for each in (out, err):
            each.seek(0)
        return subprocess.CompletedProcess([target, *words], status, out.read().decode(), err.read().decode())
