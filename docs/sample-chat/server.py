"""The shop's server of the sample chat page: it serves the page, keeps who is logged in, and signs identity tokens.

For this computer only: there are no passwords. docs/server.md shows the same for a real server.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import threading
from collections.abc import Callable
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from provisioner.tokens import IdentityTokenMinter

HERE = Path(__file__).parent
FILES = {
    "/": ("index.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
    "/enhanced-chat.js": ("enhanced-chat.js", "text/javascript"),
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
LARGEST_BODY = 2000
Settings = dict[str, str]


class Shop(ThreadingHTTPServer):
    """Serves on http://localhost:PORT. ``settings`` are what ``provisioner render --snippet`` prints."""

    daemon_threads = True

    def __init__(self, port: int, settings: Settings, mint: Callable[[str], str]) -> None:
        super().__init__(("127.0.0.1", port), Visitor)
        self.settings = settings
        self.mint = mint
        self.customers: dict[str, str] = {}
        self.lock = threading.Lock()
        self.origin = f"http://localhost:{self.server_address[1]}"


class Visitor(BaseHTTPRequestHandler):
    """One request of a browser."""

    server: Shop
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        if not self._is_local():
            self._answer(403)
        elif self.path in FILES:
            name, kind = FILES[self.path]
            self._answer(200, (HERE / name).read_bytes(), f"{kind}; charset=utf-8")
        elif self.path == "/settings.json":
            self._json(self.server.settings)
        elif self.path == "/session":
            self._json({"customer": self._customer()})
        else:
            self._answer(404)

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LARGEST_BODY))
        # Another site's page cannot send this: browsers say where a POST comes from.
        if not self._is_local() or self.headers.get("Origin") != self.server.origin:
            self._answer(403)
            return
        match self.path:
            case "/login":
                self._log_in(body)
            case "/logout":
                with self.server.lock:
                    self.server.customers.pop(self._session(), None)
                self._json({}, "session=; Max-Age=0; Path=/")
            case "/identity-token":
                # The subject comes from the session, never from the request; without a login there is no token.
                customer = self._customer()
                self._answer(401) if customer is None else self._json({"token": self.server.mint(customer)})
            case _:
                self._answer(404)

    def _log_in(self, body: bytes) -> None:
        try:
            customer = json.loads(body)["customer"]
        except (ValueError, KeyError, TypeError):
            customer = None
        if not isinstance(customer, str) or not customer.strip() or len(customer) > 80:
            self._answer(400)
            return
        session = secrets.token_urlsafe(32)
        with self.server.lock:
            self.server.customers[session] = customer.strip()
        self._json({}, f"session={session}; HttpOnly; SameSite=Strict; Path=/")

    def _session(self) -> str:
        found = SimpleCookie(self.headers.get("Cookie", "")).get("session")
        return found.value if found is not None else ""

    def _customer(self) -> str | None:
        with self.server.lock:
            return self.server.customers.get(self._session())

    def _is_local(self) -> bool:
        return f"http://{self.headers.get('Host')}" == self.server.origin

    def _json(self, value: Any, cookie: str | None = None) -> None:
        self._answer(200, json.dumps(value).encode(), "application/json", cookie)

    def _answer(self, status: int, body: bytes = b"", kind: str = "text/plain", cookie: str | None = None) -> None:
        chat = urlsplit(self.server.settings["Url"])
        policy = f"{POLICY}; connect-src 'self' {chat.scheme}://{chat.netloc}"
        headers = {
            "Content-Type": kind, "Content-Length": str(len(body)), "Cache-Control": "no-store",
            "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff",
        }  # fmt: skip
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if cookie is not None:
            self.send_header("Set-Cookie", cookie)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Write no log: a token must never be in one."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve the sample chat page on this computer.")
    parser.add_argument("--settings", type=Path, required=True, help="the JSON of `provisioner render --snippet`")
    parser.add_argument("--key-file", type=Path, required=True, help="the private key that signs identity tokens")
    parser.add_argument("--kid", required=True, help="the kid in the JWK of the key")
    parser.add_argument("--issuer", required=True, help="the issuer of the keyset")
    parser.add_argument("--port", type=int, default=8100)
    given = parser.parse_args()
    minter = IdentityTokenMinter(given.key_file.read_bytes(), kid=given.kid, issuer=given.issuer)
    shop = Shop(given.port, json.loads(given.settings.read_text("utf-8")), minter.mint)
    sys.stdout.write(f"The sample chat page: {shop.origin}\n")
    sys.stdout.flush()
    try:
        shop.serve_forever()
    except KeyboardInterrupt:
        shop.server_close()


if __name__ == "__main__":
    main()
