"""``provisioner apply``: plan, ask, deploy, read back."""

from __future__ import annotations

import argparse
from pathlib import Path

from provisioner.cli.context import Context
from provisioner.cli.options import add_wait, deployment

FORMATS = ("human", "json", "markdown", "github")
DESCRIPTION = "Apply the plan to the org in one transaction, read the org back, and report each verified change."
EPILOG = """examples:
  provisioner apply --env sandbox
  provisioner apply --env sandbox --yes
  provisioner apply --env production plan.json
  provisioner apply --env sandbox --check-only
  provisioner apply --env sandbox --resume 0Af5g00000ABCDEAA4"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plan", metavar="PLANFILE", nargs="?", type=Path, help="apply exactly this saved plan")
    parser.add_argument("--yes", action="store_true", help="skip the confirmation")
    parser.add_argument("--check-only", action="store_true", help="validate in the org without saving (check-only)")
    parser.add_argument("--allow-destroy", action="store_true", help="allow destructive changes")
    parser.add_argument("--allow-permanent", action="store_true", help="allow creating what an org cannot delete")
    parser.add_argument(
        "--allow-old-api", action="store_true", help="allow writing channels below the org's newest API version"
    )
    parser.add_argument(
        "--target", metavar="ADDRESS", action="append", default=[], help="only this address (repeatable)"
    )
    add_wait(parser)
    parser.add_argument(
        "--resume", metavar="ID", type=deployment, help="continue to wait for a deployment, from any machine"
    )
    parser.add_argument(
        "--cancel-on-interrupt", action="store_true", help="cancel the deployment if the run is interrupted"
    )


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.workflows.apply import show_outcome
    from provisioner.workflows.apply_declaration import ApplyOptions, apply_declaration

    options = ApplyOptions(
        plan=arguments.plan,
        targets=tuple(arguments.target),
        resume=arguments.resume,
        check_only=arguments.check_only,
        destroy=arguments.allow_destroy,
        permanent=arguments.allow_permanent,
        old_api=arguments.allow_old_api,
        minutes=arguments.wait,
        cancel_on_interrupt=arguments.cancel_on_interrupt,
    )
    outcome = apply_declaration(context, options)
    show_outcome(context, outcome)
    return outcome.exit_status
