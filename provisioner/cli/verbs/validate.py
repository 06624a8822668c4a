"""``provisioner validate``: everything that can be known without an org, in one run."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from provisioner import __version__
from provisioner.cli.context import Context
from provisioner.diagnostics import Diagnostic, has_errors
from provisioner.errors import ExitStatus

FORMATS = ("human", "json", "markdown", "junit", "github", "sarif")
DESCRIPTION = """Check the declaration under every environment, or under those that --env names. The command
contacts no org and reads no secret. With --env, the references that it can look up (${env:NAME}, ${file:PATH}) must
exist."""
EPILOG = """examples:
  provisioner validate
  provisioner validate --env 'prod*' --strict
  provisioner validate --format sarif > validate.sarif
  provisioner validate --also ../identity/config

Exits with 1 if there are errors; with --strict, also if there are warnings."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--strict", action="store_true", help="treat warnings as errors")
    parser.add_argument(
        "--also",
        metavar="DIR",
        action="append",
        default=[],
        help="the config directory of another team: a component that both claim in one org is an error (repeatable)",
    )


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.workflows.validate import validate_declaration

    names = context.environment_names(required=False)
    findings = validate_declaration(context, names if context.env_option is not None else None, arguments.also)
    _print(context, findings)
    context.say(f"Checked {context.config.declaration_file}{' under ' + ', '.join(names) if names else ''}.")
    return ExitStatus.WRONG_INPUT if has_errors(findings) or (arguments.strict and findings) else ExitStatus.DONE


def _print(context: Context, findings: Sequence[Diagnostic]) -> None:
    from provisioner.cli.sources import read_lines, relative_to, source_root

    match context.arguments.format:
        case "github":
            from provisioner.report.findings_github import findings_github

            if findings:
                context.stdout(findings_github(findings, relative_to(source_root())))
        case "sarif":
            from provisioner.project import address
            from provisioner.report.findings_sarif import findings_sarif
            from provisioner.rules.pages import all_rules

            context.json(
                findings_sarif(
                    findings,
                    all_rules(),
                    version=__version__,
                    address=address("Repository"),
                    relative=relative_to(source_root()),
                    fallback_file=context.config.declaration_file,
                )
            )
        case _:
            from provisioner.report.findings_view import findings_json, findings_view
            from provisioner.report.junit_suites import validate_suites

            context.show(
                lambda: findings_view(findings, read_lines),
                lambda: findings_json(findings),
                junit=lambda: validate_suites(findings, strict=context.arguments.strict),
            )
