"""``provisioner plan``: the pending changes, read-only."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.cli.context import Context
from provisioner.cli.options import add_target_org

if TYPE_CHECKING:
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
    parser.add_argument("--out", metavar="FILE", type=Path, help="also save the plan to FILE, for approval and apply")
    parser.add_argument("--offline", action="store_true", help="compare with another declaration; read no org")
    parser.add_argument("--base", metavar="DIR", type=Path, help="with --offline: the config directory to compare with")
    parser.add_argument("--detailed-exitcode", action="store_true", help="exit with 2 if there are changes")
    parser.add_argument(
        "--target", metavar="ADDRESS", action="append", default=[], help="only this address (repeatable)"
    )
    add_target_org(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.cli.sources import read_lines
    from provisioner.report.plan_view import plans_view
    from provisioner.workflows.plan import PlanOptions, plan_all, save

    options = PlanOptions(
        tuple(arguments.target), arguments.out, arguments.offline, arguments.base, arguments.target_org
    )
    several, detailed = context.may_name_several, arguments.detailed_exitcode
    planned = plan_all(context, context.environment_names(), options, several=several)

    def json() -> object:
        from provisioner.report.plan_json import plan_json, plans_json

        return plans_json(planned.results) if planned.alone is None or several else plan_json(planned.alone)

    def junit() -> list[Suite]:
        from provisioner.report.plan_view import plans_suites

        return plans_suites(planned.results, detailed=detailed)

    def markdown() -> str:
        from provisioner.report.plan_markdown import plans_markdown

        return plans_markdown(planned.results)

    def gitlab(_: object) -> str:
        from provisioner.report.gitlab import plans_gitlab

        return context.as_json(plans_gitlab(planned.results))

    context.show(
        lambda: plans_view(planned.results, read_lines), json, junit=junit, markdown=markdown,
        services={"gitlab": gitlab},
    )  # fmt: skip
    save(context, planned, options)
    return planned.exit_status(detailed=detailed)
