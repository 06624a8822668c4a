"""``provisioner render``: the declaration as one environment sees it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from provisioner.cli.context import Context
from provisioner.diagnostics import Diagnostic, has_errors
from provisioner.errors import ExitStatus, InputError
from provisioner.words import counted

FORMATS = ("yaml", "json", "markdown")
DESCRIPTION = """Print the declaration with the overrides and variables of the environment, and the origin of each
value. The command names key files but does not read them, and it reads no secret."""
EPILOG = """examples:
  provisioner render --env sandbox
  diff <(provisioner render --env sandbox) \\
      <(provisioner render --env production)"""


class NotRenderedError(InputError):
    """The files cannot be merged. ``findings`` says why."""

    code = "invalid-declaration"

    def __init__(self, environment: str, findings: Sequence[Diagnostic]) -> None:
        errors = sum(finding.is_error for finding in findings)
        super().__init__(
            f"The declaration has {counted(errors, 'error')} under environment {environment}, so it is not rendered.",
            next=f"Correct the listed errors; `provisioner validate --env {environment}` lists them again.",
        )
        self.findings = tuple(findings)


def configure(parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report.rendering import declaration_json, declaration_view, declaration_yaml

    name = context.one_environment()
    loaded = context.config.load(name)
    if loaded.tree is None or has_errors(loaded.findings):
        raise NotRenderedError(name, loaded.findings)
    tree = loaded.tree
    if arguments.format == "yaml":
        context.stdout(declaration_yaml(tree))
        return ExitStatus.DONE
    context.show(lambda: declaration_view(name, tree), lambda: declaration_json(name, tree))
    return ExitStatus.DONE
