"""Apps that each user authorizes for themselves."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.logins import SELF_AUTHORIZED
from provisioner.rules.examples import LOGIN, changed
from provisioner.rules.login_context import LoginContext
from provisioner.rules.rule import Rule

RULE = Rule(
    id="login-self-authorized",
    severity=Severity.WARNING,
    what="The policy of a login lets every user authorize the app.",
    why="""
        With permitted_users: self_authorized a user must have logged in to the app in a browser once before JWT
        bearer works; until then the token endpoint answers "user hasn't approved this consumer". Nobody does that
        for an integration user.
    """,
    fix="Write `permitted_users: admin_approved` and name a gate.",
    good=LOGIN,
    bad=changed(LOGIN, "admin_approved}", "self_authorized}  # wrong"),
)


def check(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        if login.policy.permitted_users == SELF_AUTHORIZED:
            message = f"{login.address} lets every user authorize the app, and JWT bearer fails until a user did."
            yield RULE.finding(message, login.places.of("policy", "permitted_users"), login.address)
