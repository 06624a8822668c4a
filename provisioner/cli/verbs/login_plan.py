"""``provisioner login plan``: the changes that an administrator would make in an org for the declared logins."""

from __future__ import annotations

import argparse

from provisioner.cli.administrator import admin_org
from provisioner.cli.context import Context
from provisioner.report.login import login_plan_view
from provisioner.report.plan_json import plan_json
from provisioner.workflows.login_scene import declared_logins, planner


def run(arguments: argparse.Namespace, context: Context) -> int:
    with declared_logins(context, context.one_environment()) as declared, admin_org(context, declared) as org:
        context.say(f"Reading {org.session.instance_url} at API version {org.versions.chosen}.")
        plan = planner(declared, org)().plan
    context.show(lambda: login_plan_view(plan), lambda: plan_json(plan))
    return plan.exit_status(detailed=arguments.detailed_exitcode)
