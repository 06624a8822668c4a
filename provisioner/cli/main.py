"""The command line: finds the one command asked for, builds its parser alone, runs it, and ends the process.

Options that hold everywhere may stand before or after the command's name. Only the asked-for command's module is
imported, so that `provisioner --version` costs next to nothing.
"""

from __future__ import annotations

import importlib
import keyword
import sys
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

from provisioner import __version__
from provisioner.cli.output import Output, open_missing_streams
from provisioner.errors import ExitStatus, ProvisionerError, UsageError

if TYPE_CHECKING:
    import argparse

VERBS = {
    "init": "write a commented starting config",
    "validate": "check the declaration, without an org and without secrets",
    "plan": "show what would change in an org",
    "apply": "change the org as planned, read it back, and say so",
    "restore": "list earlier applies, or plan one back to what was there before it",
    "promote": "bring to one environment what another was proven to run",
    "drift": "show what an org has otherwise than declared, and who changed it last",
    "import": "write what an org holds as a declaration, or bring it into the one there is",
    "export": "write what apply would send as a project of the official CLI",
    "render": "show the merged declaration, each value with its origin",
    "envs": "list the environments",
    "rules": "list the checks, or explain one",
    "schema": "print the JSON Schema of the config files",
    "keys generate": "make a key pair, its certificate, and its entry in the declaration",
    "keys rotate": "put a new signing key in the place of an old one, in safe steps",
    "keys inspect": "say what a file of key material is, and whose",
    "keys expiring": "list certificates by the date they end on",
    "keys jwks": "print the JWKS that an endpoint of your own should serve",
    "token mint": "make an identity token with the private key of a declared key",
    "token explain": "say why Salesforce would refuse a token",
    "diagnose endpoint": "say whether Salesforce finds its keys at a JWKS endpoint",
    "diagnose login": "say why a login fails, prove it, and give the fix",
    "diagnose key": "say why Salesforce does not take a key, and repair it",
    "verify": "prove at the chat runtime that customers are not guests",
    "diagnose chat": "find out why customers are guests",
    "localorg start": "start a whole org on this machine",
    "localorg stop": "stop it",
    "localorg reset": "make it newborn again",
    "localorg status": "say whether it runs, and what is broken",
    "localorg break": "let it misbehave in a named way",
    "localorg mend": "let it behave again",
    "completion": "print a completion script for a shell",
    "version": "print the version",
}
#: Groups whose commands are so small that they share a module.
ONE_MODULE = {"localorg"}
GROUPS = {verb.split()[0] for verb in VERBS if " " in verb}
#: Options that hold everywhere and take a value: needed to find the command's name among the words.
_TAKE_VALUE = {"--config", "--env", "--format", "--timeout"}


class Invocation(NamedTuple):
    """A command line taken apart: the verb, its module, its parsed arguments."""

    verb: str
    module: ModuleType
    arguments: argparse.Namespace


def entry() -> None:
    """The console script."""
    open_missing_streams()
    try:
        status = main(sys.argv[1:])
        from provisioner.cli import ending

        ending.deaf()
    except KeyboardInterrupt:  # before or after everything that could be said about it
        status = ExitStatus.INTERRUPTED
    sys.exit(status)


def main(words: list[str]) -> int:
    """Run one command line; return the exit status. Never raises, never shows a traceback unless asked by -vv.

    Output that was lost is never a success.
    """
    output = Output()
    status = _run(words, output)
    if output.stdout.failure is not None:
        from provisioner.cli import ending

        return ending.incomplete(status, words, output)
    return status


def _run(words: list[str], output: Output) -> int:
    if words == ["--version"]:
        output.stdout.text(f"provisioner {__version__}\n")
        return ExitStatus.DONE
    from provisioner.cli import ending

    with ending.signals():
        try:
            found = parse(words)
            if isinstance(found, str):
                output.stdout.text(found)
                return ExitStatus.DONE
            from provisioner.cli.context import Context

            return int(found.module.run(found.arguments, Context(found.arguments, output)))
        except BaseException as error:
            return ending.end(error, words, output)


