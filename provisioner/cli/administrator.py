"""The administrator's session that a command line names."""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager

from provisioner.cli.context import Context
from provisioner.salesforce import Org
from provisioner.workflows.administrator import AdminOptions, administrator
from provisioner.workflows.login_scene import DeclaredLogins


def admin_options(arguments: argparse.Namespace) -> AdminOptions:
    """Return the options of the command line. Raises :class:`UsageError` if they name several sessions."""
    return AdminOptions(arguments.sf_org, arguments.admin_env, arguments.admin_token_env, arguments.instance_url)


def admin_org(context: Context, declared: DeclaredLogins) -> AbstractContextManager[Org]:
    """Return the org with the administrator's session that the command line names."""
    own = declared.own_login is not None and declared.own_login.self_managed
    return administrator(context, declared.environment, admin_options(context.arguments), own_login=own)
