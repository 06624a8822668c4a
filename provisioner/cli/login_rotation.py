"""The rotation that a command line of ``login rotate`` or ``login retire`` asks for."""

from __future__ import annotations

import shlex
from datetime import timedelta

from provisioner.cli.administrator import admin_options
from provisioner.cli.context import Context
from provisioner.cli.syntax.the_login import DEFAULT_SILENT_DAYS
from provisioner.planning.login_rotation_words import LoginInvocation
from provisioner.planning.plan import Plan
from provisioner.report.login import login_plan_view
from provisioner.salesforce import Org
from provisioner.workflows.login_apply import LoginOptions
from provisioner.workflows.login_rotation.look import NewKey
from provisioner.workflows.login_rotation.rotate import LoginRotation, LoginRotationRequest


def rotation_of(context: Context, environment: str, org: Org) -> LoginRotation:
    """Return the rotation in the command line of ``login rotate`` or ``login retire``."""
    given = vars(context.arguments)
    admin = admin_options(context.arguments).typed
    key = NewKey(given.get("key_file"), given.get("passphrase_env"), given.get("consumer_key"))
    wanted = LoginRotationRequest(
        environment=environment,
        login=given["login"],
        key=key,
        in_place=given.get("in_place", False),
        back=given.get("back", False),
        silence=timedelta(days=given.get("silent_days", DEFAULT_SILENT_DAYS)),
        off_since=given.get("off_since"),
        leaked=given.get("leaked", False),
        options=LoginOptions(given.get("allow_destroy", False), given["wait"], given["prove_for"], admin),
    )
    typed = LoginInvocation(
        environment,
        admin,
        f" --key-file {shlex.quote(key.file) if key.file is not None else 'FILE'}",
    )

    def show(plan: Plan) -> None:
        context.show(lambda: login_plan_view(plan))

    return LoginRotation.begin(context, org, wanted, typed, show)
