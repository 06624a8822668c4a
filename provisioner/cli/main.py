"""The command line: finds the requested command, builds only its parser, runs it, and exits.

Common options may precede or follow the command's name. Only the requested command's module is imported, so that
`provisioner --version` is fast.
"""

from __future__ import annotations

import gc
import importlib
import keyword
import sys
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

from provisioner import __version__
from provisioner.cli.commands import GROUPS, SECTIONS, VERBS, overview
from provisioner.cli.output import Output, open_missing_streams
from provisioner.cli.signals import ignore_signals, interrupting
from provisioner.errors import ExitStatus, ProvisionerError, UsageError
from provisioner.names import nearest
from provisioner.untrusted import is_asked_for, running

if TYPE_CHECKING:
    import argparse

    from provisioner.cli.options import Syntax

#: Groups of commands that share one module.
ONE_MODULE = {"localorg"}
#: The hidden command of completion scripts.
COMPLETE = "__complete"
#: Common options that take a value: needed to find the command's name among the words.
_TAKE_VALUE = {"--config", "--env", "--format", "--timeout"}
#: A run is short and makes few reference cycles. With Python's own 700, the collector would search a large plan
#: thousands of times.
_COLLECT_AFTER = 200_000


class Invocation(NamedTuple):
    """A parsed command line: the module that runs it, and its arguments."""

    module: ModuleType
    arguments: argparse.Namespace


def entry() -> None:
    """Run the console script."""
    open_missing_streams()
    gc.set_threshold(_COLLECT_AFTER)
    try:
        status = main(sys.argv[1:])
        ignore_signals()
    except KeyboardInterrupt:  # before or after any message about it
        status = ExitStatus.INTERRUPTED
    sys.exit(status)


def main(words: list[str]) -> int:
    """Run one command line; return the exit status. Never raises; shows a traceback only with -vv.

    The status is never a success if output was lost.
    """
    output = Output()
    status = _run(words, output)
    if output.stdout.failure is not None:
        from provisioner.cli.exits import incomplete

        return incomplete(status, words, output)
    return status


def _run(words: list[str], output: Output) -> int:
    if words == ["--version"]:
        output.stdout.text(f"provisioner {__version__}\n")
        return ExitStatus.DONE
    if words[:1] == [COMPLETE]:
        from provisioner.cli.completing import answer

        output.stdout.document(answer(words[1:]))
        return ExitStatus.DONE
    with interrupting():
        try:
            found = parse(words)
            if isinstance(found, str):
                output.stdout.text(found)
                return ExitStatus.DONE
            from provisioner.cli.context import Context

            with running(is_asked_for(found.arguments.untrusted)):
                return int(found.module.run(found.arguments, Context(found.arguments, output)))
        except BaseException as error:
            from provisioner.cli.exits import end

            return end(error, words, output)


def parse(words: list[str]) -> Invocation | str:
    """Parse the command line; return the help text if it asks for help. Raises :class:`UsageError`."""
    asks_help = not words or words[0] == "help" or not {"-h", "--help"}.isdisjoint(_options(words))
    verb, rest = find_verb(words[1:] if words[:1] == ["help"] else words)
    if verb is None:
        if not asks_help:
            raise UsageError("No command was given.", next="Run `provisioner --help` for the list of commands.")
        return overview()
    if verb not in VERBS and verb not in GROUPS:
        raise _unknown_command(verb)
    if asks_help:
        return overview(verb) if verb in GROUPS else verb_parser(verb).format_help()
    if verb in GROUPS:
        parts = ", ".join(f"`{name}`" for name in VERBS if name.startswith(f"{verb} "))
        raise UsageError(f"`provisioner {verb}` needs a subcommand.", next=f"One of: {parts}.")
    parser = verb_parser(verb)
    from provisioner.cli.options import HelpAsked

    try:
        arguments = parser.parse_args(rest)
    except HelpAsked:  # -qh
        return parser.format_help()
    return Invocation(verb_module(verb), arguments)


def _options(words: list[str]) -> list[str]:
    """Return the words before ``--``: the words after it are not options."""
    return words[: words.index("--")] if "--" in words else words


def _unknown_command(verb: str) -> UsageError:
    near = nearest(verb, (*VERBS, *GROUPS))
    hint = f" Did you mean `{near}`?" if near else ""
    return UsageError(f"There is no command `{verb}`.{hint}", next="Run `provisioner --help` for the list.")


def find_verb(words: list[str]) -> tuple[str | None, list[str]]:
    """Return the verb (one word, or two for a group) and all other words in their order."""
    found: list[str] = []
    rest: list[str] = []
    position = 0
    while position < len(words):
        word = words[position]
        wants_more = not found or (len(found) == 1 and found[0] in GROUPS)
        if word == "--":
            rest.extend(words[position:])
            break
        if wants_more and not word.startswith("-"):
            found.append(word)
        else:
            rest.append(word)
            if wants_more and word in _TAKE_VALUE and position + 1 < len(words):
                position += 1
                rest.append(words[position])
        position += 1
    return (" ".join(found) if found else None), rest


def verb_module(verb: str) -> ModuleType:
    """Return the module that runs a verb: ``verbs/plan.py``, ``verbs/token_explain.py``.

    A group such as ``localorg`` has one module. If the verb is a keyword of Python, an underscore follows it:
    ``verbs/import_.py``.
    """
    name = verb.split()[0] if verb.split()[0] in ONE_MODULE else verb.replace(" ", "_")
    if keyword.iskeyword(name):
        name += "_"
    return importlib.import_module(f"provisioner.cli.verbs.{name}")


def verb_syntax(verb: str) -> Syntax:
    """Return the options and the help of a verb, without the module that runs it.

    ``KEYS_ROTATE`` of ``syntax/keys_and_tokens.py``: the module is named after the section of the overview.
    """
    section = next(name for name, verbs in SECTIONS.items() if verb in verbs)
    module = importlib.import_module(f"provisioner.cli.syntax.{section.lower().replace(' ', '_')}")
    syntax: Syntax = getattr(module, verb.replace(" ", "_").upper())
    return syntax


def verb_parser(verb: str) -> argparse.ArgumentParser:
    """Return the parser of one verb, with the common options."""
    from provisioner.cli.options import Parser, add_common

    syntax = verb_syntax(verb)
    parser = Parser(prog=f"provisioner {verb}", description=syntax.description, epilog=syntax.epilog or None)
    parser.set_defaults(verb=verb)
    syntax.configure(parser)
    add_common(parser, formats=syntax.formats)
    return parser


__all__ = ["ProvisionerError", "entry", "main"]
