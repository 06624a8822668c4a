"""``provisioner show``: a saved plan, in any format."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.errors import ExitStatus
from provisioner.report.gitlab import plans_gitlab
from provisioner.report.plan_markdown import saved_plan_markdown
from provisioner.report.plan_view import saved_plan_view
from provisioner.workflows.plan_files import apply_command, open_plan


def run(arguments: argparse.Namespace, context: Context) -> int:
    saved, plan = open_plan(arguments.plan)
    context.show(
        lambda: saved_plan_view(str(arguments.plan), saved, plan),
        lambda: saved.document,
        markdown=lambda: saved_plan_markdown(str(arguments.plan), saved, plan),
        services={"gitlab": lambda _: context.as_json(plans_gitlab([(plan.environment, plan)]))},
    )
    if plan.changes:
        context.say(f"Apply exactly this plan with:\n  {apply_command(context, arguments.plan, plan)}")
    return ExitStatus.DONE
