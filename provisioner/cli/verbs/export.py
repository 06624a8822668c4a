"""``provisioner export``: the components that apply would send, as a project of the official CLI."""

from __future__ import annotations

import argparse
from pathlib import Path

from provisioner.cli.context import Context
from provisioner.cli.options import add_target_org
from provisioner.errors import ExitStatus

FORMATS = ("sfdx", "json", "markdown")
DESCRIPTION = """Write a project for the official Salesforce CLI: the same components that apply would send to an
org that has none of your keys and keysets, with the channels as they are in the org now. The command only reads the
org. In a folder with sfdx-project.json (or below one) it writes into that project: each component where the project
keeps it, and a manifest of its own. Files that differ are replaced only after you agree."""
EPILOG = """examples:
  provisioner export --env sandbox --format sfdx chat-project
  cd chat-project && sf project deploy start --manifest manifest/package.xml \\
      --target-org uat
  cd my-sfdx-project && provisioner export --env sandbox --yes .

--format json writes the same project and prints the list of files as JSON. A channel file holds the complete
channel of this org, with its queues and texts: deploy it to this org, or adapt it first."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("directory", metavar="DIR", type=Path, help="a new or empty directory, or one of a project")
    parser.add_argument("--yes", action="store_true", help="replace files of the project without a question")
    parser.add_argument(
        "--forceignore", action="store_true", help="also add the components to the project's .forceignore"
    )
    add_target_org(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report.written import exported_json, exported_view
    from provisioner.workflows.export import export

    made = export(context, arguments.directory, forceignore=arguments.forceignore)
    context.show(lambda: exported_view(made), lambda: exported_json(made))
    return ExitStatus.DONE
