"""``provisioner login apply``: apply the declared logins to an org, and prove the login."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from provisioner.cli.context import Context
from provisioner.cli.login_options import add_admin, add_waits, admin_org

if TYPE_CHECKING:
    from provisioner.planning.plan import Plan

FORMATS = ("human", "json", "markdown")
DESCRIPTION = """Apply logins.yaml to an org with an administrator's session: deploy the permission sets, assign them,
deploy the app, read everything back, write the consumer key to the file that the environment refers to, and prove
the login. The command shows the plan and asks first. It creates no users."""
EPILOG = """examples:
  provisioner login apply --env sandbox --sf-org acme-uat
  provisioner login apply --env sandbox --sf-org acme-uat --yes --format json

Exits with 0 if the org is as declared and the login works, 1 if the declaration is wrong, 3 if the plan is refused,
4 if the login does not work, 5 if the org refuses a change, 6 if a deployment still runs."""


def configure(parser: argparse.ArgumentParser) -> None:
    add_admin(parser)
    parser.add_argument("--yes", action="store_true", help="apply without asking")
    parser.add_argument("--allow-destroy", action="store_true", help="allow changes that end a login")
    add_waits(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report.login import login_applied_json, login_applied_view, login_plan_view
    from provisioner.workflows.login_apply import LoginOptions, apply_logins, as_result
    from provisioner.workflows.login_scene import declared_logins

    def show(plan: Plan) -> None:
        context.show(lambda: login_plan_view(plan))

    options = LoginOptions(arguments.allow_destroy, arguments.wait, arguments.prove_for)
    with declared_logins(context, context.one_environment()) as declared, admin_org(context, declared) as org:
        context.say(f"Reading {org.session.instance_url} at API version {org.versions.chosen}.")
        applied = apply_logins(context, declared, org, options, show=show)
    result = as_result(applied)
    context.show(lambda: login_applied_view(result), lambda: login_applied_json(result))
    return result.exit_status
