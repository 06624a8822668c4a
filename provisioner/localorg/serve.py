"""The serving process: ``python -m provisioner.localorg.serve DIR READY_FD SOCKET_FD...``, started by ``start``.

It inherits the listening sockets, the held serving lock, and a pipe for the signal that it answers.
"""

from __future__ import annotations

import gc
import os
import socket
import sys
from pathlib import Path

from provisioner.localorg import serving
from provisioner.localorg.layout import Layout

_COLLECT_AFTER = 50_000


def main(directory: str, ready: str, *sockets: str) -> None:
    serving.log_to_stderr()

    def answer() -> None:
        # The objects that are loaded by now stay; a large deployment makes many small objects with a long life.
        gc.freeze()
        gc.set_threshold(_COLLECT_AFTER)
        os.write(int(ready), b"1")
        os.close(int(ready))

    inherited = [socket.socket(fileno=int(each)) for each in sockets]
    serving.server(Layout.of(Path(directory)), answer).run(sockets=inherited)


if __name__ == "__main__":
    main(*sys.argv[1:])
