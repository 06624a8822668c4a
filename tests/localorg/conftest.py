"""One org for the run, served in a thread and made newborn again for each test that asks for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from provisioner.localorg import Connection, bootstrap, break_, locks, reset, serving
from provisioner.localorg.layout import Layout
from provisioner.localorg.process import ready_to_serve
from tests.localorg.client import Client
from tests.localorg.logins import Administrator

_START_SECONDS = 60.0


class ServedOrg:
    """An org that a thread of this process serves."""

    def __init__(self, directory: Path, *, bare: bool = False) -> None:
        self.directory = directory
        layout = Layout.of(directory)
        bootstrap.prepare(layout)
        self.connection: Connection
        self.connection, sockets = ready_to_serve(layout, None, bare=bare)
        self._lock = locks.hold(layout.serving_lock)
        answers = threading.Event()

        def run() -> None:
            self._server = serving.server(layout, answers.set)
            self._server.run(sockets=sockets)

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        assert answers.wait(_START_SECONDS)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(_START_SECONDS)


@pytest.fixture(scope="session")
def served_org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedOrg]:
    org = ServedOrg(tmp_path_factory.mktemp("localorg") / "org")
    yield org
    org.stop()


@pytest.fixture(scope="session")
def bare_org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedOrg]:
    org = ServedOrg(tmp_path_factory.mktemp("bare") / "org", bare=True)
    yield org
    org.stop()


@pytest.fixture
def admin(bare_org: ServedOrg) -> Iterator[Administrator]:
    """A newborn org without an app, and its administrator."""
    reset(bare_org.directory)
    layout = Layout.of(bare_org.directory)
    identity = bootstrap.read_identity(layout)
    assert identity is not None
    client = Administrator(bootstrap.connection(layout, identity), bare_org.directory)
    yield client
    client.close()


@pytest.fixture
def org(served_org: ServedOrg) -> Iterator[Client]:
    """A newborn org, and a client that is logged in to it."""
    reset(served_org.directory)
    client = Client(served_org.connection, served_org.directory)
    yield client.login()
    client.close()


@pytest.fixture
def stranger(served_org: ServedOrg) -> Iterator[Client]:
    """A newborn org, and a client that is not logged in."""
    reset(served_org.directory)
    client = Client(served_org.connection, served_org.directory)
    yield client
    client.close()


@pytest.fixture
def broken(served_org: ServedOrg) -> Callable[..., None]:
    """Break something in the org, by names of faults."""

    def breaks(*names: str) -> None:
        for name in names:
            break_(served_org.directory, name)

    return breaks
