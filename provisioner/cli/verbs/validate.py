"""``provisioner validate``: everything that can be known without an org, in one run."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from provisioner import __version__
from provisioner.cli.context import Context
from provisioner.diagnostics import Diagnostic, has_errors
from provisioner.errors import ExitStatus

FORMATS = ("human", "json", "markdown", "junit", "github", "gitlab", "sarif")
DESCRIPTION = """Check the declaration under every environment, or under those that --env names. The command
contacts no org and reads no secret. With --env, the references that it can look up (${env:NAME}, ${file:PATH}) must
exist."""
EPILOG = """examples:
  provisioner validate
  provisioner validate --env 'prod*' --strict
  provisioner validate --format sarif > validate.sarif
  provisioner validate --format gitlab > gl-code-quality-report.json
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
    from provisioner.cli.sources import read_lines
    from provisioner.report.findings import findings_json, findings_view
    from provisioner.report.github import findings_github
    from provisioner.report.gitlab import findings_gitlab
    from provisioner.report.junit import validate_suites

    file = context.config.declaration_file
    context.show(
        lambda: findings_view(findings, read_lines),
        lambda: findings_json(findings),
        junit=lambda: validate_suites(findings, strict=context.arguments.strict),
        services={
            "github": lambda relative: findings_github(findings, relative),
            "gitlab": lambda relative: context.as_json(findings_gitlab(findings, relative, file)),
            "sarif": lambda relative: context.as_json(_sarif(findings, relative, file)),
        },
    )


def _sarif(findings: Sequence[Diagnostic], relative: Callable[[str], str], file: str) -> object:
    from provisioner.project import address
    from provisioner.report.sarif import findings_sarif
    from provisioner.rules.pages import all_rules

    return findings_sarif(
        findings, all_rules(), version=__version__, address=address("Repository"), relative=relative, fallback_file=file
    )
