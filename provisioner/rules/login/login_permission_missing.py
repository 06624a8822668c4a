"""Permissions that provisioner needs."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.logins import OWN_PERMISSIONS, USER_PERMISSIONS, EnvField, permission_name
from provisioner.names import nearest
from provisioner.rules.examples import LOGIN, changed
from provisioner.rules.login_context import LoginContext
from provisioner.rules.rule import Rule
from provisioner.words import enumerated

RULE = Rule(
    id="login-permission-missing",
    severity=Severity.WARNING,
    what="The login of the environment lacks a permission that provisioner needs.",
    why="""
        The tool reads and deploys metadata with api_enabled, modify_metadata and view_setup, and messaging channels
        with configure_messaging. Another permission set or the profile of the user may grant them, so this is a
        warning.
    """,
    fix="Add the missing permissions to user_permissions.",
    good=LOGIN,
    bad=changed(LOGIN, ", modify_metadata, view_setup, configure_messaging]", "]  # wrong"),
)


def check(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        granted = login.permission_set
        written = context.listed(login, "access", "permission_set", "user_permissions")
        if granted is None or written is None or not isinstance(login.assigned_to, EnvField):
            continue
        meant = {nearest(name, USER_PERMISSIONS) for name, _ in written if permission_name(name) is None}
        absent = (name for name in OWN_PERMISSIONS if USER_PERMISSIONS[name] not in granted.user_permissions)
        missing = [name for name in absent if name not in meant]  # a misspelt one has its own finding
        if missing:
            message = f"The permission set {granted.name} lacks {enumerated(missing)}."
            at = login.places.of("access", "permission_set", "user_permissions")
            yield RULE.finding(message, at, login.address)
