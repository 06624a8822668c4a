"""Logins that could give themselves more permissions."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.logins import RAISING_PERMISSIONS
from provisioner.rules.examples import LOGIN, changed
from provisioner.rules.login_context import LoginContext
from provisioner.rules.rule import Rule
from provisioner.words import enumerated

RULE = Rule(
    id="login-raises-itself",
    severity=Severity.ERROR,
    what="A login may give itself more permissions, and is not declared as self_managed.",
    why="""
        With permissions such as assign_permission_sets or external_client_app_admin the user of the login can
        change its own app and permission sets, and so can anyone who holds its private key. An administrator applies
        changes of a login; a login that does it itself is declared with self_managed: true.
    """,
    fix="Remove the permission, or write `self_managed: true` if the login must change itself.",
    good=LOGIN,
    bad=changed(LOGIN, "view_setup, configure_messaging]", "assign_permission_sets]  # wrong"),
)


def check(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        granted = login.permission_set.user_permissions if login.permission_set is not None else ()
        raising = [name for name in granted if name in RAISING_PERMISSIONS]
        if raising and not login.self_managed:
            message = f"With {enumerated(raising)} the user of {login.address} can give itself more permissions."
            at = login.places.of("access", "permission_set", "user_permissions")
            yield RULE.finding(message, at, login.address)
