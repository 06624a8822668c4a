"""``provisioner doctor``: the state of the machine, of the config and of a login."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.cli.options import add_target_org

FORMATS = ("human", "json", "markdown")
DESCRIPTION = """Check what the other commands need: the config and its environments, the trusted authorities, the way
to each login host, certificates that expire soon, the local org; with --env also the login of that environment and its
permissions. The command changes nothing. Its output holds no secret and no user name, so it is safe to paste."""
EPILOG = """examples:
  provisioner doctor
  provisioner doctor --env sandbox
  provisioner doctor --offline --format json

Exits with 1 if something is wrong on this machine, 4 if an org cannot be reached or logged in to. Warnings alone
leave the exit status 0."""


def configure(parser: argparse.ArgumentParser) -> None:
    add_target_org(parser)
    parser.add_argument("--offline", action="store_true", help="send nothing over the network")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report.doctor import doctor_json, doctor_view
    from provisioner.workflows.doctor import Examination, examine, exit_status
    from provisioner.workflows.login_config import environment_name

    named = environment_name(context) if context.env_option is not None else None
    checks = examine(context, Examination(named, arguments.offline))
    context.show(lambda: doctor_view(checks), lambda: doctor_json(checks))
    return exit_status(checks)
