"""``provisioner export``: the components that apply would send, as a project of the official CLI."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.errors import ExitStatus
from provisioner.report.written import exported_json, exported_view
from provisioner.workflows.export import export


def run(arguments: argparse.Namespace, context: Context) -> int:
    made = export(context, arguments.directory, forceignore=arguments.forceignore)
    context.show(lambda: exported_view(made), lambda: exported_json(made))
    return ExitStatus.DONE
