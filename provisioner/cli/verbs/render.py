"""``provisioner render``: the declaration as one environment sees it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from provisioner.cli.context import Context
from provisioner.cli.options import add_chat_hosts
from provisioner.diagnostics import Diagnostic, has_errors
from provisioner.errors import ExitStatus, InputError
from provisioner.words import counted

if TYPE_CHECKING:
    from provisioner.declaration.load import Loaded

FORMATS = ("yaml", "json", "markdown")
DESCRIPTION = """Print the declaration with the overrides and variables of the environment, and the origin of each
value. The command names key files but does not read them, and it reads no secret.

With --snippet, print the code that opens a declared deployment in a page (HTML), an app or a custom client (JSON).
The site of a web deployment comes from its public configuration at the chat host, which needs no login; so does a type
that the declaration does not name. The command logs in only if the environment has no org_id, or no My Domain."""
EPILOG = """examples:
  provisioner render --env sandbox
  diff <(provisioner render --env sandbox) \\
      <(provisioner render --env production)
  provisioner render --env sandbox --snippet Shop_Web > snippet.html"""


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
    parser.add_argument("--snippet", metavar="D", help="print the code for a page or an app that opens this deployment")
    add_chat_hosts(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report.rendering import declaration_json, declaration_view, declaration_yaml

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
    from provisioner.report.rendering import reservation, snippet_code, snippet_json, snippet_view
    from provisioner.workflows.snippet import find_snippet

    assert loaded.environment is not None
    snippet = find_snippet(context, loaded.environment, loaded.estate, arguments.snippet)
    if arguments.format == "yaml":
        context.stdout(snippet_code(snippet))
        context.say(reservation(snippet))
        return ExitStatus.DONE
    context.show(lambda: snippet_view(snippet), lambda: snippet_json(snippet))
    return ExitStatus.DONE
