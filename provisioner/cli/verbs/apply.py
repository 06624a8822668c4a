"""``provisioner apply``: plan, ask, deploy, read back."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from provisioner.cli.connect import connected
from provisioner.cli.context import Context
from provisioner.cli.options import minutes
from provisioner.cli.prepare import Prepared, observe, prepare
from provisioner.errors import RefusedError
from provisioner.planning.guards import Allowed
from provisioner.planning.plan import Plan

if TYPE_CHECKING:
    from provisioner.execution.apply import Options
    from provisioner.execution.outcome import Outcome
    from provisioner.org import DeployStatus, Org

DESCRIPTION = "Change the org as the plan says, in one transaction; read it back; say what is proven."
EPILOG = """examples:
  provisioner apply --env sandbox
  provisioner apply --env sandbox --yes
  provisioner apply --env sandbox --check-only
  provisioner apply --env sandbox --resume 0Af5g00000ABCDEAA4"""
DEFAULT_WAIT_MINUTES = 30.0


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--check-only", action="store_true", help="let the org validate; change nothing")
    parser.add_argument("--allow-destroy", action="store_true", help="let destructive changes happen")
    parser.add_argument(
        "--allow-old-api", action="store_true", help="let channels be rewritten below the org's newest API version"
    )
    parser.add_argument(
        "--target", metavar="ADDRESS", action="append", default=[], help="only this address (repeatable)"
    )
    parser.add_argument(
        "--wait",
        metavar="MINUTES",
        type=minutes,
        default=DEFAULT_WAIT_MINUTES,
        help=f"how long to wait for the deployment (default: {DEFAULT_WAIT_MINUTES:.0f})",
    )
    parser.add_argument("--resume", metavar="ID", help="go on waiting for a deployment, from any machine")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.execution.apply import Options

    prepared = prepare(context, context.one_environment())
    allowed = Allowed(arguments.allow_destroy, arguments.allow_old_api, prepared.environment.production)
    options = Options(check_only=arguments.check_only, minutes=arguments.wait)
    with connected(context, prepared.environment) as org:
        outcome = _resume(context, prepared, org, options) if arguments.resume else None
        if outcome is None:
            outcome = _apply(context, prepared, org, allowed, options)
    _report(context, outcome)
    return outcome.exit_status


def _apply(context: Context, prepared: Prepared, org: Org, allowed: Allowed, options: Options) -> Outcome:
    from provisioner.execution.apply import Applying, not_confirmed, refused
    from provisioner.execution.work import Work

    snapshot = observe(context, org, prepared.environment)
    replan = prepared.planner(context, allowed, context.arguments.target)
    plan = replan(snapshot)
    _show(context, plan)
    if plan.blocked:
        return refused(plan)
    if not plan.is_empty and not options.check_only:
        try:
            options = replace(options, asked=_confirm(context, prepared, plan))
        except RefusedError as refusal:
            return not_confirmed(plan, refusal)
    work = Work(prepared.loaded.estate, prepared.jwks, snapshot, plan, replan)
    progress = TerminalProgress(context)
    try:
        return Applying(org, work, options, progress).run()
    finally:
        progress.clear()


def _resume(context: Context, prepared: Prepared, org: Org, options: Options) -> Outcome:
    from provisioner.execution.resume import resume

    replan = prepared.planner(context, Allowed(True, True, prepared.environment.production), context.arguments.target)
    progress = TerminalProgress(context)
    try:
        return resume(
            org,
            context.arguments.resume,
            lambda: replan(observe(context, org, prepared.environment)),
            options,
            progress,
        )
    finally:
        progress.clear()


def _show(context: Context, plan: Plan) -> None:
    """The plan, before anything happens: on stdout for a person, kept out of the way of a JSON document."""
    if context.wants_json:
        return
    from provisioner.report.plan_terminal import plan_terminal

    context.stdout(plan_terminal(plan, context.style))


def _confirm(context: Context, prepared: Prepared, plan: Plan) -> bool:
    """Ask the person, where that is due; whether somebody was asked.

    Raises :class:`RefusedError` where the answer is no, or where nobody can be asked.
    """
    name = prepared.environment.name
    if prepared.environment.production:
        question, wanted = f"This changes production. Type the environment's name ({name}) to apply: ", name
        alone = RefusedError(
            f"{name} is a production environment, and there is no terminal to confirm at.",
            next="Apply at a terminal, or let CI apply a saved plan that a person has approved.",
        )
    elif context.arguments.yes:
        return False
    else:
        question, wanted = f"Apply this to {name} ({plan.org.instance_url})? Only `yes` applies: ", "yes"
        alone = RefusedError(
            "There is no terminal to confirm at, and --yes was not given.",
            next=f"Look at the plan, then run `provisioner apply --env {name} --yes`.",
        )
    if not context.is_interactive:
        raise alone
    if context.ask(question) != wanted:
        raise RefusedError("The plan was not confirmed.", next="Run it again when you are sure.")
    return True


def _report(context: Context, outcome: Outcome) -> None:
    if context.wants_json:
        from provisioner.report.outcome_json import outcome_json

        context.json(outcome_json(outcome))
    elif outcome.result != "unchanged":
        from provisioner.report.outcome_terminal import outcome_terminal

        if outcome.plan.blocked:  # the plan above has shown each of them
            outcome = replace(outcome, problems=())
        context.stdout(outcome_terminal(outcome, context.style))


class TerminalProgress:
    """Steps as lines on stderr; at a terminal the deployment's state on one line that is written over."""

    def __init__(self, context: Context) -> None:
        import time

        self._context = context
        self._live = sys.stderr.isatty() and not context.arguments.quiet
        self._began = time.monotonic()
        self._last = ""
        self._shown = False

    def step(self, sentence: str) -> None:
        self.clear()
        self._context.stderr(sentence)

    def look(self, status: DeployStatus) -> None:
        import time

        from provisioner.report.progress import deploying

        seconds = time.monotonic() - self._began
        line = deploying(status.id, status.status, status.components_deployed, status.components_total, seconds)
        if self._live:
            sys.stderr.write(f"\r\x1b[2K{line[: self._context.talk_style.width - 1]}")
            sys.stderr.flush()
            self._shown = True
        elif status.status != self._last:
            self._context.stderr(line)
        self._last = status.status

    def clear(self) -> None:
        """Take the passing line off the screen."""
        if self._shown:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
            self._shown = False
