"""The HTTPS server of one org: sockets, certificates, and a protocol that can cut a connection."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from provisioner.errors import InputError, UsageError
from provisioner.localorg.layout import Layout
from provisioner.project import install_command

_BACKLOG = 128
_TRIES = 20
_TICKS_BETWEEN_LOOKS = 20


def missing_packages() -> list[str]:
    """Return the names of the packages that serve the org and are not installed."""
    return [name for name in ("starlette", "uvicorn", "python_multipart") if find_spec(name) is None]


def check_installed() -> None:
    """Raise :class:`UsageError` if packages that serve the org are missing."""
    missing = missing_packages()
    if missing:
        raise UsageError(
            f"The local org needs packages that are not installed: {', '.join(missing)}.",
            next=f"Install them: {install_command('localorg')}",
            code="localorg-not-installed",
        )


def listen(wanted: int | None, usual: int | None) -> list[socket.socket]:
    """Return sockets on IPv4 and, if available, IPv6 loopback, with one port.

    ``wanted`` is required, ``usual`` is the previous port. Raises :class:`InputError` if the wanted one is taken.
    """
    if wanted is not None:
        try:
            return _listen_on(wanted)
        except OSError as error:
            raise InputError(
                f"The local org cannot be served on port {wanted} ({(error.strerror or 'it is taken').lower()}).",
                next="Give another --port, or none: then a free one is found.",
                code="port-taken",
            ) from None
    for port in ([usual] if usual else []) + [0] * _TRIES:
        try:
            return _listen_on(port)
        except OSError:
            continue
    raise InputError(
        "No free port was found on the loopback interface.",
        next="Close programs that listen on many ports, and try again.",
    )


def _listen_on(port: int) -> list[socket.socket]:
    first = _bound(socket.AF_INET, "127.0.0.1", port)
    sockets = [first]
    try:
        if _has_ipv6():
            sockets.append(_bound(socket.AF_INET6, "::1", first.getsockname()[1]))
    except OSError:
        first.close()
        raise
    return sockets


def _bound(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    # With the protocol named, asyncio sends each answer immediately (TCP_NODELAY).
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((host, port))
        made.listen(_BACKLOG)
    except OSError:
        made.close()
        raise
    return made


def _has_ipv6() -> bool:
    if not socket.has_ipv6:
        return False
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def server(layout: Layout, ready: Callable[[], None]) -> Any:
    """Return a server for the org; ``.run(sockets=...)`` serves until SIGTERM, SIGINT or ``.should_exit``.

    ``ready`` is called once requests are answered. It must be created and run in one thread.
    """
    import uvicorn

    served = _file_id(layout)

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            if not self.should_exit:
                ready()

        async def on_tick(self, counter: int) -> bool:
            """Return whether to stop, ten times a second: the org's directory was removed or replaced."""
            if counter % _TICKS_BETWEEN_LOOKS == 0 and _file_id(layout) != served:
                logging.getLogger(__name__).warning("The org's directory is gone: nothing is left to serve.")
                return True
            return await super().on_tick(counter)

    return Server(_config(layout))


def _file_id(layout: Layout) -> tuple[int, int] | None:
    """Return the identity of the database file; None if it is gone."""
    try:
        found = layout.database.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _config(layout: Layout) -> Any:
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol

    from provisioner.localorg.answers import CUT, STREAM
    from provisioner.localorg.app import Gate

    class Protocol(H11Protocol):
        """Adds to each request's scope a function that cuts its connection."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            inner = self.app

            async def app(scope: Any, receive: Any, send: Any) -> None:
                scope.setdefault("extensions", {})[CUT] = self.transport.abort
                await inner(scope, receive, send)

            self.app = app

        def shutdown(self) -> None:
            """Drop idle connections: the other end may be slow to close."""
            cycle = getattr(self, "cycle", None)
            if cycle is None or cycle.response_complete or cycle.scope["path"] == STREAM:
                self.transport.abort()
            else:
                super().shutdown()

    return uvicorn.Config(
        Gate(layout.database),
        http=Protocol,
        loop="asyncio",
        ws="none",
        lifespan="on",
        ssl_certfile=str(layout.server_certificate),
        ssl_keyfile=str(layout.server_key),
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=2,
        timeout_keep_alive=60,
    )


def log_to_stderr() -> None:
    """Log one line for each request, and errors; never a body, a token or a key."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
