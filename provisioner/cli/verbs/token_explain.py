"""``provisioner token explain``: why Salesforce would refuse an identity token."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.cli.options import add_endpoint_options, add_target_org

FORMATS = ("human", "json", "markdown", "junit")
DESCRIPTION = """Check an identity token against every question of Salesforce's troubleshooting page, using the
declaration of an environment or, with --live, the configuration of its org. The token is in FILE; - is standard
input. A token is never an argument, because the shell history would keep it. The command sends the token nowhere."""
EPILOG = """examples:
  provisioner token explain token.txt --env sandbox --channel Web_Chat
  provisioner token explain - --env production --live < token.txt

Exits with 0 if no check refuses the token, 1 if a check does."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the file with the token; - for standard input")
    parser.add_argument("--channel", metavar="C", help="API name of the messaging channel that the token is for")
    parser.add_argument("--live", action="store_true", help="check against the org, and request endpoints")
    parser.add_argument("--show-claims", action="store_true", help="show every claim; by default only iss and times")
    add_endpoint_options(parser)
    add_target_org(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report.junit_checks import token_suites
    from provisioner.report.token_view import token_json, token_view
    from provisioner.workflows.explain_token import ExplainOptions, explain_token

    options = ExplainOptions(arguments.file, arguments.channel, arguments.live)
    explained = explain_token(context, options)
    explanation, show_claims = explained.explanation, arguments.show_claims
    context.show(
        lambda: token_view(explanation, explained.state.source, show_claims=show_claims),
        lambda: token_json(
            explanation,
            environment=explained.environment,
            channel=options.channel,
            live=options.live,
            show_claims=show_claims,
        ),
        junit=lambda: token_suites(explanation),
    )
    return explained.exit_status
