"""``provisioner envs``: the environments, for a person or for a CI's matrix."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from provisioner.cli.context import Context
from provisioner.cli.sources import read_lines
from provisioner.errors import ExitStatus, InputError
from provisioner.report import environments as report


def run(arguments: argparse.Namespace, context: Context) -> int:
    _refuse_misnamed(context)
    files = [context.config.environment_file(name) for name in context.environment_names(required=False)]
    listed = [report.Listed(file.environment, tuple(each for each in file.findings if each.is_error)) for file in files]
    if arguments.format == "github-matrix":
        _refuse_broken(listed)
        # On one line, as $GITHUB_OUTPUT requires.
        context.stdout(json.dumps(report.environments_matrix(listed)))
        return ExitStatus.DONE
    context.show(lambda: report.environments_view(listed, read_lines), lambda: report.environments_json(listed))
    return ExitStatus.DONE if all(each.is_valid for each in listed) else ExitStatus.WRONG_INPUT


def _refuse_misnamed(context: Context) -> None:
    """Refuse misnamed files: a pipeline must not omit an environment because of its file's name."""
    for finding in context.config.misnamed:
        raise InputError(finding.message, next=finding.fix, code=finding.rule)


def _refuse_broken(listed: Sequence[report.Listed]) -> None:
    """Refuse broken files: CI must not treat an unreadable environment as one that is not production."""
    broken = [each for each in listed if not each.is_valid]
    if broken:
        raise InputError(
            f"Cannot tell whether these are production, because their files have errors: "
            f"{', '.join(str(each.errors[0].location or each.environment.file) for each in broken)}.",
            next=f"`provisioner validate --env {','.join(each.environment.name for each in broken)}` lists them.",
            code="invalid-environment",
        )
