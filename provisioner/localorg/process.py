"""Starts, stops, resets and breaks a local org, from any process."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import provisioner
from provisioner.errors import InputError
from provisioner.localorg import bootstrap, credentials, faults, folder, locks, serving
from provisioner.localorg.connection import Connection
from provisioner.localorg.fault_table import milliseconds
from provisioner.localorg.layout import PRIVATE_FILE, Layout
from provisioner.localorg.store import Store

_START_SECONDS = 30.0
_STOP_SECONDS = 5.0
_STEP_SECONDS = 0.01
_LOG_LINES_SHOWN = 5
#: The working folder of the org's process: only the machine's owner can write to it.
_CURRENT_FOLDER = "/"
#: A longer log is replaced at the next start.
_LARGEST_LOG = 5_000_000
#: Variables of the user's shell that the org's process inherits.
_KEPT = frozenset({"PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TMP", "TEMP", "LD_LIBRARY_PATH"})
#: Our own servers, recorded so that they are waited for after they exit.
_children: list[subprocess.Popen[bytes]] = []
#: Held while that list changes: several orgs may start and stop at the same time.
_children_lock = threading.Lock()


def start(directory: Path, *, port: int | None = None, bare: bool = False) -> Connection:
    """Serve the org of ``directory`` in the background, after creating it if there is none.

    A running org is returned unchanged. A ``bare`` one has no app for the login. Raises
    :class:`provisioner.errors.ProvisionerError`.
    """
    serving.check_installed()
    layout = folder.layout_of(directory)
    bootstrap.prepare(layout)
    with locks.exclusive(layout.change_lock):
        found = _served(layout, port)
        if found is not None:
            bootstrap.create_org(layout, bare=bare)
            return found
        made, sockets = ready_to_serve(layout, port, bare=bare)
        lock = locks.hold(layout.serving_lock)
        try:
            locks.sign(lock, _spawn(layout, sockets, lock))
        finally:
            os.close(lock)
            for each in sockets:
                each.close()
        return made


def serve(
    directory: Path, port: int | None = None, *, bare: bool = False, ready: Callable[[Connection], None] | None = None
) -> None:
    """Serve the org in this process until it is interrupted. ``ready`` is called once it answers."""
    serving.check_installed()
    layout = folder.layout_of(directory)
    bootstrap.prepare(layout)
    with locks.exclusive(layout.change_lock):
        found = _served(layout, port)
        if found is not None:
            raise InputError(
                f"The local org in {layout.directory} is served already, at {found.url}.",
                next="Use that one, or stop it first with `provisioner localorg stop`.",
                code="already-running",
            )
        made, sockets = ready_to_serve(layout, port, bare=bare)
        lock = locks.hold(layout.serving_lock)
        locks.sign(lock, os.getpid())
    try:
        serving.server(layout, lambda: ready(made) if ready is not None else None).run(sockets=sockets)
    finally:
        os.close(lock)


def running(directory: Path) -> Connection | None:
    """Return the connection values of the org if it is running."""
    return _served(folder.layout_of(directory), None)


def exists(directory: Path) -> bool:
    """Return whether the folder contains an org. Raises :class:`InputError` for a link in it or in its place."""
    return folder.layout_of(directory).database.exists()


def stop(directory: Path) -> bool:
    """Stop the org; False if it was not running."""
    layout = folder.layout_of(directory)
    if not layout.directory.is_dir():
        return False
    with locks.exclusive(layout.change_lock):
        process_id = locks.holder(layout.serving_lock)
        if not process_id:
            return False
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.kill(process_id, sign)
            except ProcessLookupError:
                break
            if _ended(layout):
                break
        _reap()
        return True


def _reap() -> None:
    """Wait for our own servers that have exited."""
    with _children_lock:
        _children[:] = [child for child in _children if child.poll() is None]


def _ended(layout: Layout) -> bool:
    deadline = time.monotonic() + _STOP_SECONDS
    while locks.holder(layout.serving_lock) is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(_STEP_SECONDS)
    return True


def reset(directory: Path) -> None:
    """Reset the org, running or not; its credentials stay."""
    layout = bootstrap.existing(directory)
    with locks.exclusive(layout.change_lock):
        credentials.settle(layout, {})
        bootstrap.renew(layout)


def status(directory: Path) -> dict[str, Any]:
    """Return the state and the content of the org, as JSON values."""
    layout = bootstrap.existing(directory)
    found = running(directory)
    store = Store(layout.database)
    try:
        components: dict[str, int] = {}
        for kind, _ in store.components():
            components[kind.xml_name] = components.get(kind.xml_name, 0) + 1
        broken = [
            {"name": name, "argument": argument, "what": faults.lookup(name).what}
            for name, (argument, _) in store.faults().items()
        ]
        identity = store.identity()
        return {
            "directory": str(layout.directory),
            "running": found is not None,
            "url": found.url if found else None,
            "org_id": identity.org_id if identity else None,
            "username": identity.username if identity else None,
            "components": components,
            "deployments": len(store.deployments()),
            "faults": broken,
            "log": str(layout.log),
        }
    finally:
        store.close()


def break_(directory: Path, name: str) -> None:
    """Break something, by ``NAME`` or ``NAME=ARGUMENT``; an unknown name raises UsageError with the list of all."""
    fault, argument = faults.parse(name)
    layout = bootstrap.existing(directory)
    if fault.name == "sandbox-refresh":  # an event, such as time-passes: there is nothing to mend
        bootstrap.refresh(layout, str(argument))
        return
    store = Store(layout.database)
    try:
        if fault.name == "time-passes":
            from provisioner.localorg import app_changes  # what serves the org; a client's process does without

            app_changes.age(store, max(0, milliseconds(str(argument)) or 0))
            return
        store.put_fault(fault.name, argument)
        credentials.settle(layout, {name: argument for name, (argument, _) in store.faults().items()})
        if fault.name == "certificate-expired":
            store.set_meta(fault.name, layout.login_certificate.read_text())
    finally:
        store.close()


def mend(directory: Path, name: str | None = None) -> None:
    """Mend one fault, or all."""
    fault = faults.lookup(name).name if name is not None else None
    layout = bootstrap.existing(directory)
    store = Store(layout.database)
    try:
        store.delete_fault(fault)
        credentials.settle(layout, {name: argument for name, (argument, _) in store.faults().items()})
    finally:
        store.close()


def _served(layout: Layout, port: int | None) -> Connection | None:
    """Return the connection, if the org is running; raises :class:`InputError` if its port is not ``port``."""
    if locks.holder(layout.serving_lock) is None or not layout.database.exists():
        return None
    identity = bootstrap.read_identity(layout)
    if identity is None:
        return None
    if port is not None and identity.port != port:
        raise InputError(
            f"The local org in {layout.directory} is served already, on port {identity.port}.",
            next="Leave --port out, or stop the org first with `provisioner localorg stop`.",
            code="already-running",
        )
    return bootstrap.connection(layout, identity)


def ready_to_serve(layout: Layout, port: int | None, *, bare: bool = False) -> tuple[Connection, list[socket.socket]]:
    """Return the connection of an existing org, and sockets that listen for it."""
    identity = bootstrap.create_org(layout, bare=bare)
    sockets = serving.listen(port, identity.port)
    taken = sockets[0].getsockname()[1]
    if taken != identity.port:
        identity = replace(identity, port=taken)
        store = Store(layout.database)
        try:
            store.set_identity(identity)
        finally:
            store.close()
    return bootstrap.connection(layout, identity), sockets


def _surroundings(layout: Layout) -> dict[str, str]:
    """Return the environment variables of the org's process: the paths of programs and the language, but no secret.

    It finds this package, and the folders in the user's PYTHONPATH; never code in the org's own folder.
    """
    named = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    paths = [str(Path(provisioner.__file__).parent.parent), *map(os.path.abspath, named)]
    paths = [path for path in paths if not Path(os.path.realpath(path)).is_relative_to(layout.directory)]
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or name.startswith(("LC_", "PYTHON", "COVERAGE_", "COV_"))
    }
    return {**kept, "PYTHONPATH": os.pathsep.join(paths), "PYTHONSAFEPATH": "1"}


def _spawn(layout: Layout, sockets: list[socket.socket], lock: int) -> int:
    """Start the serving process and wait until it answers; return its process id."""
    read_end, write_end = os.pipe()
    inherited = [each.fileno() for each in sockets]
    words = [
        sys.executable,
        "-P",  # not from the current folder
        "-m",
        "provisioner.localorg.serve",
        str(layout.directory),
        str(write_end),
        *map(str, inherited),
    ]
    if layout.log.exists() and layout.log.stat().st_size > _LARGEST_LOG:
        layout.log.unlink()
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK
        with os.fdopen(os.open(layout.log, flags, PRIVATE_FILE), "ab") as log:
            child = subprocess.Popen(
                words, cwd=_CURRENT_FOLDER, env=_surroundings(layout), stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True, pass_fds=(*inherited, write_end, lock),
            )  # fmt: skip
    finally:
        os.close(write_end)
    try:
        ready, _, _ = select.select([read_end], [], [], _START_SECONDS)
        if ready and os.read(read_end, 1):
            _reap()
            with _children_lock:
                _children.append(child)
            return child.pid
    finally:
        os.close(read_end)
    child.kill()
    child.wait()
    raise InputError(
        f"The local org in {layout.directory} could not be started.\n{_end_of(layout.log)}".rstrip(),
        next=f"Read {layout.log}; `provisioner localorg reset` makes a new org there.",
        code="localorg-not-started",
    )


def _end_of(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-_LOG_LINES_SHOWN:])
