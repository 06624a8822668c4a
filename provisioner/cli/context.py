"""The surroundings of a command: output, terminal, config directory, clock, questions."""

from __future__ import annotations

import argparse
import fnmatch
import logging
import os
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.cli.options import CONFIG_VARIABLE, DEFAULT_CONFIG
from provisioner.cli.output import Output, Sink, reason
from provisioner.errors import InputError, RefusedError, UsageError
from provisioner.model.names import OF_TARGET_ORG
from provisioner.report.json import json_text
from provisioner.report.markdown import markdown as markdown_of
from provisioner.report.style import Style
from provisioner.report.terminal import terminal
from provisioner.secrets import RedactingFilter, Resolver, redactor
from provisioner.workflows.console import NO_SERVICES, Given, Service, is_silent, prefixed

if TYPE_CHECKING:
    from provisioner.declaration.load import ConfigDirectory
    from provisioner.declaration.lookup import Lookup
    from provisioner.execution.progress import Progress
    from provisioner.report.document import Document
    from provisioner.report.junit import Suite

PIPED_WIDTH = 100
_GLOB = "*?["
#: Formats with text for people on stdout; every other one is for programs. export --format sfdx writes files, and
#: prints their names.
_FOR_PEOPLE = frozenset(("human", "sfdx"))


