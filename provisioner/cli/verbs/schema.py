"""``provisioner schema``: the JSON Schema of the config files, for editors."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.errors import ExitStatus

DESCRIPTION = "Print the JSON Schema (2020-12) of the declaration and of the environment files."
EPILOG = """examples:
  provisioner schema > provisioner.schema.json

An editor with a YAML language server finds it by the first line of a file:
  # yaml-language-server: $schema=../provisioner.schema.json"""


def configure(parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.declaration.schema import editor_schema

    context.json(editor_schema())
    return ExitStatus.DONE
