"""Scopes that allow more than the tool needs."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.examples import LOGIN, changed
from provisioner.rules.login_context import LoginContext
from provisioner.rules.rule import Rule

RULE = Rule(
    id="login-scope-full",
    severity=Severity.WARNING,
    what="A login has the scope full.",
    why="""
        A token with the scope full reaches all data that its user can reach, and every API. provisioner needs only
        api and refresh_token. A token that leaks is worth less with fewer scopes.
    """,
    fix="Remove full, and name the scopes that the integration needs.",
    good=LOGIN,
    bad=changed(LOGIN, "refresh_token]", "refresh_token, full]  # wrong"),
)


def check(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        if "full" in (login.app.scopes or ()):
            message = f"{login.address} has the scope full."
            yield RULE.finding(message, login.places.of("app", "scopes"), login.address)
