"""``provisioner probe``: settle beliefs about orgs on a sandbox, and clean up."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.errors import ExitStatus, UsageError
from provisioner.experiments.record import Listed, Record
from provisioner.report.markdown import markdown
from provisioner.report.probe import cleaned_json, cleaned_view, listed_view, probe_json, probe_view, record_view
from provisioner.report.terminal import terminal
from provisioner.workflows.probe import ProbeOptions, probe


def run(arguments: argparse.Namespace, context: Context) -> int:
    if arguments.clean and (arguments.only or arguments.channel or arguments.out):
        raise UsageError("--clean runs no experiment.", next="Omit --only, --channel and --out.")
    asked = ProbeOptions(tuple(arguments.only), arguments.channel, arguments.clean, arguments.out, arguments.wait)
    probed = probe(context, asked, lambda listed: _show_list(context, listed))
    if probed.record is not None and (probed.error is None or not context.wants_json):
        _show(context, probed.record)
    if probed.error is not None:
        raise probed.error
    if arguments.clean:
        context.show(lambda: cleaned_view(probed.listed), lambda: cleaned_json(probed.listed))
    return ExitStatus.DONE


def _show_list(context: Context, listed: Listed) -> None:
    if context.arguments.format == "human":
        context.show(lambda: listed_view(listed))
    if context.is_interactive and not context.given.yes:
        context.show_question(lambda style: terminal(listed_view(listed), style))


def _show(context: Context, record: Record) -> None:
    context.show(
        lambda: probe_view(record), lambda: probe_json(record), markdown=lambda: markdown(record_view(record), top=1)
    )
