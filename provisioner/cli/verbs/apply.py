"""``provisioner apply``: plan, ask, deploy, read back."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.cli.context import Context
from provisioner.cli.options import DEFAULT_WAIT_MINUTES, deployment, minutes
from provisioner.cli.progress import shown_progress
from provisioner.errors import UsageError
from provisioner.planning.guards import Allowed
from provisioner.workflows.apply import apply_plan, no_objection, settle_earlier
from provisioner.workflows.confirm import Confirmation
from provisioner.workflows.connect import connected
from provisioner.workflows.prepare import Prepared, observe, prepare

if TYPE_CHECKING:
    from provisioner.execution.apply import Options
    from provisioner.execution.outcome import Outcome
    from provisioner.salesforce import Org
    from provisioner.workflows.plan_files import Approved

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
    parser.add_argument(
        "--wait",
        metavar="MINUTES",
        type=minutes,
        default=DEFAULT_WAIT_MINUTES,
        help=f"time to wait for the deployment (default: {DEFAULT_WAIT_MINUTES:.0f})",
    )
    parser.add_argument(
        "--resume", metavar="ID", type=deployment, help="continue to wait for a deployment, from any machine"
    )
    parser.add_argument(
        "--cancel-on-interrupt", action="store_true", help="cancel the deployment if the run is interrupted"
    )


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.execution.apply import Options

    approved = _approved(context)
    prepared = prepare(context, context.one_environment())
    if approved is not None:
        approved.check(prepared)
    allowed = Allowed(
        arguments.allow_destroy, arguments.allow_old_api, prepared.environment.production,
        permanent=arguments.allow_permanent,
    )  # fmt: skip
    options = Options(
        check_only=arguments.check_only,
        minutes=arguments.wait,
        cancel_on_interrupt=arguments.cancel_on_interrupt,
    )
    with connected(context, prepared.environment) as org:
        outcome = _resume(context, prepared, org, options) if arguments.resume else None
        if outcome is None:
            outcome = _apply(context, prepared, org, allowed, options, approved)
    report_outcome(context, outcome)
    return outcome.exit_status


def _approved(context: Context) -> Approved | None:
    """The saved plan that was named. Raises for what is none, and for options that it leaves no room for."""
    arguments = context.arguments
    if arguments.plan is None:
        return None
    for option, given in (("--target", arguments.target), ("--resume", arguments.resume)):
        if given:
            raise UsageError(
                f"{option} cannot be combined with a saved plan.",
                next="A saved plan holds its own targets and is applied as a whole: omit one of the two.",
            )
    from provisioner.workflows.plan_files import Approved, read_plan

    return Approved(context, str(arguments.plan), read_plan(arguments.plan))


def _apply(
    context: Context, prepared: Prepared, org: Org, allowed: Allowed, options: Options, approved: Approved | None
) -> Outcome:
    from provisioner.workflows.activation_proof import activation_proof

    settle_earlier(context, org, options.minutes)
    snapshot = observe(context, org, prepared.environment, prepared.estate)
    targets = approved.saved.targets if approved is not None else context.arguments.target
    return apply_plan(
        context,
        prepared,
        org,
        snapshot,
        prepared.planner(context, allowed, targets),
        options,
        confirm=Confirmation(context, prepared, approved=approved is not None),
        against=approved.refusal if approved is not None else no_objection,
        prove=activation_proof(context, prepared),
    )


def _resume(context: Context, prepared: Prepared, org: Org, options: Options) -> Outcome:
    from provisioner.execution.journal import Journal
    from provisioner.execution.resume import resume

    replan = prepared.planner(
        context, Allowed(True, True, prepared.environment.production, permanent=True), context.arguments.target
    )
    with shown_progress(context) as progress:
        return resume(
            org,
            context.arguments.resume,
            prepared.environment.name,
            lambda: replan(observe(context, org, prepared.environment, prepared.estate)),
            options,
            progress,
            estate=prepared.estate,
            journal=Journal.here(),
            now=context.now,
        )


def report_outcome(context: Context, outcome: Outcome) -> None:
    """Print how an apply ended; people have seen the plan above, so what it says is not repeated."""
    from provisioner.cli.sources import relative_to, source_root
    from provisioner.report.outcome_github import outcome_github
    from provisioner.report.outcome_json import outcome_json
    from provisioner.report.outcome_view import outcome_view
    from provisioner.workflows.actor import actor_of

    if outcome.result == "unchanged" and not outcome.notes and not context.wants_json:
        return
    rest = replace(outcome, problems=()) if outcome.plan.blocked else outcome
    context.show(
        lambda: outcome_view(rest),
        lambda: outcome_json(replace(outcome, by=actor_of(Path(context.config_path)))),
        services={"github": lambda: outcome_github(outcome, relative_to(source_root()))},
    )
