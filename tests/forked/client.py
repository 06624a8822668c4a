"""``client.py SOCKET MODULE:FUNCTION words…``: asks the server for a fork with this process's streams and variables.

It is started for every run, so it imports as little as it can.
"""

import json
import os
import signal
import socket
import sys


def ask(connection: socket.socket, request: dict[str, object], streams: list[int]) -> int:
    """Send a request and its three streams; return the exit status, which is negative for a signal."""
    body = json.dumps(request).encode()
    socket.send_fds(connection, [len(body).to_bytes(8, "big")], streams)
    connection.sendall(body)
    status = connection.recv(16)
    assert status, "the fork server has exited"
    return int(status)


def main() -> None:
    path, target, *words = sys.argv[1:]
    request = {"target": target, "words": words, "cwd": os.getcwd(), "env": dict(os.environ)}  # noqa: PTH109
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        status = ask(connection, request, [0, 1, 2])
    if status < 0:
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    sys.exit(status)


if __name__ == "__main__":
    main()
