"""``provisioner show``: a saved plan, in any format."""

from __future__ import annotations

import argparse
from pathlib import Path

from provisioner.cli.context import Context
from provisioner.errors import ExitStatus

FORMATS = ("human", "json", "markdown", "gitlab")
DESCRIPTION = """Print a saved plan as a person or a program reads it. The command checks that the file is unchanged
since it was saved. It contacts no org: apply compares the plan with the org."""
EPILOG = """examples:
  provisioner show plan.json
  provisioner show plan.json --format markdown
  provisioner show plan.json --format gitlab > terraform-report.json

Exits with 3 if the file is not a saved plan or was changed."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plan", metavar="PLANFILE", type=Path, help="a file that plan wrote with --out")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report.gitlab import plans_gitlab
    from provisioner.report.plan_markdown import saved_plan_markdown
    from provisioner.report.plan_view import saved_plan_view
    from provisioner.workflows.plan_files import apply_command, open_plan

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