class Context:
    """The surroundings of one command. stdout has the result, stderr the messages; ``output`` writes both."""

    def __init__(self, arguments: argparse.Namespace, output: Output | None = None) -> None:
        _require_current_folder()
        self.arguments = arguments
        self.output = output or Output()
        self.output.config_option = self.config_option
        self.now = datetime.now(UTC)
        self._set_up_logging()

    def _set_up_logging(self) -> None:
        logger = logging.getLogger("provisioner")
        logger.handlers.clear()
        handler = LogHandler(self.output)
        handler.addFilter(RedactingFilter())
        logger.addHandler(handler)
        logger.propagate = False
        levels = {0: logging.WARNING, 1: logging.INFO}
        logger.setLevel(levels.get(self.arguments.verbose, logging.DEBUG))

    # Output

    def show(
        self,
        view: Callable[[], Document],
        json: Callable[[], object] | None = None,
        *,
        junit: Callable[[], Sequence[Suite]] | None = None,
        markdown: Callable[[], str] | None = None,
        services: Mapping[str, Service] = NO_SERVICES,
    ) -> None:
        """Print a result in the requested format; only the functions for that format are called.

        An empty document prints nothing. Without ``json`` it is a part of the result that JSON leaves out. ``markdown``
        is for a result with Markdown that must fit into a comment. ``services`` are the formats of single
        services by name; GitHub's log also shows results without commands.
        """
        match self.arguments.format:
            case "json":
                if json is not None:
                    self.json(json())
            case "junit":
                if junit is not None:
                    from provisioner.report.junit import junit_xml

                    self.document(junit_xml(self.arguments.verb, junit()))
            case "markdown":
                if text := markdown() if markdown is not None else markdown_of(view()):
                    # A separate part, with an empty line before it.
                    self.document(("\n" if self.output.stdout.written else "") + text)
            case shown if shown in services:
                from provisioner.cli.sources import relative_to, source_root  # loads the YAML parser

                if text := services[shown](relative_to(source_root())):
                    self.output.document(text, commands=shown == "github")
            case "gitlab" | "sarif":
                pass
            case _:
                if document := view():
                    self.stdout(terminal(document, self.style))

    def can_print(self, text: str) -> bool:
        """Return whether the result can hold ``text`` unchanged; a stream for people may lack the characters."""
        return self.arguments.format not in _FOR_PEOPLE or self.output.stdout.can_encode(text)

    def stdout(self, text: str) -> None:
        """Print a result in the requested format."""
        if self.arguments.format in _FOR_PEOPLE:
            self.output.result(text)
        else:
            self.document(text)

    def document(self, text: str) -> None:
        """Print a result that is for programs in every format."""
        self.output.document(text)

    def say(self, text: str) -> None:
        """Print lines about the work on stderr, none with -q; if several environments run, with their names."""
        if not self.arguments.quiet and not is_silent():
            self.output.talk(prefixed(text))

    def json(self, document: object) -> None:
        """Print a JSON document as the whole result."""
        self.document(self.as_json(document))

    @staticmethod
    def as_json(document: object, *, masked: bool = True) -> str:
        """Return a JSON document as text, secrets masked unless they are the result."""
        return json_text(document, masked=masked)

    @staticmethod
    def redacted(text: str) -> str:
        """Return ``text`` without secrets, for files."""
        return redactor.redact_document(text)

    @property
    def wants_json(self) -> bool:
        return bool(self.arguments.format == "json")

    @cached_property
    def style(self) -> Style:
        """Return the style of stdout."""
        return self._style(self.output.stdout)

    @cached_property
    def talk_style(self) -> Style:
        """Return the style of stderr."""
        return self._style(self.output.stderr)

    def _style(self, sink: Sink) -> Style:
        return style_of(sink, plain=self.arguments.no_color)

    @property
    def is_interactive(self) -> bool:
        """Return whether a person can be asked: stdin and stderr are terminals, and --no-input was not given."""
        return (
            sys.stdin is not None
            and sys.stdin.isatty()
            and self.output.stderr.is_terminal
            and not self.arguments.no_input
        )

    @property
    def shows_results(self) -> bool:
        """Return whether the person at the terminal sees stdout as text for people."""
        return self.arguments.format in _FOR_PEOPLE and self.output.stdout.is_terminal

    def show_question(self, seen: Callable[[Style], str], notice: str = "") -> None:
        """Show the subject of a question on stderr, also with -q: ``seen``, unless stdout showed it, and ``notice``."""
        style = self.talk_style
        if not self.shows_results:
            self.output.paint(f"{seen(style)}\n")
        for line in notice.splitlines():
            self.output.paint("\n".join(style.lines(line)) + "\n")

    def progress(self) -> AbstractContextManager[Progress]:
        """Return the progress of a deployment at the terminal."""
        from provisioner.cli.progress import shown_progress  # loads the plan

        return shown_progress(self)

    def ask(self, question: str) -> str:
        """Return a line from the user; empty if there is none. No other message is printed meanwhile.

        Raises :class:`RefusedError` if something that was printed before could not be written.
        """
        with self.output.lock:
            self._must_be_complete()
            line = ""
            try:
                self.output.talk(question, end="")
                self._must_be_complete()
                line = self._line()
            finally:
                if not line.endswith("\n"):  # Ctrl-C, Ctrl-D: the next message begins on a new line
                    self.output.paint("\n")
            return line.strip()

    def _must_be_complete(self) -> None:
        """Refuse a question about a plan that the user could not see."""
        for sink, name in ((self.output.stdout, "standard output"), (self.output.stderr, "standard error")):
            if sink.failure is not None:
                raise RefusedError(
                    f"The plan could not be shown, so the confirmation was not asked: {name} could not be written "
                    f"({reason(sink.failure)}).",
                    next="Send the output to a writable place, and run the command again.",
                    code="not-shown",
                )

    @staticmethod
    def _line() -> str:
        try:
            return sys.stdin.readline()
        except (OSError, UnicodeDecodeError):  # the terminal has gone; or the input is not text
            return ""

    # Config

    @cached_property
    def given(self) -> Given:
        """Return the options that several workflows use, as far as the command has them."""
        arguments = self.arguments
        return Given(
            command=arguments.verb,
            yes=getattr(arguments, "yes", False),
            timeout=arguments.timeout,
            allow_private=getattr(arguments, "allow_private", False),
            ca_bundle=getattr(arguments, "ca_bundle", None),
            chat_hosts=frozenset(getattr(arguments, "allow_chat_host", ())),
        )

    @cached_property
    def config_path(self) -> str:
        """Return the config directory: --config, else PROVISIONER_CONFIG, else the one found from here upwards."""
        return str(self.named_config or self._lookup.found or DEFAULT_CONFIG)

    @property
    def named_config(self) -> str | None:
        """Return the config directory that the user named."""
        return self.arguments.config or os.environ.get(CONFIG_VARIABLE) or None

    @property
    def config_option(self) -> str:
        """Return `` --config DIR`` for a command to run from here; empty if it finds the config itself."""
        given = self.arguments.config
        return "" if given in (None, DEFAULT_CONFIG) else f" --config {shlex.quote(given)}"

    @cached_property
    def _lookup(self) -> Lookup:
        from provisioner.declaration.lookup import find_config

        return find_config(Path.cwd())

    @cached_property
    def config(self) -> ConfigDirectory:
        from provisioner.declaration.load import ConfigDirectory

        if self.named_config is None and self._lookup.found is None:
            raise _no_config(self._lookup)
        return self.admitted(ConfigDirectory(Path(self.config_path)))

    def admitted(self, config: ConfigDirectory) -> ConfigDirectory:
        """Return ``config`` with the environment of --target-org."""
        if self._target_org is not None:
            from provisioner.declaration.environments import environment_of_alias

            config.admit(environment_of_alias(self._target_org, config.directory))
        return config

    @property
    def _target_org(self) -> str | None:
        """Return the alias of --target-org. Raises :class:`UsageError` if --env was also given."""
        alias: str | None = getattr(self.arguments, "target_org", None)
        if alias is not None and self.arguments.env:
            raise UsageError("--target-org takes the place of --env, and both were given.", next="Omit one of the two.")
        return alias

    @property
    def env_option(self) -> str | None:
        """Return the text of --target-org, --env or PROVISIONER_ENV."""
        if self._target_org is not None:
            return OF_TARGET_ORG + self._target_org
        return self.arguments.env or os.environ.get("PROVISIONER_ENV") or None

    @property
    def may_name_several(self) -> bool:
        """Return whether --env is a list or a glob. Then the output is a list, even if only one environment matches."""
        return self._target_org is None and any(character in (self.env_option or "") for character in f",{_GLOB}")

    def environment_names(self, *, required: bool = True) -> list[str]:
        """Return the environments that --env names: a name, a list with commas, globs; in the order given.

        Without --env and PROVISIONER_ENV: raises :class:`UsageError` if ``required``, else all environments.
        """
        known = self.config.environment_names()
        given = self.env_option
        if given is not None and self._target_org is not None:
            return [given]
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
                    self.config.environment_file(pattern)  # raises, with the nearest name
                matches = [pattern]
            names += [match for match in matches if match not in names]
        if not names:
            raise UsageError("No environment was named.", next=f"Environments here: {', '.join(known) or 'none'}.")
        return names

    def one_environment(self) -> str:
        """Return the one environment that --env names; several are a usage error."""
        names = self.environment_names()
        if len(names) > 1:
            raise UsageError(
                f"`provisioner {self.arguments.verb}` takes one environment; {len(names)} were named.",
                next="Run it once for each environment.",
            )
        return names[0]

    def resolver(self, folder: Path) -> Resolver:
        """Return a resolver of references in an environment file of ``folder``."""
        allowed = self.arguments.allow_commands or os.environ.get("PROVISIONER_ALLOW_COMMANDS") == "1"
        return Resolver(folder, allow_commands=allowed)


