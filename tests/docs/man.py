"""The man pages, made of the code as docs/reference is: ``provisioner(1)`` and one for each command."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from functools import cache

from provisioner import __version__
from provisioner.cli.commands import SECTIONS, VERBS
from provisioner.cli.main import verb_parser, verb_syntax
from provisioner.cli.options import add_common
from provisioner.errors import ExitStatus
from tests.docs.reference import EXITS, ROOT, VARIABLES

FOLDER = ROOT / "man"
_ABOUT = """\
Write the keys, keysets, issuers, user verification and token expirations of Enhanced Chat once, in YAML; plan the
changes of an org, apply them in one transaction, and read them back."""
_EVERYWHERE = "everywhere"
_TITLES = {"options": "OPTIONS", "positional arguments": "ARGUMENTS"}
_FILES = {
    "config/user-verification.yaml": "The declaration.",
    "config/environments/NAME.yaml": "An environment.",
    "config/logins.yaml": "The declared logins.",
    "config/keys": "The public key material.",
    "~/.local/state/provisioner": "The journal, locks and records of rotations.",
}


@cache
def pages() -> dict[str, str]:
    """Return every man page by its file name."""
    return {"provisioner.1": _program()} | {f"{_page(verb)}.1": _command(verb) for verb in VERBS}


def _page(verb: str) -> str:
    return f"provisioner-{verb.replace(' ', '-')}"


def _program() -> str:
    common = argparse.ArgumentParser(add_help=False)
    add_common(common, formats=("human", "json", "markdown"))
    lines = [*_head("provisioner", "Salesforce chat user verification as code")]
    lines += [".SH SYNOPSIS", ".B provisioner", r".I COMMAND", "[options]", ".SH DESCRIPTION"]
    lines += [_text(_ABOUT)]
    lines += [".SH COMMANDS"]
    for section, verbs in SECTIONS.items():
        lines += [f".SS {_text(section[:1].upper() + section[1:])}"]
        for verb, summary in verbs.items():
            lines += [".TP", f".BR {_text(_page(verb))} (1)", _text(f"{summary[:1].upper()}{summary[1:]}.")]
    lines += [".SH OPTIONS", "Every command has these options, before or after its name."]
    lines += [line for action in _actions(common) for line in _option(action)]
    lines += [".SH EXIT STATUS"]
    for status in ExitStatus:
        lines += [".TP", f".B {int(status)}", _text(EXITS[status])]
    lines += ["With several environments a command exits with the worst of theirs: 130, then 5, 4, 3, 6, 1, 2, 0."]
    lines += [".SH ENVIRONMENT", *_listed(VARIABLES), ".SH FILES", *_listed(_FILES)]
    return _whole(lines)


def _command(verb: str) -> str:
    parser, syntax = verb_parser(verb), verb_syntax(verb)
    lines = [*_head(_page(verb), VERBS[verb]), ".SH SYNOPSIS", f".B provisioner {_text(verb)}"]
    usage = " ".join(parser.format_usage().split()).removeprefix(f"usage: provisioner {verb} ")
    usage = re.sub(r" ?\[--config DIR\].*?\[--untrusted\]", " [options]", usage.removeprefix("[-h] "))
    lines += [
        _text(usage.strip()),
        ".SH DESCRIPTION",
        *_paragraphs(syntax.description),
    ]
    for group in parser._action_groups:
        actions = [action for action in group._group_actions if "-h" not in action.option_strings]
        if actions and group.title != _EVERYWHERE:
            title = group.title or ""
            lines += [f".SH {_TITLES[title]}" if title in _TITLES else f".SS {_text(title[:1].upper() + title[1:])}"]
            lines += [line for action in actions for line in _option(action)]
    formats = ", ".join(syntax.formats)
    lines += [".SH FORMATS", _text(f"{formats}.")]
    for block in filter(None, syntax.epilog.split("\n\n")):
        lines += list(_epilog(block))
    return _whole([*lines, ".SH SEE ALSO", r".BR provisioner (1)"])


def _head(name: str, summary: str) -> Iterator[str]:
    yield r""".\" Made of the code by `python -m tests.docs.reference`. Do not edit it."""
    yield f'.TH {_text(name.upper())} 1 "" "provisioner {__version__}" "User commands"'
    yield ".SH NAME"
    yield f"{_text(name)} \\- {_text(summary)}"


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        yield ".PP"
        yield _text(" ".join(paragraph.split()))


def _epilog(block: str) -> Iterator[str]:
    """Yield a block of an epilog: a title with lines below it, which stay as they are, or a paragraph."""
    if "\n " not in block:
        yield from (".SH NOTES", _text(" ".join(block.split())))
        return
    title, _, lines = block.partition("\n")
    yield f".SH {_text(title.rstrip(':').upper())}"
    yield from (".nf", *(_text(line.removeprefix("  ")) for line in lines.splitlines()), ".fi")


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return [action for action in parser._actions if "-h" not in action.option_strings]


def _option(action: argparse.Action) -> Iterator[str]:
    names = ", ".join(rf"\fB{_text(name)}\fR" for name in action.option_strings)
    value = _text(str(action.metavar or "|".join(map(str, action.choices or ())) or action.dest))
    yield ".TP"
    if not names:
        yield rf"\fI{value}\fR"
    else:
        yield names if action.nargs == 0 else rf"{names} \fI{value}\fR"
    yield _text(action.help or "")


def _listed(texts: dict[str, str]) -> Iterator[str]:
    for name, text in texts.items():
        yield from (".TP", rf"\fB{_text(name)}\fR", _text(text))


def _text(text: str) -> str:
    """Return a text in which nothing is roff: no escapes, no requests at the start of a line."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-").replace("`", r"\(ga").replace("'", r"\(aq")
    escaped = escaped.replace("^", r"\(ha").replace("~", r"\(ti").replace("…", r"\&...").replace('"', r"\(dq")
    return re.sub(r"^([.])", r"\\&\1", escaped, flags=re.MULTILINE)


def _whole(lines: list[str]) -> str:
    return "\n".join(line for line in lines if line) + "\n"
