"""``provisioner probe``: settle beliefs about orgs on a sandbox, and clean up."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.cli.context import Context
from provisioner.cli.options import add_wait
from provisioner.errors import ExitStatus, UsageError

if TYPE_CHECKING:
    from provisioner.experiments.record import Listed, Record

FORMATS = ("human", "json", "markdown")
DESCRIPTION = """Run experiments on a sandbox, and record how the org behaves (docs/unproven.md). The command shows the
list and asks. It creates only components named uvprobe_…, and removes them whatever happens. With --channel it also
changes one inactive channel, and puts it back. It never runs in production. The record names no org, no user and no
component of yours."""
EPILOG = """examples:
  provisioner probe --env sandbox
  provisioner probe --env sandbox --channel Test_Chat --out record.json
  provisioner probe --env sandbox --only keyset-type --only x5c --yes
  provisioner probe --env sandbox --clean

Exits with 0 if every experiment ran, settled or not; 3 if the org or the channel must not be probed; 4 if the org is
out of reach; 5 if something remains in the org; 130 if it was interrupted."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--only", metavar="NAME", action="append", default=[], help="only this experiment (repeatable)")
    parser.add_argument("--channel", metavar="NAME", help="an inactive channel to change and to put back")
    parser.add_argument(
        "--out", metavar="FILE", type=Path, help="also write the record: JSON, or Markdown if the name ends with .md"
    )
    parser.add_argument("--clean", action="store_true", help="only remove what an earlier probe left")
    parser.add_argument("--yes", action="store_true", help="skip the confirmation")
    add_wait(parser, "a deployment")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report.probe_json import cleaned_json
    from provisioner.report.probe_view import cleaned_view
    from provisioner.workflows.probe import ProbeOptions, probe

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
    from provisioner.report.probe_view import listed_view
    from provisioner.report.terminal import terminal

    if context.arguments.format == "human":
        context.show(lambda: listed_view(listed))
    if context.is_interactive and not context.given.yes:
        context.show_question(lambda style: terminal(listed_view(listed), style))


def _show(context: Context, record: Record) -> None:
    from provisioner.report.markdown import markdown
    from provisioner.report.probe_json import probe_json
    from provisioner.report.probe_view import probe_view, record_view

    context.show(
        lambda: probe_view(record), lambda: probe_json(record), markdown=lambda: markdown(record_view(record), top=1)
    )
