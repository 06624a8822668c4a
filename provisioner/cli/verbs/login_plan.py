"""``provisioner login plan``: the changes that an administrator would make in an org for the declared logins."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.cli.login_options import add_admin, admin_org

FORMATS = ("human", "json", "markdown")
DESCRIPTION = """Show what an org lacks for the logins in logins.yaml: apps, policies, permission sets,
assignments.
The command reads the org with an administrator's session, and writes nothing."""
EPILOG = """examples:
  provisioner login plan --env sandbox --sf-org acme-uat
  provisioner login plan --env sandbox --admin-env sandbox-admin
  provisioner login plan --env sandbox --admin-token-env ADMIN_TOKEN \\
      --instance-url https://acme--uat.sandbox.my.salesforce.com"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_admin(parser)
    parser.add_argument("--detailed-exitcode", action="store_true", help="exit with 2 if there are changes")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report.login import login_plan_json, login_plan_view
    from provisioner.workflows.login_scene import declared_logins, planner

    with declared_logins(context, context.one_environment()) as declared, admin_org(context, declared) as org:
        context.say(f"Reading {org.session.instance_url} at API version {org.versions.chosen}.")
        plan = planner(declared, org)().plan
    context.show(lambda: login_plan_view(plan), lambda: login_plan_json(plan))
    return plan.exit_status(detailed=arguments.detailed_exitcode)
