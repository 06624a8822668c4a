"""``provisioner plan``: the pending changes, read-only."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.cli.sources import read_lines
from provisioner.report.gitlab import plans_gitlab
from provisioner.report.plan_json import plan_json, plans_json
from provisioner.report.plan_view import plans_suites, plans_view
from provisioner.workflows.plan import PlanOptions, plan_all, save


def run(arguments: argparse.Namespace, context: Context) -> int:
    options = PlanOptions(
        tuple(arguments.target), arguments.out, arguments.offline, arguments.base, arguments.target_org
    )
    several, detailed = context.may_name_several, arguments.detailed_exitcode
    planned = plan_all(context, context.environment_names(), options, several=several)

    def json() -> object:
        return plans_json(planned.results) if planned.alone is None or several else plan_json(planned.alone)

    def markdown() -> str:
        from provisioner.report.plan_markdown import plans_markdown  # the Markdown of comments

        return plans_markdown(planned.results)

    context.show(
        lambda: plans_view(planned.results, read_lines),
        json,
        junit=lambda: plans_suites(planned.results, detailed=detailed),
        markdown=markdown,
        services={"gitlab": lambda _: context.as_json(plans_gitlab(planned.results))},
    )
    if options.out is not None:
        save(context, planned, options.out, options.targets)
    return planned.exit_status(detailed=detailed)
