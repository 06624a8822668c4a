"""``provisioner envs``: the environments, for a person or for a CI's matrix."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from provisioner.cli.context import Context
from provisioner.declaration.environments import EnvironmentFile
from provisioner.diagnostics import has_errors
from provisioner.errors import ExitStatus, InputError
from provisioner.report import environments as report


def run(arguments: argparse.Namespace, context: Context) -> int:
    _refuse_misnamed(context)
    names = context.environment_names(required=False)
    files = [context.config.environment_file(name) for name in names]
    environments = [file.environment for file in files]
    if arguments.format == "github-matrix":
        _refuse_broken(files)
        # On one line, as $GITHUB_OUTPUT requires.
        context.stdout(json.dumps(report.environments_matrix(environments)))
        return ExitStatus.DONE
    context.show(lambda: report.environments_view(environments), lambda: report.environments_json(environments))
    return ExitStatus.DONE


def _refuse_misnamed(context: Context) -> None:
    """Refuse misnamed files: a pipeline must not omit an environment because of its file's name."""
    for finding in context.config.misnamed:
        raise InputError(finding.message, next=finding.fix, code=finding.rule)


def _refuse_broken(files: Sequence[EnvironmentFile]) -> None:
    """Refuse unreadable files: CI must not treat an unreadable environment as one that is not production."""
    broken = [file.environment for file in files if has_errors(file.findings)]
    if broken:
        raise InputError(
            f"Cannot tell whether these are production, because their files have errors: "
            f"{', '.join(each.file for each in broken)}.",
            next=f"`provisioner validate --env {','.join(each.name for each in broken)}` lists them.",
            code="invalid-environment",
        )
