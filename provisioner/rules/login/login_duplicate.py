"""Components that two logins declare."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.examples import LOGIN
from provisioner.rules.login_context import LoginContext
from provisioner.rules.rule import Rule

RULE = Rule(
    id="login-duplicate",
    severity=Severity.ERROR,
    what="Two logins declare the same app or permission set.",
    why="""
        Each login would set the component to its own values, and every apply would undo the other one. A gate of
        two apps would admit the user of one login to the app of the other.
    """,
    fix="Give each login an app and permission sets of its own.",
    good=LOGIN,
    bad=f"""{LOGIN}  reporting:
    app:
      type: connected
      name: Provisioner_CI  # wrong
""",
)


def check(context: LoginContext) -> Iterator[Diagnostic]:
    declared: dict[tuple[str, str], str] = {}
    for login in context.logins:
        parts = [("app", login.app.name), *(("permission set", name) for name in login.permission_sets)]
        for kind, name in dict.fromkeys(parts):
            first = declared.setdefault((kind, name.casefold()), login.name)
            if first != login.name:
                message = f"{login.address} declares the {kind} {name}, which login.{first} declares as well."
                yield RULE.finding(message, login.places.of("app", "name") or login.places.own, login.address)
