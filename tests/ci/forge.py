"""A stand-in for the interfaces that keep comments: GitLab's notes, and the threads of Azure Repos."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

#: Notes a page: the real one has up to 100, so that a second page is asked for here.
PAGE = 2


class Forge(ThreadingHTTPServer):
    """``notes`` are those of GitLab, ``threads`` those of Azure."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.notes: list[dict[str, Any]] = []
        self.threads: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def forge() -> Iterator[Forge]:
    with Forge() as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


class _Handler(BaseHTTPRequestHandler):
    server: Forge

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_PUT(self) -> None:
        self._answer("PUT")

    def do_PATCH(self) -> None:
        self._answer("PATCH")

    def _answer(self, method: str) -> None:
        parts = urlsplit(self.path)
        self.server.asked.append((method, parts.path))
        size = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(size)) if size else None
        found = self._gitlab(method, parts.path, parse_qs(parts.query), body) or self._azure(method, parts.path, body)
        self.send_response(200 if found is not None else 404)
        if found is not None and "X-Next-Page" in found:
            self.send_header("X-Next-Page", found.pop("X-Next-Page"))
        self.end_headers()
        if found is not None:
            self.wfile.write(json.dumps(found["body"]).encode())

    def _gitlab(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> dict[str, Any] | None:
        notes = "/api/v4/projects/7/merge_requests/3/notes"
        if not path.startswith("/api/v4/"):
            return None
        assert self.headers["PRIVATE-TOKEN"] == "glpat-token"
        if (method, path) == ("GET", "/api/v4/user"):
            return {"body": {"id": 42}}
        if (method, path) == ("GET", notes):
            page = int(query["page"][0])
            rest = len(self.server.notes) > page * PAGE
            some = self.server.notes[(page - 1) * PAGE : page * PAGE]
            return {"body": some, "X-Next-Page": str(page + 1) if rest else ""}
        if (method, path) == ("POST", notes):
            self.server.notes.append({"id": len(self.server.notes) + 1, "author": {"id": 42}, **body})
            return {"body": self.server.notes[-1]}
        (note,) = (each for each in self.server.notes if f"{notes}/{each['id']}" == path)
        assert method == "PUT"
        assert note["author"]["id"] == 42, "403"
        note.update(body)
        return {"body": note}

    def _azure(self, method: str, path: str, body: Any) -> dict[str, Any] | None:
        threads = "/acme/My%20Shop/_apis/git/repositories/9b1/pullRequests/3/threads"
        if not path.startswith(threads):
            return None
        assert self.headers["Authorization"] == "Bearer system-token"
        if path == threads and method == "GET":
            return {"body": {"value": self.server.threads}}
        if path == threads and method == "POST":
            comments = [{"id": 1, **each} for each in body["comments"]]
            self.server.threads.append({"id": len(self.server.threads) + 1, **body, "comments": comments})
            return {"body": self.server.threads[-1]}
        (thread,) = (each for each in self.server.threads if f"{threads}/{each['id']}/comments/1" == path)
        assert method == "PATCH"
        thread["comments"][0].update(body)
        return {"body": thread}

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""
