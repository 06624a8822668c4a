"""``python -m tests.forked.server SOCKET``: forks a process for each connection to an inherited socket.

It exits after the process that started it, which had the other end of its stdin, and removes the socket. It has one
thread, as a fork needs.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import random
import select
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import provisioner

#: These modules run something when they are imported.
_PROGRAMS = ("provisioner.__main__", "provisioner.localorg.serve")


def main(descriptor: str) -> None:
    for each in pkgutil.walk_packages(provisioner.__path__, "provisioner."):
        if each.name not in _PROGRAMS:
            importlib.import_module(each.name)
    gc.freeze()  # a collection in a fork would copy all that is imported
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no handler of a connection is waited for
    listener = socket.socket(fileno=int(descriptor))
    while True:
        ready, _, _ = select.select([listener, 0], [], [])
        if 0 in ready:
            path = Path(listener.getsockname())
            path.unlink()
            path.parent.rmdir()
            return
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _serve(connection)
            return
        connection.close()


def _serve(connection: socket.socket) -> None:
    """Fork the program of a connection, wait for it, and send its exit status. The program returns from here too."""
    head, streams, _, _ = socket.recv_fds(connection, 8, 3)
    length, body = int.from_bytes(head), b""
    while len(body) < length:
        body += connection.recv(length - len(body))
    process_id = os.fork()
    if process_id == 0:
        connection.close()
        _become(json.loads(body), streams)
        return
    _, status = os.waitpid(process_id, 0)
    connection.sendall(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become(request: dict[str, Any], streams: list[int]) -> None:
    """Be the program of a request."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    time.tzset()
    random.seed()
    tempfile.tempdir = None
    module, _, function = request["target"].partition(":")
    sys.argv = [module, *request["words"]]
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=stream.isatty() or stream is sys.stderr)  # type: ignore[union-attr]
    getattr(importlib.import_module(module), function)()


if __name__ == "__main__":
    main(sys.argv[1])
