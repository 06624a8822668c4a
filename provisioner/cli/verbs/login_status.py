"""``provisioner login status``: the declared logins as an org has them."""

from __future__ import annotations

import argparse

from provisioner.cli.administrator import admin_options, admin_org
from provisioner.cli.context import Context
from provisioner.report.login import login_status_json, login_status_view
from provisioner.workflows.login_scene import declared_logins
from provisioner.workflows.login_status import login_status


def run(arguments: argparse.Namespace, context: Context) -> int:
    with declared_logins(context, context.one_environment()) as declared, admin_org(context, declared) as org:
        status, exit_status = login_status(context, declared, org, admin_options(arguments).typed)
    context.show(lambda: login_status_view(status), lambda: login_status_json(status))
    return exit_status
