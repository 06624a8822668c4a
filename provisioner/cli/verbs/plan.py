"""``provisioner plan``: the pending changes, read-only."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from provisioner.cli.context import Context
from provisioner.cli.sources import read_lines
from provisioner.report.plan_view import plans_view
from provisioner.workflows.plan import PlanOptions, plan_all, save

if TYPE_CHECKING:
    from provisioner.report.junit import Suite


def run(arguments: argparse.Namespace, context: Context) -> int:
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
    if options.out is not None:
        save(context, planned, options)
    return planned.exit_status(detailed=detailed)
