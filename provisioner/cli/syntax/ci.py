"""The options and the help of the commands for CI. Nothing here loads code that a run needs."""

from __future__ import annotations

import argparse
from pathlib import Path

from provisioner.cli.options import Syntax, add_chat_hosts, add_endpoint_options, add_wait, no_options


def _promote(parser: argparse.ArgumentParser) -> None:
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


PROMOTE = Syntax(
    _promote,
    """Promote the verified configuration of one environment to another.

First, --from must run exactly this declaration (if not, exit 3); with --verify, tokens must verify there. Then the
command plans and applies --to under its own protections, reads it again, and with --verify also proves it at its
chat runtime. It reads both before it sends anything. It never makes a destructive change to a production
environment: it saves the plan, and a person applies it. A record of the promotion is written as JSON and Markdown.""",
    """examples:
  provisioner promote --from sandbox --to production
  provisioner promote --from sandbox --to production --verify --yes \\
      --out promotion.json

Without a terminal --yes is needed; at a terminal, you type the name of a production environment.""",
)


ENVS = Syntax(
    no_options,
    """List all environments, or those that --env names (a comma-separated list, globs). The command contacts no org.
If an environment file has errors, the list shows them, and the command exits 1.""",
    """examples:
  provisioner envs
  provisioner envs --env 'sandbox-*' --format json
  echo "matrix=$(provisioner envs --format github-matrix)" >> "$GITHUB_OUTPUT\"""",
    formats=("human", "json", "markdown", "github-matrix"),
)


def _render(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--snippet", metavar="D", help="print the code for a page or an app that opens this deployment")
    add_chat_hosts(parser)


RENDER = Syntax(
    _render,
    """Print the declaration with the overrides and variables of the environment, and the origin of each
value. The command names key files but does not read them, and it reads no secret.

With --snippet, print the code that opens a declared deployment in a page (HTML), an app or a custom client (JSON).
The site of a web deployment comes from its public configuration at the chat host, which needs no login; so does a type
that the declaration does not name. The command logs in only if the environment has no org_id, or no My Domain.""",
    """examples:
  provisioner render --env sandbox
  diff <(provisioner render --env sandbox) \\
      <(provisioner render --env production)
  provisioner render --env sandbox --snippet Shop_Web > snippet.html""",
    formats=("yaml", "json", "markdown"),
)
