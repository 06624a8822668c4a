"""Scopes that no app has."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.jose.defects import excerpt
from provisioner.model.logins import SCOPES, nearest_scope
from provisioner.rules.examples import LOGIN, changed
from provisioner.rules.login_context import LoginContext
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
    bad=changed(LOGIN, "refresh_token]", "refresh_token, apis]  # wrong"),
)


def check(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        for name, at in context.listed(login, "app", "scopes") or ():
            if name not in SCOPES:
                near = f" Did you mean {meant}?" if (meant := nearest_scope(name)) is not None else ""
                message = f"{login.address} names the scope {excerpt(name)}, which does not exist.{near}"
                fix = f"Scopes: {', '.join(SCOPES)}."
                yield RULE.finding(message, at, login.address, fix=fix)
