"""The options of every command that works with an administrator's session."""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from provisioner.cli.context import Context
from provisioner.cli.options import cli_alias

if TYPE_CHECKING:
    from provisioner.salesforce import Org
    from provisioner.workflows.administrator import AdminOptions
    from provisioner.workflows.login_scene import DeclaredLogins


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
