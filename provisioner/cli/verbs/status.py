"""``provisioner status``: the verifying channels and keys, the expiry dates, and the drift."""

from __future__ import annotations

import argparse
from pathlib import Path

from provisioner.cli.context import Context
from provisioner.errors import ExitStatus, ProvisionerError, UsageError
from provisioner.report.document import Document
from provisioner.report.markdown import markdown
from provisioner.report.status import status_json, status_view
from provisioner.report.status_page import status_page
from provisioner.report.status_state import States, readable
from provisioner.workflows.new_files import write_text
from provisioner.workflows.side_by_side import side_by_side, worst
from provisioner.workflows.status import status_of


def run(arguments: argparse.Namespace, context: Context) -> int:
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
    unread = any(state.drift.plan.unread for state in readable(states))
    failed = [state.exit_status for _, state in states if isinstance(state, ProvisionerError)]
    return worst([ExitStatus.REFUSED if unread else ExitStatus.DONE, *failed])


def _show(context: Context, states: States, out: Path | None) -> None:
    def view() -> Document:
        return status_view(states, context.now)

    written = {
        "json": lambda: context.as_json(status_json(states, context.now)) + "\n",
        "markdown": lambda: markdown(view()),
        "html": lambda: status_page(states, context.now),
    }
    if out is not None:
        write_text(out, written[context.arguments.format]())
        context.say(f"Written to {out}.")
    elif context.arguments.format == "html":
        context.document(written["html"]())
    else:
        context.show(view, lambda: status_json(states, context.now))
