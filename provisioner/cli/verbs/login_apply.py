"""``provisioner login apply``: apply the declared logins to an org, and prove the login."""

from __future__ import annotations

import argparse

from provisioner.cli.administrator import admin_options, admin_org
from provisioner.cli.context import Context
from provisioner.planning.plan import Plan
from provisioner.report.login import login_applied_json, login_applied_view, login_plan_view
from provisioner.workflows.login_apply import LoginOptions, apply_logins, as_result
from provisioner.workflows.login_scene import declared_logins


def run(arguments: argparse.Namespace, context: Context) -> int:
    def show(plan: Plan) -> None:
        context.show(lambda: login_plan_view(plan))

    options = LoginOptions(arguments.allow_destroy, arguments.wait, arguments.prove_for, admin_options(arguments).typed)
    with declared_logins(context, context.one_environment()) as declared, admin_org(context, declared) as org:
        context.say(f"Reading {org.session.instance_url} at API version {org.versions.chosen}.")
        applied = apply_logins(context, declared, org, options, show=show)
    result = as_result(applied)
    context.show(lambda: login_applied_view(result), lambda: login_applied_json(result))
    return result.exit_status
