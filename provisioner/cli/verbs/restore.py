"""``provisioner restore``: the journal's entries; and one of them planned back, and applied."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.cli.options import add_wait
from provisioner.errors import ExitStatus

FORMATS = ("human", "json", "markdown")
DESCRIPTION = """Without ENTRY, list the applies of this machine. With ENTRY, plan to return the components of that
apply to their earlier state, and apply that plan under the same guards. Of a channel, only the user verification
part and the routing in its record are restored. The command does not change the declaration."""
EPILOG = """examples:
  provisioner restore
  provisioner restore latest --env sandbox
  provisioner restore 20261121T045800123Z-3f9a2c --env sandbox --allow-destroy
  provisioner restore latest --env production --confirm production"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("entry", metavar="ENTRY", nargs="?", help="the id of an entry, the start of an id, or `latest`")
    parser.add_argument("--yes", action="store_true", help="skip the confirmation")
    parser.add_argument(
        "--confirm", metavar="NAME", help="repeat the name of a production environment, in place of typing it"
    )
    parser.add_argument("--allow-destroy", action="store_true", help="allow destructive changes")
    parser.add_argument(
        "--allow-old-api", action="store_true", help="allow writing channels below the org's newest API version"
    )
    add_wait(parser)
    parser.add_argument(
        "--cancel-on-interrupt", action="store_true", help="cancel the deployment if the run is interrupted"
    )


def run(arguments: argparse.Namespace, context: Context) -> int:
    if arguments.entry is None:
        from provisioner.report.journal import journal_json, journal_view
        from provisioner.workflows.journal_entries import journal_entries

        found = journal_entries(context, context.environment_names() if context.env_option is not None else None)
        context.show(lambda: journal_view(found), lambda: journal_json(found))
        return ExitStatus.DONE
    from provisioner.workflows.apply import show_outcome
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
