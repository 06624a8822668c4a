"""Every command that asks a keyset's JWKS endpoint, and listeners that notice who connects."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.cli.chatting import ISSUER, private_key, token
from tests.cli.conftest import Person

#: By what a person types; KEY and TOKEN are files, URL is the endpoint.
ASKING = {
    "diagnose endpoint": ("diagnose", "endpoint", "URL"),
    "keys expiring": ("keys", "expiring", "--env", "local"),
    "keys rotate": ("keys", "rotate", "storefront", "--env", "local", "--no-input"),
    "keys rotate --status": ("keys", "rotate", "--status", "--env", "local"),
    "token mint": ("token", "mint", "--env", "local", "--keyset", "storefront", "--kid", "mine-1", "--check-endpoint",
                   "--sub", "uv-probe-1", "--key-file", "KEY"),
    "token explain": ("token", "explain", "TOKEN", "--live", "--env", "local"),
    "verify": ("verify", "--env", "local", "--channel", "Web_Chat", "--deployment", "Shop_Web", "--key-file", "KEY"),
    "diagnose chat": ("diagnose", "chat", "--env", "bare", "--channel", "Web_Chat", "--details"),
    "promote": ("promote", "--from", "local", "--to", "other", "--verify", "--yes", "--out", "record.json"),
}  # fmt: skip


class Asking:
    """A person whose applied keyset has the endpoint ``url``."""

    def __init__(self, person: Person, url: str, second_org: Path) -> None:
        self.person, self.url = person, url
        self.files = {
            "KEY": str(private_key(person, "storefront")),
            "TOKEN": str(person.folder / "token.txt"),
            "URL": url,
        }
        Path(self.files["TOKEN"]).write_text(token())
        person.edit("    keys: [storefront_2026_11, legacy]\n", f'    endpoint: "{url}"\n')
        environments = person.folder / "config/environments"
        verify = f"verify: {{Web_Chat: {{deployment: Shop_Web, key_file: '${{file:{self.files['KEY']}}}'}}}}\n"
        variables = f"variables: {{storefront_issuer: {ISSUER}}}\n"
        (environments / "local.yaml").write_text(f"embedded_org: {person.org}\n{variables}{verify}")
        # Without a deployment: the local org itself asks the endpoint for each token that it is offered.
        (environments / "bare.yaml").write_text(f"embedded_org: {person.org}\n{variables}")
        (environments / "other.yaml").write_text(f"embedded_org: {second_org}\n{variables}{verify}")
        assert person.apply().status == 0

    def run(self, command: str, *more: str) -> str:
        """All that the command prints, on one line."""
        ran = self.person.run(*(self.files.get(word, word) for word in ASKING[command]), *more)
        return " ".join((ran.out + ran.err).split())


class Listener:
    """A bare TCP listener: it counts connections, and hands what arrives first to ``answer``."""

    def __init__(
        self, address: str = "127.0.0.1", port: int = 0, answer: Callable[[bytes], bytes] = lambda _: b""
    ) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._socket = socket.create_server((address, port), family=family)
        self._answer = answer
        self.port: int = self._socket.getsockname()[1]
        self.connections = 0
        self.received: list[bytes] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):  # until it is closed
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                with suppress(OSError), connection:
                    connection.settimeout(2)
                    self.received.append(connection.recv(4096))
                    connection.sendall(self._answer(self.received[-1]))

    def stop(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
