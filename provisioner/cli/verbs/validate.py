"""``provisioner validate``: everything that can be known without an org, in one run."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from provisioner import __version__
from provisioner.cli.context import Context
from provisioner.cli.sources import read_lines
from provisioner.diagnostics import Diagnostic, has_errors
from provisioner.errors import ExitStatus
from provisioner.project import address
from provisioner.report.findings import findings_json, findings_view
from provisioner.report.github import findings_github
from provisioner.report.gitlab import findings_gitlab
from provisioner.report.junit import validate_suites
from provisioner.report.sarif import findings_sarif
from provisioner.workflows.validate import validate_declaration


def run(arguments: argparse.Namespace, context: Context) -> int:
    names = context.environment_names(required=False)
    findings = validate_declaration(context, names if context.env_option is not None else None, arguments.also)
    _print(context, findings)
    context.say(f"Checked {context.config.declaration_file}{' under ' + ', '.join(names) if names else ''}.")
    return ExitStatus.WRONG_INPUT if has_errors(findings) or (arguments.strict and findings) else ExitStatus.DONE


def _print(context: Context, findings: Sequence[Diagnostic]) -> None:
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
    from provisioner.rules.pages import all_rules  # reads every page

    return findings_sarif(
        findings, all_rules(), version=__version__, address=address("Repository"), relative=relative, fallback_file=file
    )
