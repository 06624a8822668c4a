"""The org as an ASGI application: every request passes one gate, then goes to its resource."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email.utils import formatdate
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from provisioner.localorg import resources
from provisioner.localorg.answers import ELSEWHERE, html_page
from provisioner.localorg.jobs import Deployer
from provisioner.localorg.org import Org
from provisioner.localorg.schema import schema
from provisioner.localorg.store import Store

_log = logging.getLogger("provisioner.localorg")
#: A zip of 39 MB in base64 in an envelope; all other requests are small.
LARGEST_BODY, LARGEST_DEPLOYMENT = 2_000_000, 64_000_000
#: The resources that receive a package: SOAP, and the REST resource of deployments.
_PACKAGES = ("/services/Soap/m/", "/metadata/deployRequest")
_Scope = dict[str, Any]
_Receive = Callable[[], Awaitable[Any]]
_Send = Callable[[Any], Awaitable[None]]


class _TooLargeError(Exception):
    """The body of a request is larger than any that an org accepts."""


def _too_large(_request: Request, _error: Exception) -> Response:
    return Response("Request Entity Too Large", 413)


def _bounded(path: str, receive: _Receive) -> _Receive:
    """Return ``receive`` with the limit of its path on the body."""
    left = LARGEST_DEPLOYMENT if any(each in path for each in _PACKAGES) else LARGEST_BODY

    async def counted() -> Any:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise _TooLargeError
        return message

    return counted


def _other_server(org: Org, path: str) -> Response | None:
    """Return the answer of the server in the org's place; None if it is the org."""
    if org.faults.on("proxy"):
        page = html_page(407, "407 Proxy Authentication Required", "This proxy wants a user name and a password.")
        page.headers["Proxy-Authenticate"] = 'Basic realm="proxy"'
        return page
    if not org.faults.on("not-a-login-host"):
        return None
    match org.faults.argument("not-a-login-host"):
        case "page":
            return html_page(200, "Acme Shop", "Welcome to our shop.")
        case "only-post":
            return html_page(405, "Error 405 Only POST allowed", "Only POST allowed")
        case "empty":
            return Response(status_code=200)
        case _:
            return Response(status_code=302, headers={"Location": ELSEWHERE + path})


class Gate:
    """The gate for every request: delays, broken answers, the org's clock, the log."""

    def __init__(self, database: Path) -> None:
        self._store = Store(database)
        self._deployer = Deployer(self._store)
        handlers = {**resources.HANDLERS, _TooLargeError: _too_large}
        self._app = Starlette(routes=resources.routes(), exception_handlers=handlers, lifespan=self._lifespan)

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # A client that appends a slash to the org's URL asks for //services; an org accepts it.
        scope = {**scope, "path": re.sub("^/{2,}", "/", scope["path"])}
        begun = time.monotonic()
        org = Org(self._store, self._deployer.wake)
        scope.setdefault("state", {})["org"] = org
        status = 0

        async def watched(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                date = formatdate(org.now / 1000, usegmt=True).encode()
                message = {**message, "headers": [*message.get("headers", ()), (b"date", date)]}
            await send(message)

        await asyncio.sleep(max(0, org.faults.milliseconds("slow")) / 1000)
        await self._answer(org, scope["path"])(scope, _bounded(scope["path"], receive), watched)
        taken = 1000 * (time.monotonic() - begun)
        path = scope["path"].encode("unicode_escape").decode()  # a line break in it would forge a line of the log
        _log.info("%s %s %s %.0f ms", scope["method"], path, status or "cut", taken)

    def _answer(self, org: Org, path: str) -> Any:
        """Return the application, or the page that replaces it."""
        other = _other_server(org, path)
        if other is not None:
            return other
        if org.faults.strike("maintenance"):
            return html_page(503, "We are down for maintenance.", "Sorry for the inconvenience. We'll be back shortly.")
        if org.faults.strike("server-error"):
            return html_page(500, "Server Error", "An internal server error has occurred.")
        if org.faults.strike("redirects"):
            return Response(status_code=302, headers={"Location": ELSEWHERE + path})
        if org.faults.strike("garbled"):
            return Response('{"access_token": "00D', media_type="application/json;charset=UTF-8")
        return self._app

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        work = asyncio.create_task(self._deployer.work())
        # Its reading takes a moment, and the first component needs it.
        warm = asyncio.get_running_loop().run_in_executor(None, schema)
        try:
            yield
        finally:
            work.cancel()
            await asyncio.gather(work, warm, return_exceptions=True)
            self._store.close()
