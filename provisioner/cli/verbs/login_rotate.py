"""``provisioner login rotate``: a new certificate for a login, without an outage."""

from __future__ import annotations

import argparse

from provisioner.cli.administrator import admin_org
from provisioner.cli.context import Context
from provisioner.cli.login_rotation import rotation_of
from provisioner.errors import UsageError
from provisioner.report.login_rotation import (
    login_rotated_json,
    login_rotated_view,
    login_rotation_status_view,
)
from provisioner.workflows.login_scene import declared_logins


def run(arguments: argparse.Namespace, context: Context) -> int:
    _check_together(arguments)
    with declared_logins(context, context.one_environment()) as declared, admin_org(context, declared) as org:
        rotation = rotation_of(context, declared.environment.name, org)
        rotated = rotation.status() if arguments.status else rotation.run()
    view = login_rotation_status_view if arguments.status else login_rotated_view
    context.show(lambda: view(rotated), lambda: login_rotated_json(rotated))
    return rotated.exit_status


def _check_together(arguments: argparse.Namespace) -> None:
    for option, others in (
        ("--status", ("--back", "--yes", "--key-file", "--in-place")),
        ("--back", ("--key-file", "--in-place")),
    ):
        given = [each for each in others if getattr(arguments, each[2:].replace("-", "_"))]
        if getattr(arguments, option[2:]) and given:
            raise UsageError(f"{given[0]} cannot be combined with {option}.", next=f"Omit {given[0]}.")
    if arguments.passphrase_env and not arguments.key_file:
        raise UsageError("--passphrase-env needs --key-file.", next="Name the file of the private key.")
