"""``provisioner login rotate``: a new certificate for a login, without an outage."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.cli.login_options import add_admin, add_waits, admin_org, rotation_of

FORMATS = ("human", "json", "markdown")
DESCRIPTION = """Rotate the certificate of the environment's login, one safe step at a time. By default a second app
gets the new certificate: the command deploys it beside the present one, proves the login, and switches the environment
file to it; `login retire` ends the earlier app. With --in-place (and for connected apps) the app itself gets the
certificate, while the environment holds both private keys. The command reads the state from logins.yaml, the
environment file and the org each time, so you can run it again at any moment. It performs the next step only."""
EPILOG = """examples:
  provisioner keys generate --login provisioner-ci-2 \\
      --private-key ~/.secrets/uat_2.key
  provisioner login rotate --env sandbox --sf-org acme-uat \\
      --key-file ~/.secrets/uat_2.key
  provisioner login rotate --env sandbox --sf-org acme-uat --status
  provisioner login rotate --env sandbox --sf-org acme-uat --back

Exits with 0 if the step is complete or is yours to do, 3 if the step was refused, 4 if the login does not work, 5 if
the org refuses a change."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login", metavar="LOGIN", nargs="?", help="the login's name (default: the environment's own)")
    add_admin(parser)
    parser.add_argument("--status", action="store_true", help="only print the state of the rotation")
    parser.add_argument("--back", action="store_true", help="turn the rotation round: go back to the earlier side")
    parser.add_argument("--yes", action="store_true", help="apply without asking")
    new = parser.add_argument_group("the new side")
    new.add_argument("--key-file", metavar="FILE", help="the new private key, with its certificate beside it")
    new.add_argument("--passphrase-env", metavar="V", help="the variable with the passphrase of the private key")
    new.add_argument("--in-place", action="store_true", help="replace the certificate of the app itself")
    new.add_argument("--consumer-key", metavar="KEY", help="the new app's consumer key, if the org does not show it")
    add_waits(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report.login_rotation import (
        login_rotated_json,
        login_rotated_view,
        login_rotation_status_view,
    )
    from provisioner.workflows.login_scene import declared_logins

    _check_together(arguments)
    with declared_logins(context, context.one_environment()) as declared, admin_org(context, declared) as org:
        rotation = rotation_of(context, declared.environment.name, org)
        rotated = rotation.status() if arguments.status else rotation.run()
    view = login_rotation_status_view if arguments.status else login_rotated_view
    context.show(lambda: view(rotated), lambda: login_rotated_json(rotated))
    return rotated.exit_status


def _check_together(arguments: argparse.Namespace) -> None:
    from provisioner.errors import UsageError

    for option, others in (
        ("--status", ("--back", "--yes", "--key-file", "--in-place")),
        ("--back", ("--key-file", "--in-place")),
    ):
        given = [each for each in others if getattr(arguments, each[2:].replace("-", "_"))]
        if getattr(arguments, option[2:]) and given:
            raise UsageError(f"{given[0]} cannot be combined with {option}.", next=f"Omit {given[0]}.")
    if arguments.passphrase_env and not arguments.key_file:
        raise UsageError("--passphrase-env needs --key-file.", next="Name the file of the private key.")
