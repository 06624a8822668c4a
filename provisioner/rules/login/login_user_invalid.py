"""Users of logins."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.jose.defects import excerpt
from provisioner.model.environment import Environment
from provisioner.model.logins import ENV_FIELDS, EnvField
from provisioner.rules.examples import LOGIN, changed
from provisioner.rules.login_context import LoginContext
from provisioner.rules.rule import Rule

RULE = Rule(
    id="login-user-invalid",
    severity=Severity.ERROR,
    what="A login is assigned to something that is not a user of the environment.",
    why="""
        The value is a username, or ${env_field:username} for exactly the user that the environment file names. The
        user must exist in the org, because provisioner never creates users. An environment with sf_org names no
        user.
    """,
    fix="Write `assigned_to: ${env_field:username}`.",
    good=LOGIN,
    bad=changed(LOGIN, "env_field:username}", "env_field:user}  # wrong"),
)


def check(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        problem = _problem(login.assigned_to, context.environment)
        if problem is not None:
            yield RULE.finding(f"{login.address}: {problem}.", login.places.of("assigned_to"), login.address)


def _problem(assigned: EnvField | str | None, environment: Environment | None) -> str | None:
    match assigned:
        case EnvField(name=name) if name not in ENV_FIELDS:
            return f"an environment has no field {excerpt(name)} for `assigned_to`"
        case EnvField() if environment is not None and environment.sf_org is not None:
            return f"{environment.file} has sf_org, so it names no user for {assigned}"
        case str() if "${" not in assigned and "@" not in assigned:
            return f"{excerpt(assigned)} is not a username"
        case _:
            return None
