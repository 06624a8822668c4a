"""A forward proxy that leads every CONNECT to one local port, and keeps what it was asked for."""

from __future__ import annotations

import socket
import socketserver
import threading


class Proxy:
    """``url`` goes into HTTPS_PROXY; ``connects`` are the targets asked for; ``status`` other than 200 refuses them."""

    def __init__(self, port: int, status: str = "200 OK") -> None:
        self.connects: list[str] = []
        proxy = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                proxy.connects.append(self.rfile.readline().split()[1].decode())
                while self.rfile.readline().strip():
                    pass
                self.wfile.write(f"HTTP/1.1 {status}\r\n\r\n".encode())
                if status.startswith("200"):
                    with socket.create_connection(("127.0.0.1", port)) as upstream:
                        _relay(self.connection, upstream)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _relay(one: socket.socket, other: socket.socket) -> None:
    def pump(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65_536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return

    back = threading.Thread(target=pump, args=(other, one), daemon=True)
    back.start()
    pump(one, other)
    back.join(5)
