"""How the process ends: every error becomes a sentence, a next step and an exit status."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING

from provisioner.cli.speaking import write
from provisioner.errors import ExitStatus, ProvisionerError
from provisioner.secrets import redactor

if TYPE_CHECKING:
    from provisioner.diagnostics import Diagnostic


class InterruptedRunError(ProvisionerError):
    """Ctrl-C, SIGTERM, or a terminal that has gone."""

    code = "interrupted"
    exit_status = ExitStatus.INTERRUPTED


class InternalError(ProvisionerError):
    """A defect of ours."""

    code = "internal"


#: Signals that end a run as Ctrl-C does: asked to stop; the terminal, or the laptop's lid, was closed.
_INTERRUPTING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextlib.contextmanager
def signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP interrupt as Ctrl-C does, while a command runs; what is ignored (nohup) stays so."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {}
    with contextlib.suppress(ValueError):  # not the main thread: somebody else's process
        for number in _INTERRUPTING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def deaf() -> None:
    """From here on nothing interrupts: the last words are being said."""
    with contextlib.suppress(ValueError):
        for number in (signal.SIGINT, *_INTERRUPTING):
            signal.signal(number, signal.SIG_IGN)


def end(error: BaseException, words: list[str]) -> int:
    """Say what ended the run, in the format that the words asked for; returns the exit status."""
    if isinstance(error, BrokenPipeError):
        # Whoever read our output has gone; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitStatus.DONE
    if isinstance(error, SystemExit):
        return int(error.code or 0) if isinstance(error.code, int | None) else ExitStatus.USAGE
    ours = as_ours(_first_interrupt(error))
    if isinstance(ours, InternalError) and "-vv" in words:
        sys.stderr.write(redactor.redact("".join(traceback.format_exception(error))))
    report(ours, words)
    return ours.exit_status


def _first_interrupt(error: BaseException) -> BaseException:
    """What the first Ctrl-C ended with, where a second one came while that was being seen to: it knows more."""
    found: BaseException | None = error
    while isinstance(found, KeyboardInterrupt):
        found = found.__context__
    knows = isinstance(found, ProvisionerError) and found.exit_status is ExitStatus.INTERRUPTED
    return found if knows and found is not None else error


def as_ours(error: BaseException) -> ProvisionerError:
    """Any error as one that has a next step; what nobody foresaw is a defect of ours."""
    if isinstance(error, ProvisionerError):
        return error
    if isinstance(error, KeyboardInterrupt):
        return InterruptedRunError("Interrupted.", next="Nothing more is sent. Run the command again when you like.")
    from provisioner.project import report_to

    return InternalError(
        f"A defect of this program stopped it ({type(error).__name__}).",
        next=f"Nothing further was sent. Run again with -vv for the details, and report them {report_to()}.",
    )


def report(error: ProvisionerError, words: list[str]) -> None:
    """Print an error: one JSON document on stdout with --format json, else sentences on stderr."""
    findings: tuple[Diagnostic, ...] = getattr(error, "findings", ())
    if wants_json(words):
        from provisioner.report.errors import error_json
        from provisioner.report.json_text import json_text

        write(sys.stdout, redactor.redact(json_text(error_json(error, findings))) + "\n")
        return
    from provisioner.cli.context import style_of
    from provisioner.report.errors import error_terminal

    style = style_of(sys.stderr, plain="--no-color" in words)
    text = error_terminal(error, style)
    if findings:
        from provisioner.cli.sources import read_lines
        from provisioner.report.findings_terminal import findings_terminal

        text = f"{findings_terminal(findings, style, read_lines)}\n\n{text}"
    write(sys.stderr, redactor.redact(text) + "\n")


def wants_json(words: list[str]) -> bool:
    """Whether the words ask for JSON, even where they cannot be parsed."""
    return "--format=json" in words or any(
        word == "--format" and after == "json" for word, after in zip(words, words[1:], strict=False)
    )
