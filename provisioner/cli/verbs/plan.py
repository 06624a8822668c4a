"""``provisioner plan``: what would change, read-only."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.cli.context import Context
from provisioner.cli.options import add_target_org
from provisioner.errors import ExitStatus, ProvisionerError, UsageError
from provisioner.planning.guards import Allowed
from provisioner.planning.plan import Plan
from provisioner.workflows.connect import connected
from provisioner.workflows.offline_plan import offline_plan
from provisioner.workflows.prepare import observe, prepare
from provisioner.workflows.side_by_side import side_by_side, worst

if TYPE_CHECKING:
    from provisioner.components.snapshot import Snapshot
    from provisioner.report.junit import Suite

FORMATS = ("human", "json", "markdown", "junit", "gitlab")
DESCRIPTION = """Show the pending changes of an org and their consequences. The command writes nothing. With several
environments (a comma-separated list, globs) it reads the orgs in parallel. With
--offline it reads no org: the declaration in the folder of --base stands for the
org, so the job of a pull request can show the changes without a login."""
EPILOG = """examples:
  provisioner plan --env sandbox
  provisioner plan --env sandbox,production --format markdown
  provisioner plan --env production --out plan.json
  provisioner plan --env production --target keyset.storefront \\
      --detailed-exitcode
  provisioner plan --env sandbox --offline --base ../main/config"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", metavar="FILE", help="also save the plan to FILE, for approval and apply")
    parser.add_argument("--offline", action="store_true", help="compare with another declaration; read no org")
    parser.add_argument("--base", metavar="DIR", type=Path, help="with --offline: the config directory to compare with")
    parser.add_argument("--detailed-exitcode", action="store_true", help="exit with 2 if there are changes")
    parser.add_argument(
        "--target", metavar="ADDRESS", action="append", default=[], help="only this address (repeatable)"
    )
    add_target_org(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    if arguments.out is not None and arguments.target_org is not None:
        raise UsageError(
            "A plan made with --target-org cannot be applied, so it is not saved.",
            next=f"Write an environment file, and plan with --env: provisioner init --from-sf {arguments.target_org}",
        )
    names = context.environment_names()
    base = _base(arguments)
    if not context.may_name_several:
        plan, snapshot = plan_environment(context, names[0], arguments.target, base)
        _show(context, [(names[0], plan)], several=False)
        if arguments.out is not None and snapshot is not None:
            _save(context, Path(arguments.out), plan, snapshot)
        return _status(plan, arguments.detailed_exitcode)
    results = side_by_side(names, lambda name: plan_environment(context, name, arguments.target, base)[0])
    _show(context, results, several=True)
    if arguments.out is not None:
        _write_together(context, Path(arguments.out), results)
    return worst(
        _status(result, arguments.detailed_exitcode) if isinstance(result, Plan) else result.exit_status
        for _, result in results
    )


def _base(arguments: argparse.Namespace) -> Path | None:
    """Return the folder that an offline plan compares with; None to read the org."""
    base: Path | None = arguments.base
    if arguments.offline != (base is not None):
        raise UsageError(
            "--offline and --base DIR belong together: an offline plan compares with the declaration in DIR.",
            next="Check out the target branch beside this one, and name its config directory: --offline --base "
            "../main/config.",
        )
    if base is not None and arguments.out is not None:
        raise UsageError(
            "An offline plan cannot be saved with --out: no org was read, so it cannot be applied.",
            next="Write the report to a file with `--format json > FILE`.",
        )
    return base


def plan_environment(
    context: Context, name: str, targets: list[str], base: Path | None = None
) -> tuple[Plan, Snapshot | None]:
    """Return the plan of one environment, and the org that it was made from: None for an offline plan."""
    if base is not None:
        return offline_plan(context, name, base, targets), None
    prepared = prepare(context, name)
    allowed = Allowed(production=prepared.environment.production)
    with connected(context, prepared.environment) as org:
        snapshot = observe(context, org, prepared.environment, prepared.estate)
    return prepared.planner(context, allowed, targets)(snapshot), snapshot


def _status(plan: Plan, detailed: bool) -> ExitStatus:
    """The worst that is true of the plan: an unread part is never "no changes", whatever else is known."""
    if plan.unread:
        return ExitStatus.REFUSED
    if plan.has_errors:
        return ExitStatus.WRONG_INPUT
    return ExitStatus.CHANGES_PENDING if detailed and not plan.is_empty else ExitStatus.DONE


def _show(context: Context, results: list[tuple[str, Plan | ProvisionerError]], *, several: bool) -> None:
    from provisioner.cli.sources import read_lines
    from provisioner.report.plan_gitlab import plans_gitlab
    from provisioner.report.plan_json import plan_json, plans_json
    from provisioner.report.plan_view import plans_view

    def junit() -> list[Suite]:
        from provisioner.report.junit_suites import plans_suites

        return plans_suites(results, detailed=context.arguments.detailed_exitcode)

    def markdown() -> str:
        from provisioner.report.plan_markdown import plans_markdown

        return plans_markdown(results)

    plan = results[0][1]
    context.show(
        lambda: plans_view(results, read_lines),
        lambda: plans_json(results) if several or not isinstance(plan, Plan) else plan_json(plan),
        junit=junit,
        markdown=markdown,
        services={"gitlab": lambda: context.as_json(plans_gitlab(results))},
    )


def _save(context: Context, path: Path, plan: Plan, snapshot: Snapshot) -> None:
    from provisioner.workflows.plan_files import apply_command, write_plan

    if plan.unread:
        context.say(_not_saved(path, plan))
        return
    write_plan(context, path, plan, snapshot, context.arguments.target)
    context.say(f"Saved to {path}. Apply exactly this plan with:\n  {apply_command(context, path, plan)}")


def _not_saved(path: Path, plan: Plan) -> str:
    """The sentences about a plan that is not saved, and about an older file of that name."""
    from provisioner.report.plan_words import unread

    what = ", ".join(each.what for each in unread(plan))
    old = f" {path} is still the older file: do not apply it." if path.is_file() else ""
    return (
        f"Not saved to {path}: the plan is incomplete, because {what} could not be read.{old}\n"
        "Next: Grant what the plan lists under Needed, and run the command again."
    )


def _write_together(context: Context, path: Path, results: list[tuple[str, Plan | ProvisionerError]]) -> None:
    from provisioner.report.plan_json import plans_json
    from provisioner.workflows.plan_files import write_json

    write_json(path, plans_json(results))
    context.say(
        f"Written to {path}. This file is only a report: to save a plan that can be applied, name one environment "
        "without a list or glob."
    )
