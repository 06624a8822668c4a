"""``provisioner schema``: the JSON Schemas of config files, for editors, and of outputs, for programs."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.errors import ExitStatus
from provisioner.report.schemas import schema_of


def run(arguments: argparse.Namespace, context: Context) -> int:
    context.json(schema_of(arguments.kind))
    return ExitStatus.DONE
