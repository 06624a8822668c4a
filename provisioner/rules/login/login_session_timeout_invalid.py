"""Session timeouts that no app has."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.examples import LOGIN, changed
from provisioner.rules.login_context import LoginContext
from provisioner.rules.rule import Rule

SHORTEST, LONGEST = 15, 1440

RULE = Rule(
    id="login-session-timeout-invalid",
    severity=Severity.ERROR,
    what="The session timeout of a login is out of range.",
    why="""
        Salesforce offers session timeouts from 15 minutes to 24 hours (Setup > Session Settings). A short timeout
        limits the use of a token that leaked; provisioner logs in again if its session expires during a deployment.
    """,
    fix="Write a whole number of minutes from 15 to 1440.",
    good=LOGIN,
    bad=changed(LOGIN, "admin_approved}", "admin_approved, session_timeout_minutes: 5}  # wrong"),
)


def check(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        minutes = login.policy.session_timeout_minutes
        if minutes is not None and not SHORTEST <= minutes <= LONGEST:
            message = f"The session timeout of {login.address} is {minutes} minutes, not {SHORTEST} to {LONGEST}."
            yield RULE.finding(message, login.places.of("policy", "session_timeout_minutes"), login.address)
