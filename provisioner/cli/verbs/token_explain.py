"""``provisioner token explain``: why Salesforce would refuse an identity token."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.report.token import token_json, token_suites, token_view
from provisioner.workflows.explain_token import ExplainOptions, explain_token


def run(arguments: argparse.Namespace, context: Context) -> int:
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
