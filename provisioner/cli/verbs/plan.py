"""``provisioner plan``: what would change, read-only."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.cli.connect import connected
from provisioner.cli.context import Context
from provisioner.cli.prepare import observe, prepare
from provisioner.cli.side_by_side import side_by_side, worst
from provisioner.errors import ExitStatus, ProvisionerError
from provisioner.planning.guards import Allowed
from provisioner.planning.plan import Plan, Risk

if TYPE_CHECKING:
    from provisioner.components.snapshot import Snapshot

FORMATS = ("human", "json", "markdown")
DESCRIPTION = """Show the pending changes of an org and their consequences. The command writes nothing. With several
environments (a comma-separated list, globs) it reads the orgs in parallel."""
EPILOG = """examples:
  provisioner plan --env sandbox
  provisioner plan --env sandbox,production --format markdown
  provisioner plan --env production --out plan.json
  provisioner plan --env production --target keyset.storefront \\
      --detailed-exitcode"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", metavar="FILE", help="also save the plan to FILE, for approval and apply")
    parser.add_argument("--detailed-exitcode", action="store_true", help="exit with 2 if there are changes")
    parser.add_argument(
        "--target", metavar="ADDRESS", action="append", default=[], help="only this address (repeatable)"
    )


def run(arguments: argparse.Namespace, context: Context) -> int:
    names = context.environment_names()
    if not context.may_name_several:
        plan, snapshot = plan_environment(context, names[0], arguments.target)
        context.stdout(_rendered(context, plan))
        if arguments.out is not None:
            _save(context, Path(arguments.out), plan, snapshot)
        return _status(plan, arguments.detailed_exitcode)
    results = side_by_side(names, lambda name: plan_environment(context, name, arguments.target)[0])
    context.stdout(_rendered_together(context, results))
    if arguments.out is not None:
        _write_together(context, Path(arguments.out), results)
    return worst(
        _status(result, arguments.detailed_exitcode) if isinstance(result, Plan) else result.exit_status
        for _, result in results
    )


def plan_environment(context: Context, name: str, targets: list[str]) -> tuple[Plan, Snapshot]:
    """The plan of one environment, and what it was made from."""
    prepared = prepare(context, name)
    allowed = Allowed(production=prepared.environment.production)
    with connected(context, prepared.environment) as org:
        snapshot = observe(context, org, prepared.environment)
    return prepared.planner(context, allowed, targets)(snapshot), snapshot


def _status(plan: Plan, detailed: bool) -> ExitStatus:
    """The worst that is true of the plan: an unread part is never "no changes", whatever else is known."""
    if plan.unread:
        return ExitStatus.REFUSED
    if plan.has_errors:
        return ExitStatus.WRONG_INPUT
    return ExitStatus.CHANGES_PENDING if detailed and not plan.is_empty else ExitStatus.DONE


def _rendered(context: Context, plan: Plan) -> str:
    if context.wants_json:
        return context.as_json(_as_json(plan))
    if context.arguments.format == "markdown":
        from provisioner.report.plan_markdown import plan_markdown

        return plan_markdown(plan)
    from provisioner.report.plan_terminal import plan_terminal

    return plan_terminal(plan, context.style)


def _rendered_together(context: Context, results: list[tuple[str, Plan | ProvisionerError]]) -> str:
    if context.wants_json:
        return context.as_json(_as_json_together(results))
    if context.arguments.format == "markdown":
        from provisioner.report.plan_markdown import plans_markdown

        return plans_markdown(results)
    from provisioner.cli.sources import read_lines
    from provisioner.report.plan_terminal import plans_terminal

    return plans_terminal(results, context.style, read_lines)


def _as_json(plan: Plan) -> object:
    from provisioner.report.plan_json import plan_json

    return plan_json(plan)


def _as_json_together(results: list[tuple[str, Plan | ProvisionerError]]) -> object:
    from provisioner.report.plan_json import plans_json

    return plans_json(results)


def _save(context: Context, path: Path, plan: Plan, snapshot: Snapshot) -> None:
    from provisioner.cli.plan_files import write_plan

    if plan.unread:
        context.stderr(_not_saved(path, plan))
        return
    write_plan(context, path, plan, snapshot, context.arguments.target)
    context.stderr(f"Saved to {path}. Apply exactly this plan with:\n  {_apply(context, path, plan)}")


def _not_saved(path: Path, plan: Plan) -> str:
    """The sentences about a plan that is not saved, and about an older file of that name."""
    from provisioner.report.plan_words import unread

    what = ", ".join(each.what for each in unread(plan))
    old = f" {path} is still the older file: do not apply it." if path.is_file() else ""
    return (
        f"Not saved to {path}: the plan is incomplete, because {what} could not be read.{old}\n"
        "Next: Grant what the plan lists under Needed, and run the command again."
    )


def _apply(context: Context, path: Path, plan: Plan) -> str:
    config = "" if context.arguments.config == "config" else f" --config {shlex.quote(context.arguments.config)}"
    destroy = " --allow-destroy" if plan.risk is Risk.DESTRUCTIVE else ""
    return f"provisioner apply --env {plan.environment}{config}{destroy} {shlex.quote(str(path))}"


def _write_together(context: Context, path: Path, results: list[tuple[str, Plan | ProvisionerError]]) -> None:
    from provisioner.cli.plan_files import write_json

    write_json(context, path, _as_json_together(results))
    context.stderr(
        f"Written to {path}. This file is only a report: to save a plan that can be applied, name one environment "
        f"without a list or glob."
    )
