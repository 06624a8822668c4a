"""``provisioner login status``: the declared logins as an org has them."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.cli.login_options import add_admin, admin_org

FORMATS = ("human", "json", "markdown")
DESCRIPTION = """Show the state of each login in logins.yaml: the app, its differences, the certificate, who may use the
app, and who changed it last. The environment's own login is tried once. The command changes nothing."""
EPILOG = """examples:
  provisioner login status --env sandbox --sf-org acme-uat

Exits with 0 if the org is as declared and the login works, 1 if the login fails, 2 if the org differs, 3 if something
could not be read."""


def configure(parser: argparse.ArgumentParser) -> None:
    add_admin(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report.login import login_status_json, login_status_view
    from provisioner.workflows.login_scene import declared_logins
    from provisioner.workflows.login_status import login_status

    with declared_logins(context, context.one_environment()) as declared, admin_org(context, declared) as org:
        status, exit_status = login_status(context, declared, org)
    context.show(lambda: login_status_view(status), lambda: login_status_json(status))
    return exit_status
