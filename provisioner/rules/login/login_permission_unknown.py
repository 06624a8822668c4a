"""User permissions that cannot exist."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.jose.defects import excerpt
from provisioner.model.logins import USER_PERMISSIONS, permission_name
from provisioner.names import hint
from provisioner.rules.examples import LOGIN, changed
from provisioner.rules.login_context import LoginContext
from provisioner.rules.rule import Rule

RULE = Rule(
    id="login-permission-unknown",
    severity=Severity.ERROR,
    what="A login names a user permission that cannot exist.",
    why="""
        A permission is written by its API name, such as ApiEnabled, or by one of the names that this file knows,
        such as api_enabled. An org refuses a permission set with an unknown permission as a whole.
    """,
    fix="Write the API name of the permission.",
    good=LOGIN,
    bad=changed(LOGIN, "[api_enabled, modify_metadata, view_setup, configure_messaging]", "[api_enable]  # wrong"),
)


def check(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        for written, at in context.listed(login, "access", "permission_set", "user_permissions") or ():
            if permission_name(written) is None:
                near = hint(written, USER_PERMISSIONS)
                message = f"{login.address} names the user permission {excerpt(written)}, which cannot exist.{near}"
                yield RULE.finding(message, at, login.address)
