"""``provisioner export``: what apply would send, as a project of the official CLI."""

from __future__ import annotations

import argparse
from pathlib import Path

from provisioner.cli.context import Context
from provisioner.cli.options import add_target_org
from provisioner.errors import ExitStatus

FORMATS = ("sfdx", "json", "markdown")
DESCRIPTION = """Write a project for the official Salesforce CLI: the same components that apply would send to an
org that has none of your keys and keysets, with the channels as they are in the org now. The command only reads the
org."""
EPILOG = """examples:
  provisioner export --env sandbox --format sfdx chat-project
  cd chat-project && sf project deploy start --manifest manifest/package.xml \\
      --target-org uat

--format json writes the same project and prints the list of files as JSON. A channel file holds the complete
channel of this org, with its queues and texts: deploy it to this org, or adapt it first."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("directory", metavar="DIR", type=Path, help="the project directory: new or empty")
    add_target_org(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report.written import exported_json, exported_view
    from provisioner.workflows.export import export

    made = export(context, arguments.directory)
    context.show(lambda: exported_view(made), lambda: exported_json(made))
    return ExitStatus.DONE
