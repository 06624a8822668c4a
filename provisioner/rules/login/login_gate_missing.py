"""Apps that admit no user."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.logins import ADMIN_APPROVED
from provisioner.rules.examples import LOGIN, changed
from provisioner.rules.login_context import LoginContext
from provisioner.rules.rule import Rule

RULE = Rule(
    id="login-gate-missing",
    severity=Severity.ERROR,
    what="Only approved users may use the app of a login, and no gate admits one.",
    why="""
        With permitted_users: admin_approved the app admits only users who have one of its permission sets or
        profiles. Without a gate nobody is admitted, and the token endpoint answers "user is not admin approved to
        access this app".
    """,
    fix="Name a permission set as gate under access.",
    good=LOGIN,
    bad=changed(
        LOGIN,
        "admin_approved}",
        "admin_approved}  # wrong",
        "      gate: Provisioner_CI_Access\n",
        "",
    ),
)


def check(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        if login.policy.permitted_users == ADMIN_APPROVED and context.lacks(login, ("access",), "gate"):
            message = f"{login.address} admits approved users only, and has no gate."
            yield RULE.finding(message, login.places.of("policy", "permitted_users"), login.address)
