"""``provisioner render``: the declaration as one environment sees it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from provisioner.cli.context import Context
from provisioner.declaration.load import Loaded
from provisioner.diagnostics import Diagnostic, has_errors
from provisioner.errors import ExitStatus, InputError
from provisioner.report.rendering import (
    declaration_json,
    declaration_view,
    declaration_yaml,
    reservation,
    snippet_code,
    snippet_json,
    snippet_view,
)
from provisioner.words import counted
from provisioner.workflows.snippet import find_snippet


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


def run(arguments: argparse.Namespace, context: Context) -> int:
    name = context.one_environment()
    loaded = context.config.load(name)
    if loaded.tree is None or has_errors(loaded.findings):
        raise NotRenderedError(name, loaded.findings)
    if arguments.snippet is not None:
        return _snippet(context, loaded, arguments)
    tree = loaded.tree
    if arguments.format == "yaml":
        context.stdout(declaration_yaml(tree))
        return ExitStatus.DONE
    context.show(lambda: declaration_view(name, tree), lambda: declaration_json(name, tree))
    return ExitStatus.DONE


def _snippet(context: Context, loaded: Loaded, arguments: argparse.Namespace) -> int:
    assert loaded.environment is not None
    snippet = find_snippet(context, loaded.environment, loaded.estate, arguments.snippet)
    if arguments.format == "yaml":
        context.stdout(snippet_code(snippet))
        context.say(reservation(snippet))
        return ExitStatus.DONE
    context.show(lambda: snippet_view(snippet), lambda: snippet_json(snippet))
    return ExitStatus.DONE
