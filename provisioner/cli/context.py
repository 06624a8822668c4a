"""What a command needs of the person's side: output, terminal, config directory, clock, questions."""

from __future__ import annotations

import argparse
import fnmatch
import logging
import os
import shutil
import sys
import threading
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from provisioner.cli import speaking
from provisioner.errors import InputError, UsageError
from provisioner.secrets import RedactingFilter, Resolver, redactor

if TYPE_CHECKING:
    from provisioner.declaration.load import ConfigDirectory
    from provisioner.report.style import Style

PIPED_WIDTH = 100
_GLOB = "*?["
#: One at a time says something, or asks.
_TALK = threading.RLock()


class Context:
    """One command's surroundings. stdout is the result, stderr the talk; both pass through the redactor."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        _require_current_folder()
        self.arguments = arguments
        self.now = datetime.now(UTC)
        self._set_up_logging()

    def _set_up_logging(self) -> None:
        logger = logging.getLogger("provisioner")
        logger.handlers.clear()
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(speaking.Formatter("%(levelname).1s %(name)s: %(message)s"))
        handler.addFilter(speaking.Filter())
        handler.addFilter(RedactingFilter())
        logger.addHandler(handler)
        logger.propagate = False
        levels = {0: logging.WARNING, 1: logging.INFO}
        logger.setLevel(levels.get(self.arguments.verbose, logging.DEBUG))

    # Output

    def stdout(self, text: str) -> None:
        """Print a result."""
        speaking.write(sys.stdout, redactor.redact(text) + ("" if text.endswith("\n") else "\n"))

    def stderr(self, text: str) -> None:
        """Say something to the person, in whose name it is said where several speak; -q keeps it back."""
        if self.arguments.quiet or speaking.is_silent():
            return
        said = speaking.attributed(redactor.redact(text))
        with _TALK:
            speaking.write(sys.stderr, said + ("" if said.endswith("\n") else "\n"))

    def json(self, document: object) -> None:
        """Print a JSON document as the whole result."""
        self.stdout(self.as_json(document))

    @staticmethod
    def as_json(document: object) -> str:
        """A JSON document as text."""
        from provisioner.report.json_text import json_text

        return json_text(document)

    @staticmethod
    def redacted(text: str) -> str:
        """``text`` without secrets, for files."""
        return redactor.redact(text)

    @property
    def wants_json(self) -> bool:
        return bool(self.arguments.format == "json")

    @cached_property
    def style(self) -> Style:
        """How to write on stdout."""
        return self._style(sys.stdout)

    @cached_property
    def talk_style(self) -> Style:
        """How to write on stderr."""
        return self._style(sys.stderr)

    def _style(self, stream: TextIO) -> Style:
        return style_of(stream, plain=self.arguments.no_color)

    @property
    def is_interactive(self) -> bool:
        """Whether a person can be asked: stdin and stderr are terminals, and --no-input was not given."""
        return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty() and not self.arguments.no_input

    def ask(self, question: str) -> str:
        """A line from the person; empty at end of input. While it is waited for, nobody else speaks."""
        with _TALK:
            sys.stderr.write(question)
            sys.stderr.flush()
            return sys.stdin.readline().strip()

    # Config

    @cached_property
    def config(self) -> ConfigDirectory:
        from provisioner.declaration.load import ConfigDirectory

        return ConfigDirectory(Path(self.arguments.config))

    def config_directory(self) -> ConfigDirectory:
        """The config directory; raises InputError where it holds no declaration."""
        return self.config

    @property
    def env_option(self) -> str | None:
        """What --env or PROVISIONER_ENV names."""
        return self.arguments.env or os.environ.get("PROVISIONER_ENV") or None

    @property
    def may_name_several(self) -> bool:
        """Whether --env is a list or a glob: the output's shape must not hang on how many it matches today."""
        return any(character in (self.env_option or "") for character in f",{_GLOB}")

    def environment_names(self, *, required: bool = True) -> list[str]:
        """The environments that --env names: a name, a list with commas, globs; in the order given.

        Without --env and PROVISIONER_ENV: raises :class:`UsageError` if ``required``, else all environments.
        """
        known = self.config.environment_names()
        given = self.env_option
        if given is None:
            if required:
                raise UsageError(
                    "No environment was named.",
                    next="Give --env NAME or set PROVISIONER_ENV."
                    + (f" Environments here: {', '.join(known)}." if known else ""),
                )
            return known
        names: list[str] = []
        for pattern in filter(None, (part.strip() for part in given.split(","))):
            if any(character in pattern for character in _GLOB):
                matches = fnmatch.filter(known, pattern)
                if not matches:
                    raise UsageError(
                        f"No environment matches {pattern!r}.",
                        next=f"Environments here: {', '.join(known) or 'none'}.",
                    )
            else:
                if pattern not in known:
                    self.config.environment_file(pattern)  # raises, and names the nearest
                matches = [pattern]
            names += [match for match in matches if match not in names]
        if not names:
            raise UsageError("No environment was named.", next=f"Environments here: {', '.join(known) or 'none'}.")
        return names

    def one_environment(self) -> str:
        """The one environment that --env names; several are a usage error."""
        names = self.environment_names()
        if len(names) > 1:
            raise UsageError(
                f"`provisioner {self.arguments.verb}` takes one environment; {len(names)} were named.",
                next="Run it once for each.",
            )
        return names[0]

    def resolver(self, folder: Path) -> Resolver:
        """Resolves references of an environment file that stands in ``folder``."""
        allowed = self.arguments.allow_commands or os.environ.get("PROVISIONER_ALLOW_COMMANDS") == "1"
        return Resolver(folder, allow_commands=allowed)


def _require_current_folder() -> None:
    """Raises :class:`InputError` if the folder that the command runs in was removed."""
    try:
        Path.cwd()
    except FileNotFoundError:
        raise InputError(
            "The current folder does not exist any more.", next="Change to a folder that exists.", code="no-folder"
        ) from None


def style_of(stream: TextIO, *, plain: bool) -> Style:
    """How to write on a stream: its width in columns, and whether it shows colours."""
    from provisioner.report.style import Style

    terminal = stream.isatty()
    colorless = plain or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    columns = shutil.get_terminal_size((PIPED_WIDTH, 24)).columns
    width = columns if terminal or "COLUMNS" in os.environ else PIPED_WIDTH
    return Style(width=max(40, min(width, 160)), color=terminal and not colorless)
