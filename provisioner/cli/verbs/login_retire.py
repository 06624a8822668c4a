"""``provisioner login retire``: the end of the app that a rotation replaced."""

from __future__ import annotations

import argparse

from provisioner.cli.administrator import admin_org
from provisioner.cli.context import Context
from provisioner.cli.login_rotation import rotation_of
from provisioner.report.login_rotation import login_rotated_json, login_rotated_view
from provisioner.workflows.login_rotation.rotate import retire
from provisioner.workflows.login_scene import declared_logins


def run(arguments: argparse.Namespace, context: Context) -> int:
    with declared_logins(context, context.one_environment()) as declared, admin_org(context, declared) as org:
        rotated = retire(rotation_of(context, declared.environment.name, org))
    context.show(lambda: login_rotated_view(rotated), lambda: login_rotated_json(rotated))
    return rotated.exit_status
