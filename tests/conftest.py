"""What holds for every test: a known environment, and properties that are checked the same way each time in CI."""

from __future__ import annotations

import logging
import os
import random
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from provisioner import localorg
from provisioner.secrets import redactor
from tests.sharding import Shard

#: Variables of the person's shell that change what the product does or prints.
SHELL_VARIABLES = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "LINES", "GITHUB_ACTIONS")

# A limit of time would make a busy machine a failing test.
_UNTIMED = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile("default", _UNTIMED)
hypothesis.settings.register_profile("ci", _UNTIMED, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "default")

# A shell starts what runs in the background deaf to these, and what is deaf hands that on to all that it starts.
for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, usual)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--shard", metavar="K/N", type=Shard.parse, help="run part K of N of the test files")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the files of other parts unread: the import of all test files takes longer than many a part."""
    shard: Shard | None = config.getoption("--shard")
    if shard is None or not collection_path.match("test_*.py"):
        return None
    return True if not shard.holds(collection_path.relative_to(config.rootpath).as_posix()) else None


def pytest_configure() -> None:
    """The seed of all samples of this run; the workers inherit it."""
    os.environ.setdefault("FAULT_SEED", str(random.SystemRandom().randrange(1_000_000)))


def pytest_sessionstart(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.getplugin("terminalreporter")
    if reporter is not None and not hasattr(session.config, "workerinput"):
        reporter.write_line(
            f"FAULT_SEED={os.environ['FAULT_SEED']} (of the samples of faults, and of steps to be killed at)"
        )


@pytest.fixture(scope="session")
def _states(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all tests' states: pytest's own numbered folders take longer the more of them there are."""
    return tmp_path_factory.mktemp("states")


# Orgs for the whole run, because the start of one takes longer than most tests. A test that uses one resets it first.


@pytest.fixture(scope="session")
def shared_org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A running org."""
    yield from _running_org(tmp_path_factory.mktemp("org"))


@pytest.fixture(scope="session")
def second_org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Another running org."""
    yield from _running_org(tmp_path_factory.mktemp("second"))


@pytest.fixture(scope="session")
def bare_org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A running org without an app for the login."""
    yield from _running_org(tmp_path_factory.mktemp("bare") / "org", bare=True)


def _running_org(directory: Path, *, bare: bool = False) -> Iterator[Path]:
    localorg.start(directory, bare=bare)
    yield directory
    localorg.stop(directory)


@pytest.fixture(autouse=True)
def _known_environment(monkeypatch: pytest.MonkeyPatch, _states: Path) -> None:
    """The person's own PROVISIONER_… settings and terminal never decide a test; nor does what a run wrote down."""
    for name in list(os.environ):
        if name in SHELL_VARIABLES or (name.startswith("PROVISIONER_") and name != "PROVISIONER_REQUIRE_CONFORMANCE"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PROVISIONER_STATE_DIR", tempfile.mkdtemp(dir=_states))


@pytest.fixture(autouse=True)
def _known_secrets() -> Iterator[None]:
    """What a test's secrets mask is masked in that test alone."""
    kept = redactor.values
    yield
    redactor.values = kept


@pytest.fixture(autouse=True)
def _known_logging() -> Iterator[None]:
    """Give every test the logger of a new process, whatever commands ran in this one before, in fixtures too."""
    _reset_logger()
    yield
    _reset_logger()


def _reset_logger() -> None:
    logger = logging.getLogger("provisioner")
    logger.setLevel(logging.NOTSET)
    logger.propagate = True
    logger.handlers.clear()
