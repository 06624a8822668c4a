"""``provisioner schema``: the JSON Schemas of config files, for editors, and of outputs, for programs."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.errors import ExitStatus

DESCRIPTION = """Print a JSON Schema (2020-12): of one kind of config file, for editors, or of the JSON that a command
prints, for programs. Without --kind it prints one schema for all config files."""
EPILOG = """examples:
  provisioner schema --kind declaration > provisioner.schema.json
  provisioner schema --kind environment \\
      > provisioner.environment.schema.json
  provisioner schema --kind plan

An editor with a YAML language server finds the schema by the first line:
  # yaml-language-server: $schema=../provisioner.schema.json"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kind", metavar="KIND", help="a kind of file, or a command such as plan or token-explain")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report.schemas import schema_of

    context.json(schema_of(arguments.kind))
    return ExitStatus.DONE
