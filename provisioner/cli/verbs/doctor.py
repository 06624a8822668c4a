"""``provisioner doctor``: the state of the machine, of the config and of a login."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.report.doctor import doctor_json, doctor_view
from provisioner.workflows.console import environment_name
from provisioner.workflows.doctor import Examination, examine, exit_status


def run(arguments: argparse.Namespace, context: Context) -> int:
    named = environment_name(context) if context.env_option is not None else None
    checks = examine(context, Examination(named, arguments.offline))
    context.show(lambda: doctor_view(checks), lambda: doctor_json(checks))
    return exit_status(checks)
