"""Logins that change themselves."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.examples import LOGIN, changed
from provisioner.rules.login_context import LoginContext
from provisioner.rules.rule import Rule

RULE = Rule(
    id="login-self-managed",
    severity=Severity.WARNING,
    what="A login may change its own app and permission sets.",
    why="""
        With self_managed: true the CI login can raise its own permissions, and so can anyone who holds its private key
        or edits logins.yaml. With an administrator's session the CI login needs no such permission.
    """,
    fix="Remove `self_managed`, and apply changes of the login with an administrator's session.",
    good=LOGIN,
    bad=changed(LOGIN, "username}\n", "username}\n    self_managed: true  # wrong\n"),
)


def check(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        if login.self_managed:
            message = f"{login.address} may change its own app and permission sets."
            yield RULE.finding(message, login.places.of("self_managed"), login.address)
