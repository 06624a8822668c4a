"""``provisioner login retire``: the end of the app that a rotation replaced."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.cli.login_options import add_admin, add_retiring, add_waits, admin_org, rotation_of

FORMATS = ("human", "json", "markdown")
DESCRIPTION = """End the earlier app after `login rotate` switched the environment: first switch it off, which can be
undone, and a day later delete it. Each step needs a login through the new app that works now, and a login history
that shows the new app and is silent about the earlier one. A history that cannot be read is not silent. The command
shows the plan and asks first."""
EPILOG = """examples:
  provisioner login retire --env sandbox --sf-org acme-uat --allow-destroy
  provisioner login retire --env sandbox --sf-org acme-uat --allow-destroy \\
      --silent-days 30

Exits with 0 if the step is complete, 3 if it was refused, 4 if the login does not work, 5 if the org refuses it."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login", metavar="LOGIN", nargs="?", help="the login's name (default: the environment's own)")
    add_admin(parser)
    parser.add_argument("--yes", action="store_true", help="apply without asking")
    add_retiring(parser)
    add_waits(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report.login_rotation import login_rotated_json, login_rotated_view
    from provisioner.workflows.login_rotation.retire import retire
    from provisioner.workflows.login_scene import declared_logins

    with declared_logins(context, context.one_environment()) as declared, admin_org(context, declared) as org:
        rotated = retire(rotation_of(context, declared.environment.name, org))
    context.show(lambda: login_rotated_view(rotated), lambda: login_rotated_json(rotated))
    return rotated.exit_status
