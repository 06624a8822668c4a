"""``provisioner diagnose paste``: the cause in the output of any other program."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from provisioner.cli.context import Context
from provisioner.cli.options import add_details
from provisioner.errors import InputError, UsageError

FORMATS = ("human", "json", "markdown", "junit")
DESCRIPTION = """Explain what another program printed: a client that logs in, a CI log, a signing library, the chat
runtime, the chat page or its console. Nothing is sent, and no environment is needed.

Everything in the text is evidence: hosts, usernames, claims of an assertion, Date headers, the order of attempts.
Tokens and keys in it are never printed again."""
EPILOG = """examples:
  provisioner diagnose paste ci.log
  sf org login jwt ... 2>&1 | provisioner diagnose paste
  provisioner diagnose paste --env sandbox --details < console.txt

exits with 1 if the text was read: it is about a failure; JSON has the shape of `diagnose login`"""
#: An error is short; a longer file is something else.
_MOST_BYTES = 20_000_000


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", default="-", metavar="FILE", help="the text; - or nothing reads stdin")
    add_details(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.diagnosis.login.diagnosis import diagnose
    from provisioner.report.login_diagnosis import diagnosis_json
    from provisioner.workflows.diagnose_login import explained, show_diagnosis

    text = _text(arguments.file, context)
    if not text.strip():
        raise UsageError(
            "The text is empty.", next="Name a file with the program's output, or pipe the output to this command."
        )
    diagnosis = diagnose(explained(context, text))
    show_diagnosis(context, diagnosis, lambda: diagnosis_json(diagnosis), details=arguments.details)
    return diagnosis.verdict.exit_status


def _text(name: str, context: Context) -> str:
    if name == "-":
        if sys.stdin.isatty():
            context.say("Paste the text, then press Ctrl-D (Windows: Ctrl-Z and Enter).")
        buffer = getattr(sys.stdin, "buffer", None)
        return sys.stdin.read() if buffer is None else _decoded(buffer.read(_MOST_BYTES))
    try:
        with Path(name).open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"{name} cannot be read: {(error.strerror or 'error').lower()}.",
            next="Name a file with the program's output, or pipe the output to this command.",
        ) from None
    if len(content) > _MOST_BYTES:
        raise InputError(f"{name} is larger than 20 MB.", next="Give the lines around the error alone.")
    return _decoded(content)


def _decoded(content: bytes) -> str:
    """Return the text; PowerShell redirects in UTF-16."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    return content.decode("utf-8-sig", "replace")
