"""``provisioner promote``: apply the verified configuration of one environment to another."""

from __future__ import annotations

import argparse
from pathlib import Path

from provisioner.cli.context import Context
from provisioner.cli.options import add_chat_hosts, add_endpoint_options, add_wait
from provisioner.errors import UsageError

FORMATS = ("human", "json", "markdown")
DESCRIPTION = """Promote the verified configuration of one environment to another.

First, --from must run exactly this declaration (if not, exit 3); with --verify, tokens must verify there. Then the
command plans and applies --to under its own protections, reads it again, and with --verify also proves it at its
chat runtime. It reads both before it sends anything. It never makes a destructive change to a production
environment: it saves the plan, and a person applies it. A record of the promotion is written as JSON and Markdown."""
EPILOG = """examples:
  provisioner promote --from sandbox --to production
  provisioner promote --from sandbox --to production --verify --yes \\
      --out promotion.json

Without a terminal --yes is needed; at a terminal, you type the name of a production environment."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="source", metavar="A", required=True, help="the verified source environment")
    parser.add_argument("--to", dest="target", metavar="B", required=True, help="the target environment")
    parser.add_argument("--verify", action="store_true", help="prove that tokens verify: in A before, in B after")
    parser.add_argument(
        "--guests", action="store_true", help="require that A's sessions of the last 14 days raise no alarm (guests)"
    )
    parser.add_argument(
        "--yes", action="store_true", help="skip the confirmation (at a terminal, production still asks)"
    )
    parser.add_argument("--allow-destroy", action="store_true", help="allow destructive changes if B is not production")
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=Path,
        help="the record, with its Markdown beside it (default: promotion-A-to-B-TIME.json)",
    )
    add_wait(parser)
    add_endpoint_options(parser)
    add_chat_hosts(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report.promotion import promotion_view
    from provisioner.workflows.promote import PromotionOptions, promote, sealed_json

    if arguments.env:
        raise UsageError("promote takes its two environments from --from and --to.", next="Omit --env.")
    options = PromotionOptions(
        source=arguments.source,
        target=arguments.target,
        verify=arguments.verify,
        guests=arguments.guests,
        destroy=arguments.allow_destroy,
        out=arguments.out,
        minutes=arguments.wait,
    )
    promotion = promote(
        context,
        options,
        lambda ended: context.show(lambda: promotion_view(ended), lambda: sealed_json(ended)),
    )
    return promotion.exit_status
