"""``provisioner status``: the verifying channels and keys, the expiry dates, and the drift."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.cli.context import Context
from provisioner.cli.options import add_target_org
from provisioner.errors import ExitStatus, ProvisionerError, UsageError

if TYPE_CHECKING:
    from provisioner.report.document import Document
    from provisioner.report.status_state import States

FORMATS = ("human", "json", "markdown", "html")
DESCRIPTION = """Show the state of one or several environments (a comma-separated list, globs): the channels that
verify customers, their configurations, issuers and keys, what visitors get of their deployments, the sessions of
verified customers and of guests in the last 14 days, the certificates by expiry date, and what differs from the
declaration. The command reads the orgs in parallel and writes nothing to them."""
EPILOG = """examples:
  provisioner status --env sandbox,production
  provisioner status --env '*' --format html --out status.html

The HTML page is one file that needs no server and no network. Exits with 3 if a part of an org could not be read, 4
or 5 if an org cannot be read. Drift and alarms about guests alone leave the exit status 0: `drift` and `guests` are
for a job."""


def configure(parser: argparse.ArgumentParser) -> None:
    add_target_org(parser)
    parser.add_argument("--out", metavar="FILE", type=Path, help="write the result to FILE and replace an older one")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report.status_state import readable
    from provisioner.workflows.side_by_side import side_by_side, worst
    from provisioner.workflows.status import status_of

    if arguments.out is not None and arguments.format == "human":
        raise UsageError(
            "--out writes a file for programs or browsers, and --format human is for a terminal.",
            next="Add --format html, markdown or json.",
        )
    names = context.environment_names()
    states = side_by_side(names, lambda name: status_of(context, name))
    if not context.may_name_several and isinstance(states[0][1], ProvisionerError):
        raise states[0][1]
    _show(context, states, arguments.out)
    unread = any(state.drift.plan.unreadable for state in readable(states))
    failed = [state.exit_status for _, state in states if isinstance(state, ProvisionerError)]
    return worst([ExitStatus.REFUSED if unread else ExitStatus.DONE, *failed])


def _show(context: Context, states: States, out: Path | None) -> None:
    from provisioner.report.markdown import markdown
    from provisioner.report.status import status_json, status_view
    from provisioner.report.status_page import status_page

    def view() -> Document:
        return status_view(states, context.now)

    written = {
        "json": lambda: context.as_json(status_json(states, context.now)) + "\n",
        "markdown": lambda: markdown(view()),
        "html": lambda: status_page(states, context.now),
    }
    if out is not None:
        from provisioner.workflows.plan_files import write_text

        write_text(out, written[context.arguments.format]())
        context.say(f"Written to {out}.")
    elif context.arguments.format == "html":
        context.document(written["html"]())
    else:
        context.show(view, lambda: status_json(states, context.now))
