"""The interface of workflows to the person and the machine: messages, results, questions, a clock, the config.

The command line gives the terminal's console, a test gives its own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from provisioner.errors import InputError

if TYPE_CHECKING:
    from provisioner.declaration.environments import EnvironmentFile
    from provisioner.declaration.load import ConfigDirectory
    from provisioner.execution.progress import Progress
    from provisioner.report.document import Document
    from provisioner.report.junit import Suite
    from provisioner.report.style import Style
    from provisioner.secrets import Resolver

#: Writes a result in the format of a service (``github``, ``gitlab``, ``sarif``), as text. It is given a function that
#: makes a shown path relative to the root of the sources.
Service = Callable[[Callable[[str], str]], str]
NO_SERVICES: Mapping[str, Service] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Given:
    """The options of the command line that several workflows use.

    ``yes``: the person agreed in advance. ``timeout`` is for one request, in seconds. ``allow_private``, ``ca_bundle``
    and ``chat_hosts`` admit hosts that no file may admit.
    """

    command: str
    yes: bool = False
    timeout: float | None = None
    allow_private: bool = False
    ca_bundle: Path | None = None
    chat_hosts: frozenset[str] = frozenset()


class Console(Protocol):
    """The surroundings of a workflow."""

    @property
    def now(self) -> datetime:
        """Return the start of the run, in UTC."""

    @property
    def given(self) -> Given:
        """Return the options of the command line."""

    @property
    def config(self) -> ConfigDirectory:
        """Return the config directory. Raises :class:`InputError` if it holds no declaration."""

    @property
    def config_path(self) -> str:
        """Return the config directory's path, as the person named it or as it was found."""

    @property
    def config_option(self) -> str:
        """Return `` --config DIR`` for a command to run from here; empty if the command finds the config itself."""

    def resolver(self, folder: Path) -> Resolver:
        """Return a resolver of the references in an environment file of ``folder``."""

    def one_environment(self) -> str:
        """Return the one environment that was named. Raises :class:`UsageError`."""

    @property
    def env_option(self) -> str | None:
        """Return the text that names the environments; None if none was named."""

    def say(self, text: str) -> None:
        """Print a message about the work, which is no part of the result."""

    def show(
        self,
        view: Callable[[], Document],
        json: Callable[[], object] | None = None,
        *,
        junit: Callable[[], Sequence[Suite]] | None = None,
        markdown: Callable[[], str] | None = None,
        services: Mapping[str, Service] = NO_SERVICES,
    ) -> None:
        """Print a result, or a part of it, in the chosen format; only the function of that format is called."""

    @property
    def is_interactive(self) -> bool:
        """Return whether a person can be asked."""

    def show_question(self, seen: Callable[[Style], str], notice: str = "") -> None:
        """Show ``seen`` to the person at the terminal, unless stdout showed it there, and then ``notice``."""

    def ask(self, question: str) -> str:
        """Return the person's answer; empty if there is none. Raises :class:`RefusedError` if output was lost."""

    def progress(self) -> AbstractContextManager[Progress]:
        """Return the progress of a deployment, shown while the context is open."""


# The environment that was named, also if the declaration cannot be read


def environment_file(console: Console, name: str) -> EnvironmentFile:
    """Return the environment's file, even if the declaration cannot be read. Raises UsageError, InputError."""
    try:
        return console.config.environment_file(name)
    except InputError:
        from provisioner.declaration.load import EnvironmentFiles  # the reader of YAML

        return EnvironmentFiles(Path(console.config_path)).read(name)


def environment_name(console: Console) -> str:
    """Return the one environment that --env names, also if the declaration cannot be read."""
    try:
        return console.one_environment()
    except InputError:
        given = console.env_option
        if given is None or any(character in given for character in "*?[,"):
            raise
        return given


# The environment's name in front of each line on stderr, if several environments run in parallel


@dataclass(slots=True)
class EnvironmentOutput:
    """The messages of one environment. ``silent``: the run was interrupted, so it prints no more."""

    name: str
    silent: bool = False


_OUTPUT: ContextVar[EnvironmentOutput | None] = ContextVar("environment_output", default=None)


@contextlib.contextmanager
def output_of(environment: EnvironmentOutput) -> Iterator[None]:
    """Attribute the messages of this thread, and of the threads that it starts for requests, to the environment."""
    token = _OUTPUT.set(environment)
    try:
        yield
    finally:
        _OUTPUT.reset(token)


def is_silent() -> bool:
    """Return whether messages of this thread are no longer printed."""
    output = _OUTPUT.get()
    return output is not None and output.silent


def prefixed(text: str) -> str:
    """Return ``text`` with the environment's name before each line; unchanged if there is only one environment."""
    output = _OUTPUT.get()
    if output is None:
        return text
    return "\n".join(f"[{output.name}] {line}" for line in text.removesuffix("\n").split("\n"))
