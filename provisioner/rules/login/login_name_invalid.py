"""API names of apps and permission sets."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.jose.defects import excerpt
from provisioner.rules.examples import LOGIN, changed
from provisioner.rules.login_context import LoginContext
from provisioner.rules.names.name_invalid import name_problem
from provisioner.rules.rule import Rule

RULE = Rule(
    id="login-name-invalid",
    severity=Severity.ERROR,
    what="Salesforce refuses the API name of an app or a permission set.",
    why="""
        An API name has only ASCII letters, digits and underscores, begins with a letter, does not end with an
        underscore, has no two of them in a row, and has at most 80 characters (Metadata API Developer Guide, the
        rule for DeveloperName). The gate holds no permissions, so it cannot be the permission set with the
        permissions.
    """,
    fix="Choose a name such as Provisioner_CI; the label allows any character.",
    good=LOGIN,
    bad=changed(LOGIN, "name: Provisioner_CI\n", "name: Provisioner-CI  # wrong\n"),
)


def check(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        named = login.permission_set.name if login.permission_set is not None else None
        for kind, name, path in (
            ("an app", login.app.name, ("app", "name")),
            ("a permission set", login.gate, ("access", "gate")),
            ("a permission set", named, ("access", "permission_set", "name")),
        ):
            problem = name_problem(name) if name is not None and "${" not in name else None
            if problem is not None:
                message = f"Salesforce refuses {excerpt(name)} as the API name of {kind}: {problem}."
                yield RULE.finding(message, login.places.of(*path), login.address)
        if named is not None and named == login.gate:
            message = f"{login.address} names {named} as the gate and as the permission set."
            fix = "Name two permission sets: the gate must not hold permissions."
            yield RULE.finding(message, login.places.of("access", "gate"), login.address, fix=fix)
