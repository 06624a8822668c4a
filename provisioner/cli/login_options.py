"""The options of every command that works with an administrator's session."""

from __future__ import annotations

import argparse
import shlex
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from provisioner.cli.context import Context
from provisioner.cli.options import add_wait, cli_alias, minutes, moment

if TYPE_CHECKING:
    from provisioner.planning.plan import Plan
    from provisioner.salesforce import Org
    from provisioner.workflows.administrator import AdminOptions
    from provisioner.workflows.login_rotation.rotate import LoginRotation
    from provisioner.workflows.login_scene import DeclaredLogins


DEFAULT_PROOF_MINUTES = 20.0
DEFAULT_SILENT_DAYS, MOST_SILENT_DAYS = 7, 180


def add_admin(parser: argparse.ArgumentParser) -> None:
    """Add the three ways to name an administrator's session."""
    group = parser.add_argument_group("the administrator's session (one of these)")
    group.add_argument(
        "--sf-org", metavar="ALIAS", type=cli_alias, help="the session that the official Salesforce CLI has for ALIAS"
    )
    group.add_argument("--admin-env", metavar="NAME", help="the login of another environment of the same org")
    group.add_argument(
        "--admin-token-env", metavar="VAR", help="the environment variable that holds an administrator's access token"
    )
    group.add_argument(
        "--instance-url",
        metavar="URL",
        help="the org's URL for --admin-token-env (default: that of login_url)",
    )


def admin_options(arguments: argparse.Namespace) -> AdminOptions:
    """Return the options of the command line. Raises :class:`UsageError` if they name several sessions."""
    from provisioner.workflows.administrator import AdminOptions

    return AdminOptions(arguments.sf_org, arguments.admin_env, arguments.admin_token_env, arguments.instance_url)


def admin_org(context: Context, declared: DeclaredLogins) -> AbstractContextManager[Org]:
    """Return the org with the administrator's session that the command line names."""
    from provisioner.workflows.administrator import administrator

    own = declared.own_login is not None and declared.own_login.self_managed
    return administrator(context, declared.environment, admin_options(context.arguments), own_login=own)


def add_waits(parser: argparse.ArgumentParser) -> None:
    """Add the times to wait for a deployment and for the login."""
    add_wait(parser, "a deployment")
    parser.add_argument(
        "--prove-for",
        metavar="MINUTES",
        type=minutes,
        default=DEFAULT_PROOF_MINUTES,
        help=f"time to wait until the login works (default: {DEFAULT_PROOF_MINUTES:.0f})",
    )


def add_retiring(parser: argparse.ArgumentParser) -> None:
    """Add the options of a retirement."""
    parser.add_argument("--allow-destroy", action="store_true", help="allow changes that end a login")
    parser.add_argument(
        "--silent-days",
        metavar="DAYS",
        type=_days,
        default=DEFAULT_SILENT_DAYS,
        help=f"days for which nobody may have used the earlier app (default: {DEFAULT_SILENT_DAYS})",
    )
    parser.add_argument(
        "--leaked", action="store_true", help="the earlier private key leaked: do not wait until nobody uses the app"
    )
    parser.add_argument(
        "--off-since",
        metavar="TIME",
        type=moment,
        help="when the earlier app was switched off, if the org does not say",
    )


def _days(text: str) -> int:
    """Return the days of silence; an org keeps its login history for six months."""
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= MOST_SILENT_DAYS):
        raise argparse.ArgumentTypeError(f"must be a number of days from 1 to {MOST_SILENT_DAYS}")
    return int(text)


def rotation_of(context: Context, environment: str, org: Org) -> LoginRotation:
    """Return the rotation in the command line of ``login rotate`` or ``login retire``."""
    from datetime import timedelta

    from provisioner.planning.login_rotation_words import LoginInvocation
    from provisioner.report.login_view import login_plan_view
    from provisioner.workflows.login_apply import LoginOptions
    from provisioner.workflows.login_rotation.look import NewKey
    from provisioner.workflows.login_rotation.rotate import LoginRotation, LoginRotationRequest

    given = vars(context.arguments)
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
        options=LoginOptions(given.get("allow_destroy", False), given["wait"], given["prove_for"]),
    )
    typed = LoginInvocation(
        environment,
        f"{context.config_option}{_typed_admin(context.arguments)}",
        f" --key-file {shlex.quote(key.file) if key.file is not None else 'FILE'}",
    )

    def show(plan: Plan) -> None:
        context.show(lambda: login_plan_view(plan))

    return LoginRotation.begin(context, org, wanted, typed, show)


def _typed_admin(arguments: argparse.Namespace) -> str:
    """Return the options of the administrator's session, as they were typed."""
    given = {
        "--sf-org": arguments.sf_org,
        "--admin-env": arguments.admin_env,
        "--admin-token-env": arguments.admin_token_env,
        "--instance-url": arguments.instance_url,
    }
    return "".join(f" {option} {shlex.quote(value)}" for option, value in given.items() if value)