def parse(words: list[str]) -> Invocation | str:
    """Take the command line apart; return the help text if it asks for help. Raises :class:`UsageError`."""
    verb, rest = find_verb(words)
    if verb is None:
        if not words or words[0] in ("-h", "--help", "help"):
            return overview()
        raise UsageError("No command was given.", next="Run `provisioner --help` for the list of commands.")
    if verb in GROUPS:
        parts = [name for name in VERBS if name.startswith(f"{verb} ")]
        if "-h" in rest or "--help" in rest:
            return overview(verb)
        raise UsageError(
            f"`provisioner {verb}` needs one more word.", next="One of: " + ", ".join(f"`{name}`" for name in parts)
        )
    if verb not in VERBS:
        from difflib import get_close_matches

        near = get_close_matches(verb, VERBS, n=1)
        hint = f" Did you mean `{near[0]}`?" if near else ""
        raise UsageError(f"There is no command `{verb}`.{hint}", next="Run `provisioner --help` for the list.")
    parser = verb_parser(verb)
    if "--help" in rest or "-h" in rest:
        return parser.format_help()
    from provisioner.cli.options import HelpAsked

    try:
        return Invocation(verb, verb_module(verb), parser.parse_args(rest))
    except HelpAsked:  # -qh
        return parser.format_help()


def find_verb(words: list[str]) -> tuple[str | None, list[str]]:
    """The verb (one word, or two for a group) and all other words in their order."""
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
    """The module of a verb: ``verbs/plan.py``, ``verbs/token_explain.py``; ``verbs/localorg.py`` for a whole group.

    A verb that is one of Python's own words has a line after it: ``verbs/import_.py``.
    """
    name = verb.split()[0] if verb.split()[0] in ONE_MODULE else verb.replace(" ", "_")
    if keyword.iskeyword(name):
        name += "_"
    return importlib.import_module(f"provisioner.cli.verbs.{name}")


def verb_parser(verb: str) -> argparse.ArgumentParser:
    """The parser of one verb, common options included."""
    from provisioner.cli.options import Parser, add_common

    module = verb_module(verb)
    parser = Parser(
        prog=f"provisioner {verb}",
        description=getattr(module, "DESCRIPTION", None) or VERBS[verb].capitalize() + ".",
        epilog=getattr(module, "EPILOG", None),
    )
    parser.set_defaults(verb=verb)
    module.configure(parser)
    add_common(parser, formats=getattr(module, "FORMATS", ("human", "json")))
    return parser


def build_parser() -> argparse.ArgumentParser:
    """One parser of all verbs, for completion scripts. Imports every verb."""
    from provisioner.cli.options import Parser, add_common

    top = Parser(prog="provisioner", description="Salesforce chat user verification as code.")
    commands = top.add_subparsers(dest="verb", metavar="command")
    groups = {}
    for verb, summary in VERBS.items():
        first, _, second = verb.partition(" ")
        if second and first not in groups:
            group = commands.add_parser(first, help=f"{first} commands")
            groups[first] = group.add_subparsers(dest="part", metavar="command")
        target = groups[first] if second else commands
        parser = target.add_parser(second or first, help=summary)
        parser.set_defaults(verb=verb)
        module = verb_module(verb)
        module.configure(parser)
        add_common(parser, formats=getattr(module, "FORMATS", ("human", "json")))
    return top


def overview(group: str | None = None) -> str:
    """The help text: every command (of a group) in a line."""
    names = [verb for verb in VERBS if group is None or verb.startswith(f"{group} ")]
    width = max(map(len, names)) + 2
    lines = [f"  {verb:<{width}}{VERBS[verb]}" for verb in names]
    head = f"usage: provisioner {group + ' ' if group else ''}COMMAND [options]\n"
    about = (
        ""
        if group
        else "\nSalesforce chat user verification as code: write it once, plan it, apply it, read it back.\n"
    )
    foot = (
        "\nEverywhere, before or after the command: --config DIR, --env NAME, --format, -v, -vv, -q, --no-color,\n"
        "--no-input, --timeout SECONDS, --allow-commands. `provisioner COMMAND --help` says more.\n"
    )
    return f"{head}{about}\ncommands:\n" + "\n".join(lines) + f"\n{foot}"


__all__ = ["ProvisionerError", "build_parser", "entry", "main"]
