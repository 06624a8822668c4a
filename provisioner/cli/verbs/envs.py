"""``provisioner envs``: the environments, for a person or for a CI's matrix."""

from __future__ import annotations

import argparse
import json

from provisioner.cli.context import Context
from provisioner.errors import ExitStatus

FORMATS = ("human", "json", "github-matrix")
DESCRIPTION = "List the environments, or those that --env names (a list with commas, globs). No org is asked."
EPILOG = """examples:
  provisioner envs
  provisioner envs --env 'sandbox-*' --format json
  echo "matrix=$(provisioner envs --format github-matrix)" >> "$GITHUB_OUTPUT\""""


def configure(parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report import environments as report

    names = context.environment_names(required=False)
    environments = [context.config.environment_file(name).environment for name in names]
    if context.wants_json:
        context.json(report.environments_json(environments))
    elif arguments.format == "github-matrix":
        # On one line: that is what $GITHUB_OUTPUT takes.
        context.stdout(json.dumps(report.environments_matrix(environments)))
    else:
        context.stdout(report.environments_terminal(environments, context.style))
    return ExitStatus.DONE
