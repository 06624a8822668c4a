"""Scopes that every login by JWT needs."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.logins import NEEDED_SCOPES, SCOPES, nearest_scope
from provisioner.rules.examples import LOGIN, changed
from provisioner.rules.login_context import LoginContext
from provisioner.rules.rule import Rule
from provisioner.words import enumerated

RULE = Rule(
    id="login-scope-missing",
    severity=Severity.ERROR,
    what="A login lacks the scope api or refresh_token.",
    why="""
        Without api the Metadata API refuses the session. Without refresh_token the token endpoint answers
        "refresh_token scope is required", for connected apps and for external client apps. `scopes` is complete:
        the org loses each scope that is not listed.
    """,
    fix="Write `scopes: [api, refresh_token]`.",
    good=LOGIN,
    bad=changed(LOGIN, ", refresh_token]", "]  # wrong"),
)


def check(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        scopes = login.app.scopes
        written = context.listed(login, "app", "scopes") or ()
        meant = {nearest_scope(name) for name, _ in written if name not in SCOPES}
        missing = [name for name in NEEDED_SCOPES if scopes is not None and name not in {*scopes, *meant}]
        if missing:
            message = f"{login.address} lacks the scope {enumerated(missing)}, and a login by JWT needs it."
            yield RULE.finding(message, login.places.of("app", "scopes"), login.address)
