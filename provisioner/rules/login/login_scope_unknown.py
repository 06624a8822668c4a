"""Scopes that no app has."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.jose.defects import excerpt
from provisioner.model.logins import SCOPES
from provisioner.names import hint
from provisioner.rules.login_context import LoginContext
from provisioner.rules.login_examples import LOGIN, changed_login
from provisioner.rules.rule import Rule

RULE = Rule(
    id="login-scope-unknown",
    severity=Severity.ERROR,
    what="A login names a scope that does not exist.",
    why="""
        An org refuses the deployment of an app with an unknown scope ("There's a problem with your scope(s)").
        Scopes are written by their names in OAuth, such as api and refresh_token, and not by their labels in Setup.
    """,
    fix="Write one of the scopes that the editor schema lists, such as api.",
    good=LOGIN,
    bad=changed_login("refresh_token]", "refresh_token, apis]  # wrong"),
)


def check(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        for name, at in context.texts(login, "app", "scopes"):
            if name not in SCOPES:
                message = f"{login.address} names the scope {excerpt(name)}, which does not exist.{hint(name, SCOPES)}"
                fix = f"Scopes: {', '.join(SCOPES)}."
                yield RULE.finding(message, at, login.address, fix=fix)
