"""``provisioner restore``: the journal's entries; and one of them planned back, and applied."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.errors import ExitStatus
from provisioner.report.journal import journal_json, journal_view
from provisioner.workflows.journal_entries import journal_entries


def run(arguments: argparse.Namespace, context: Context) -> int:
    if arguments.entry is None:
        found = journal_entries(context, context.environment_names() if context.env_option is not None else None)
        context.show(lambda: journal_view(found), lambda: journal_json(found))
        return ExitStatus.DONE
    from provisioner.workflows.apply import show_outcome  # the org's client
    from provisioner.workflows.restore import RestoreOptions, restore

    options = RestoreOptions(
        arguments.entry,
        destroy=arguments.allow_destroy,
        old_api=arguments.allow_old_api,
        minutes=arguments.wait,
        cancel_on_interrupt=arguments.cancel_on_interrupt,
        confirmed=arguments.confirm,
    )
    outcome = restore(context, context.one_environment(), options)
    show_outcome(context, outcome)
    return outcome.exit_status
