"""``provisioner diagnose paste``: the cause in the output of any other program."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from provisioner.cli.context import Context
from provisioner.diagnosis.login.diagnosis import diagnose
from provisioner.errors import InputError, UsageError
from provisioner.report.login_diagnosis import diagnosis_json
from provisioner.workflows.diagnose_login import explained, show_diagnosis

#: An error is short; a longer file is something else.
_MOST_BYTES = 20_000_000


def run(arguments: argparse.Namespace, context: Context) -> int:
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
