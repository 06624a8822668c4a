"""``provisioner diagnose chat``: why customers are guests, without any key."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.cli.options import add_chat_hosts, add_endpoint_options, add_target_org, web_origin

FORMATS = ("human", "json", "markdown", "junit")
DESCRIPTION = """Find out why customers are guests on a channel, or cannot chat at all. No key is needed.

The command checks the channel, its routing (queue, members, flow), its configurations, keysets, keys and issuers in
the org, and the endpoints of the keysets. Of a deployment it also checks that the deployment is published, that the
chat runtime verifies users by tokens, that the runtime refuses an unsigned token, and that a web deployment's site
answers. It checks that the pages of the deployment's declared origins, or those of --origin, may read the configuration
(CORS) and may show the site in a frame. The command changes nothing."""
EPILOG = """examples:
  provisioner diagnose chat --env sandbox --channel Web_Chat \\
      --deployment Shop_Web
  provisioner diagnose chat --env sandbox --channel Web_Chat \\
      --deployment Shop_Web --origin https://shop.example.com
  provisioner diagnose chat --env sandbox --channel Web_Chat --format json

Exits with 0 if no cause was found in the org, 1 if a cause was found, 4 if the org or the chat host cannot be
reached."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--channel", metavar="C", help="the messaging channel's API name")
    deployment = "the deployment's API name (default: that of `verify:`, else a declared one)"
    parser.add_argument("--deployment", metavar="D", help=deployment)
    origin = "the page's origin (default: the declared ones of D)"
    parser.add_argument("--origin", metavar="URL", type=web_origin, help=origin)
    add_endpoint_options(parser)
    add_chat_hosts(parser)
    add_target_org(parser)
    parser.add_argument("--details", action="store_true", help="show every finding, its evidence and what was seen")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report.chat_diagnosis import chat_json, chat_view
    from provisioner.report.diagnosis_parts import diagnosis_suites
    from provisioner.workflows.diagnose_chat import ChatDiagnosisOptions, diagnose_chat

    options = ChatDiagnosisOptions(arguments.channel, arguments.deployment, arguments.origin)
    diagnosis = diagnose_chat(context, options)
    context.show(
        lambda: chat_view(diagnosis, details=arguments.details or arguments.format == "markdown"),
        lambda: chat_json(diagnosis),
        junit=lambda: diagnosis_suites(diagnosis.channel, diagnosis.verdict, diagnosis.findings),
    )
    return diagnosis.verdict.exit_status
