"""``provisioner validate``: everything that can be known without an org, in one run."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from provisioner import __version__
from provisioner.cli.context import Context
from provisioner.diagnostics import Diagnostic, has_errors
from provisioner.errors import ExitStatus
from provisioner.untrusted import is_untrusted

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
    from provisioner.rules.check import by_place, validate
    from provisioner.workflows.stray_keys import stray_keys

    named = context.env_option is not None
    names = context.environment_names() if named else None
    findings = validate(context.config, names, now=context.now, with_references=named and not is_untrusted())
    findings = by_place([*findings, *stray_keys(context.config, findings)])
    if arguments.also:
        from provisioner.workflows.claims import claims

        findings = by_place([*findings, *claims(context, context.config, names, arguments.also)])
    _print(context, findings)
    under = ", ".join(context.config.environment_names() if names is None else names)
    context.say(f"Checked {context.config.declaration_file}" + (f" under {under}." if under else "."))
    failed = bool(findings) if arguments.strict else has_errors(findings)
    return ExitStatus.WRONG_INPUT if failed else ExitStatus.DONE


def _print(context: Context, findings: Sequence[Diagnostic]) -> None:
    from provisioner.cli.sources import read_lines
    from provisioner.report.findings_json import findings_json
    from provisioner.report.findings_view import findings_view
    from provisioner.report.junit_suites import validate_suites

    context.show(
        lambda: findings_view(findings, read_lines),
        lambda: findings_json(findings),
        junit=lambda: validate_suites(findings, strict=context.arguments.strict),
        services={
            "github": lambda: _github(findings),
            "gitlab": lambda: context.as_json(_gitlab(context, findings)),
            "sarif": lambda: context.as_json(_sarif(context, findings)),
        },
    )


def _github(findings: Sequence[Diagnostic]) -> str:
    from provisioner.cli.sources import relative_to, source_root
    from provisioner.report.findings_github import findings_github

    return findings_github(findings, relative_to(source_root()))


def _gitlab(context: Context, findings: Sequence[Diagnostic]) -> object:
    from provisioner.cli.sources import relative_to, source_root
    from provisioner.report.findings_gitlab import findings_gitlab

    place = relative_to(source_root())
    return findings_gitlab(findings, relative=place, fallback_file=context.config.declaration_file)


def _sarif(context: Context, findings: Sequence[Diagnostic]) -> object:
    from provisioner.cli.sources import relative_to, source_root
    from provisioner.project import address
    from provisioner.report.findings_sarif import findings_sarif
    from provisioner.rules.pages import all_rules

    return findings_sarif(
        findings,
        all_rules(),
        version=__version__,
        address=address("Repository"),
        relative=relative_to(source_root()),
        fallback_file=context.config.declaration_file,
    )
