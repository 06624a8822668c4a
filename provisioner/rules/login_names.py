"""Rules about the names in logins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.jose.defects import excerpt
from provisioner.rules.api_names import name_problem
from provisioner.rules.examples import LOGIN, changed
from provisioner.rules.login_context import LoginCheck, LoginContext
from provisioner.rules.rule import Rule

LOGIN_NAME_INVALID = Rule(
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


def login_name_invalid(context: LoginContext) -> Iterator[Diagnostic]:
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
                yield LOGIN_NAME_INVALID.finding(message, login.places.of(*path), login.address)
        if named is not None and named == login.gate:
            message = f"{login.address} names {named} as the gate and as the permission set."
            fix = "Name two permission sets: the gate must not hold permissions."
            yield LOGIN_NAME_INVALID.finding(message, login.places.of("access", "gate"), login.address, fix=fix)


LOGIN_DUPLICATE = Rule(
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


def login_duplicate(context: LoginContext) -> Iterator[Diagnostic]:
    declared: dict[tuple[str, str], str] = {}
    for login in context.logins:
        parts = [("app", login.app.name), *(("permission set", name) for name in login.permission_sets)]
        for kind, name in dict.fromkeys(parts):
            first = declared.setdefault((kind, name.casefold()), login.name)
            if first != login.name:
                message = f"{login.address} declares the {kind} {name}, which login.{first} declares as well."
                yield LOGIN_DUPLICATE.finding(
                    message, login.places.of("app", "name") or login.places.own, login.address
                )


CHECKS: Mapping[Rule, LoginCheck] = {
    LOGIN_NAME_INVALID: login_name_invalid,
    LOGIN_DUPLICATE: login_duplicate,
}
