"""Completion of a command line. The scripts of all shells call ``provisioner __complete``.

``__complete =CURRENT WORD…`` passes the word at the cursor, and the words before it. Each line of the answer is a
candidate, with its description after a tab; ``:files`` or ``:dirs`` asks the shell to complete paths. Completion uses
no network and resolves no secret; an error results in an empty answer.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence

from provisioner.cli.commands import GROUPS, VERBS
from provisioner.cli.main import find_verb, verb_parser

Candidate = tuple[str, str]
FILES, DIRECTORIES = ":files", ":dirs"
#: A shell inserts a candidate unchanged. An attacker may have written a declaration, so only harmless names are
#: offered.
_HARMLESS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@:+=/-]*")
_DESCRIPTION = 60
_EVERYWHERE = ("--config", "--env", "--timeout")


def answer(words: Sequence[str]) -> str:
    """Return the lines for a shell. Never raises."""
    try:
        current, before = words[0].removeprefix("="), list(words[1:])
        found = candidates(before, current)
        return "".join(f"{word}\t{text}\n" if text else f"{word}\n" for word, text in found)
    except Exception:
        return ""


def candidates(before: list[str], current: str) -> list[Candidate]:
    """Return the candidates at the cursor, after ``before``; only those that begin with ``current``."""
    before, current, prefix = _divided(before, current)
    verb, rest = find_verb(before)
    # The common options need no command's module; its import can take longer than a person waits.
    if (before and before[-1] in _EVERYWHERE) or (verb is None and before and before[-1] == "--format"):
        return _starting(_of_option(_any_parser(), "", before, before[-1], current), current, prefix)
    if verb is None or verb in GROUPS:
        if current.startswith("-"):
            return _starting(_options(_any_parser(), before), current, "")
        return _starting(_verbs(verb), current, "")
    if verb not in VERBS:
        return []
    parser = verb_parser(verb)
    if rest and before[-1] == rest[-1] and _wants_value(rest[-1], parser):
        return _starting(_of_option(parser, verb, before, rest[-1], current), current, prefix)
    if current.startswith("-"):
        return _starting(_options(parser, rest), current, "")
    action = _positional(parser, rest)
    return _starting(values(verb, action, before, current), current, "") if action is not None else []


def _divided(before: list[str], current: str) -> tuple[list[str], str, str]:
    """Split ``--option=value`` into two words; return also the prefix that the shell needs.

    Bash passes the ``=`` separately.
    """
    whole: list[str] = []
    for word in before:
        if word == "=" and whole and whole[-1].startswith("--"):
            continue
        option, equals, value = word.partition("=")
        whole += [option, value] if equals and option.startswith("--") else [word]
    if current == "=":
        return whole, "", ""
    option, equals, value = current.partition("=")
    if equals and option.startswith("--"):
        return [*whole, option], value, f"{option}="
    return whole, current, ""


def _starting(found: Iterator[Candidate] | list[Candidate], current: str, prefix: str) -> list[Candidate]:
    return [
        (word if word in (FILES, DIRECTORIES) else prefix + word, text)
        for word, text in found
        if word in (FILES, DIRECTORIES) or word.startswith(current)
    ]


def _any_parser() -> argparse.ArgumentParser:
    """Return a parser with the common options."""
    return verb_parser("version")


def _verbs(group: str | None) -> Iterator[Candidate]:
    if group is not None:
        for verb, summary in VERBS.items():
            if verb.startswith(f"{group} "):
                yield verb.partition(" ")[2], summary
        return
    for verb, summary in VERBS.items():
        if " " not in verb:
            yield verb, summary
    for each in sorted(GROUPS):
        yield each, "commands: " + ", ".join(verb.partition(" ")[2] for verb in VERBS if verb.startswith(f"{each} "))


def _takes_value(action: argparse.Action) -> bool:
    return action.nargs != 0


def _wants_value(word: str, parser: argparse.ArgumentParser) -> bool:
    action = parser._option_string_actions.get(word)
    return action is not None and _takes_value(action)


def _options(parser: argparse.ArgumentParser, used: Sequence[str]) -> Iterator[Candidate]:
    """Yield the long options that were not given yet."""
    for action in parser._actions:
        names = [name for name in action.option_strings if name.startswith("--")]
        again = isinstance(action, argparse._AppendAction | argparse._CountAction)
        if names and (again or not set(action.option_strings) & set(used)):
            yield names[0], _short(action.help or "")


def _positional(parser: argparse.ArgumentParser, rest: Sequence[str]) -> argparse.Action | None:
    """Return the positional argument at the cursor."""
    given = 0
    position = 0
    while position < len(rest):
        word = rest[position]
        if word.startswith("-") and word != "-":
            position += 2 if _wants_value(word, parser) else 1
        else:
            given += 1
            position += 1
    positionals = [action for action in parser._actions if not action.option_strings]
    return positionals[given] if given < len(positionals) else None


def _of_option(
    parser: argparse.ArgumentParser, verb: str, before: list[str], option: str, current: str
) -> Iterator[Candidate]:
    return values(verb, parser._option_string_actions[option], before, current)


def values(verb: str, action: argparse.Action, before: list[str], current: str) -> Iterator[Candidate]:
    """Yield the values of an argument."""
    if action.choices is not None:
        yield from ((str(choice), "") for choice in action.choices)
        return
    kind = kind_of(verb, action)
    if kind in (FILES, DIRECTORIES):
        yield kind, ""
    elif kind is not None:
        from provisioner.cli.completed_names import SOURCES  # reads YAML

        listed = SOURCES[kind](before)
        if kind == "environments" and "," in current:
            done = current.rpartition(",")[0]
            listed = ((f"{done},{name}", text) for name, text in listed if name not in done.split(","))
        for name, text in listed:
            if all(map(_HARMLESS.fullmatch, name.split(","))):
                yield name, _short(text)


#: The kind of an argument's value, by its placeholder in the help text.
_BY_METAVAR = {
    "FILE": FILES, "F": FILES, "PLANFILE": FILES, "FILE|-": FILES, "OUT": FILES, "RECORD": FILES, "DIR": DIRECTORIES,
    "ADDRESS": "addresses", "ENTRY": "entries", "KEYSET": "keysets", "KIND": "kinds",
}  # fmt: skip
#: The kind by the argument's name.
_BY_DEST = {
    "env": "environments", "admin_env": "environments", "source": "environments", "target": "environments",
    "keyset": "keysets", "key": "keys", "new": "keys", "old": "keys", "revoke": "keys", "confirm": "keys",
    "kid": "kids", "channel": "channels", "configuration": "configurations", "deployment": "deployments",
    "id": "rules", "only": "experiments",
}  # fmt: skip


def kind_of(verb: str, action: argparse.Action) -> str | None:
    """Return the kind of an argument's value; None if it is unknown."""
    if verb in ("localorg break", "localorg mend") and action.dest == "name":
        return "faults"
    if verb == "keys generate" and action.dest == "kid":
        return None  # a new one
    return _BY_METAVAR.get(str(action.metavar)) or _BY_DEST.get(action.dest)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _DESCRIPTION else f"{text[: _DESCRIPTION - 1]}…"
