"""The exit of the process: every error becomes a sentence, a next step and an exit status."""

from __future__ import annotations

import traceback
from collections.abc import Sequence

from provisioner.cli.context import style_of
from provisioner.cli.output import Output, reason
from provisioner.diagnostics import Diagnostic
from provisioner.errors import ExitStatus, InternalError, ProvisionerError, as_ours
from provisioner.report.document import joined
from provisioner.report.errors import error_json, error_view, findings_of
from provisioner.report.findings import findings_view
from provisioner.report.github import error_github, findings_github
from provisioner.report.json import json_text
from provisioner.report.junit import error_suites, junit_xml
from provisioner.report.terminal import terminal


class IncompleteOutputError(ProvisionerError):
    """stdout did not accept the whole result."""

    code = "incomplete-output"


def end(error: BaseException, words: list[str], output: Output) -> int:
    """Report what ended the run, in the format that the words asked for; return the exit status."""
    if isinstance(error, SystemExit):
        return int(error.code or 0) if isinstance(error.code, int | None) else ExitStatus.USAGE
    ours = as_ours(_first_interrupt(error))
    if isinstance(ours, InternalError) and "-vv" in words:
        output.talk("".join(traceback.format_exception(error)))
    report(ours, words, output)
    return ours.exit_status


def incomplete(status: int, words: list[str], output: Output) -> int:
    """Report that stdout did not take the whole result; return the exit status, which is then never a success.

    Nothing is printed if the reader of a pipe has gone (``| head``): it had enough.
    """
    failure = output.stdout.failure
    if failure is None:
        return status
    incomplete_status = ExitStatus.WRONG_INPUT if status in (ExitStatus.DONE, ExitStatus.CHANGES_PENDING) else status
    if output.stdout.reader_is_gone:
        return incomplete_status
    lost = IncompleteOutputError(
        f"The output is incomplete: standard output could not be written ({reason(failure)}).",
        next="Check the target of standard output (a full disk, a closed stream), and run the command again. Changes "
        "that this run made are kept.",
    )
    _in_words(lost, (), words, output)
    return incomplete_status


def _first_interrupt(error: BaseException) -> BaseException:
    """Return the error of the first Ctrl-C if a second one interrupted its handling: it has the facts."""
    found: BaseException | None = error
    while isinstance(found, KeyboardInterrupt):
        found = found.__context__
    knows = isinstance(found, ProvisionerError) and found.exit_status is ExitStatus.INTERRUPTED
    return found if knows and found is not None else error


def report(error: ProvisionerError, words: list[str], output: Output) -> None:
    """Print an error: with --format json as the one document on stdout, else as sentences on stderr.

    stdout is exactly one document: an error that comes after it, or that it did not take, goes to stderr. With the
    formats of a CI it goes to both: the document is for a report, stderr for the log.
    """
    findings = findings_of(error)
    is_first = not output.stdout.written
    if is_first and (wants("json", words) or wants("gitlab", words)):
        output.document(json_text(error_json(error)))
        if wants("json", words) and output.stdout.failure is None:
            return
    elif is_first and wants("junit", words):
        output.document(junit_xml("run", error_suites(error)))
    if wants("github", words):
        from provisioner.cli.sources import relative_to, source_root  # loads the YAML parser

        found = findings_github(findings, relative_to(source_root()))
        output.document("\n".join(filter(None, (found, error_github(error)))), commands=True)
    _in_words(error, findings, words, output)


def _in_words(error: ProvisionerError, findings: Sequence[Diagnostic], words: list[str], output: Output) -> None:
    """Print an error on stderr."""
    document = error_view(error)
    if findings:
        from provisioner.cli.sources import read_lines  # loads the YAML parser

        document = joined([findings_view(findings, read_lines), document])
    style = style_of(output.stderr, plain="--no-color" in words)
    output.paint(f"{terminal(document, style)}\n")


def wants(shown: str, words: list[str]) -> bool:
    """Return whether the words name a format, even if they cannot be parsed."""
    return f"--format={shown}" in words or any(
        word == "--format" and after == shown for word, after in zip(words, words[1:], strict=False)
    )