def _no_config(lookup: Lookup) -> InputError:
    foreign = "".join(f" {path} belongs to another user and is not used." for path in lookup.foreign)
    above = "" if lookup.last == Path.cwd() else f" and above it, up to {lookup.last}"
    return InputError(
        f"There is no declaration: {DEFAULT_CONFIG}/user-verification.yaml is missing in this folder{above}.{foreign}",
        next="Change to the folder of your project, name the config directory with --config DIR or "
        f"{CONFIG_VARIABLE}, or run `provisioner init` for a commented starting config.",
        code="no-declaration",
    )


def _require_current_folder() -> None:
    """Raise :class:`InputError` if the current folder was removed."""
    try:
        Path.cwd()
    except FileNotFoundError:
        raise InputError(
            "The current folder no longer exists.", next="Change to an existing folder.", code="no-folder"
        ) from None


def style_of(sink: Sink, *, plain: bool) -> Style:
    """Return the style of a stream: its width in columns, and its colours."""
    colorless = plain or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return Style(width=max(40, min(_columns(sink), 160)), color=sink.is_terminal and not colorless)


def _columns(sink: Sink) -> int:
    """Return COLUMNS, else the width of the terminal, else that of a pipe."""
    given = os.environ.get("COLUMNS", "")
    return (int(given) if given.isdecimal() else 0) or sink.columns or PIPED_WIDTH


class LogHandler(logging.Handler):
    """Writes log records on stderr as :func:`prefixed` text; drops the records of a silent speaker."""

    def __init__(self, output: Output) -> None:
        super().__init__()
        self._output = output
        self.setFormatter(logging.Formatter("%(levelname).1s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        if not is_silent():
            self._output.talk(prefixed(self.format(record)))
