"""Rules about the users and the permission sets of logins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.jose.defects import excerpt
from provisioner.model.environment import Environment
from provisioner.model.logins import (
    ADMIN_APPROVED,
    ENV_FIELDS,
    OWN_PERMISSIONS,
    RAISING_PERMISSIONS,
    SELF_AUTHORIZED,
    USER_PERMISSIONS,
    EnvField,
    permission_name,
)
from provisioner.names import hint, nearest
from provisioner.rules.examples import LOGIN, changed
from provisioner.rules.login_context import LoginCheck, LoginContext
from provisioner.rules.rule import Rule
from provisioner.words import enumerated

LOGIN_SELF_AUTHORIZED = Rule(
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


def login_self_authorized(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        if login.policy.permitted_users == SELF_AUTHORIZED:
            message = f"{login.address} lets every user authorize the app, and JWT bearer fails until a user did."
            yield LOGIN_SELF_AUTHORIZED.finding(message, login.places.of("policy", "permitted_users"), login.address)


LOGIN_GATE_MISSING = Rule(
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


def login_gate_missing(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        if login.policy.permitted_users == ADMIN_APPROVED and context.lacks(login, ("access",), "gate"):
            message = f"{login.address} admits approved users only, and has no gate."
            yield LOGIN_GATE_MISSING.finding(message, login.places.of("policy", "permitted_users"), login.address)


LOGIN_USER_INVALID = Rule(
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


def login_user_invalid(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        problem = _user_problem(login.assigned_to, context.environment)
        if problem is not None:
            yield LOGIN_USER_INVALID.finding(
                f"{login.address}: {problem}.", login.places.of("assigned_to"), login.address
            )


def _user_problem(assigned: EnvField | str | None, environment: Environment | None) -> str | None:
    match assigned:
        case EnvField(name=name) if name not in ENV_FIELDS:
            return f"an environment has no field {excerpt(name)} for `assigned_to`"
        case EnvField() if environment is not None and environment.sf_org is not None:
            return f"{environment.file} has sf_org, so it names no user for {assigned}"
        case str() if "${" not in assigned and "@" not in assigned:
            return f"{excerpt(assigned)} is not a username"
        case _:
            return None


LOGIN_PERMISSION_MISSING = Rule(
    id="login-permission-missing",
    severity=Severity.WARNING,
    what="The login of the environment lacks a permission that provisioner needs.",
    why="""
        The tool reads and deploys metadata with api_enabled, modify_metadata and view_setup, and messaging channels
        with configure_messaging. Another permission set or the profile of the user may grant them, so this is a
        warning.
    """,
    fix="Add the missing permissions to user_permissions.",
    good=LOGIN,
    bad=changed(LOGIN, ", modify_metadata, view_setup, configure_messaging]", "]  # wrong"),
)


def login_permission_missing(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        granted = login.permission_set
        written = context.listed(login, "access", "permission_set", "user_permissions")
        if granted is None or written is None or not isinstance(login.assigned_to, EnvField):
            continue
        meant = {nearest(name, USER_PERMISSIONS) for name, _ in written if permission_name(name) is None}
        absent = (name for name in OWN_PERMISSIONS if USER_PERMISSIONS[name] not in granted.user_permissions)
        missing = [name for name in absent if name not in meant]  # a misspelt one has its own finding
        if missing:
            message = f"The permission set {granted.name} lacks {enumerated(missing)}."
            at = login.places.of("access", "permission_set", "user_permissions")
            yield LOGIN_PERMISSION_MISSING.finding(message, at, login.address)


LOGIN_PERMISSION_UNKNOWN = Rule(
    id="login-permission-unknown",
    severity=Severity.ERROR,
    what="A login names a user permission that cannot exist.",
    why="""
        A permission is written by its API name, such as ApiEnabled, or by one of the names that this file knows,
        such as api_enabled. An org refuses a permission set with an unknown permission as a whole.
    """,
    fix="Write the API name of the permission.",
    good=LOGIN,
    bad=changed(LOGIN, "[api_enabled, modify_metadata, view_setup, configure_messaging]", "[api_enable]  # wrong"),
)


def login_permission_unknown(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        for written, at in context.listed(login, "access", "permission_set", "user_permissions") or ():
            if permission_name(written) is None:
                near = hint(written, USER_PERMISSIONS)
                message = f"{login.address} names the user permission {excerpt(written)}, which cannot exist.{near}"
                yield LOGIN_PERMISSION_UNKNOWN.finding(message, at, login.address)


LOGIN_RAISES_ITSELF = Rule(
    id="login-raises-itself",
    severity=Severity.ERROR,
    what="A login may give itself more permissions, and is not declared as self_managed.",
    why="""
        With permissions such as assign_permission_sets or external_client_app_admin the user of the login can
        change its own app and permission sets, and so can anyone who holds its private key. An administrator applies
        changes of a login; a login that does it itself is declared with self_managed: true.
    """,
    fix="Remove the permission, or write `self_managed: true` if the login must change itself.",
    good=LOGIN,
    bad=changed(LOGIN, "view_setup, configure_messaging]", "assign_permission_sets]  # wrong"),
)


def login_raises_itself(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        granted = login.permission_set.user_permissions if login.permission_set is not None else ()
        raising = [name for name in granted if name in RAISING_PERMISSIONS]
        if raising and not login.self_managed:
            message = f"With {enumerated(raising)} the user of {login.address} can give itself more permissions."
            at = login.places.of("access", "permission_set", "user_permissions")
            yield LOGIN_RAISES_ITSELF.finding(message, at, login.address)


LOGIN_SELF_MANAGED = Rule(
    id="login-self-managed",
    severity=Severity.WARNING,
    what="A login may change its own app and permission sets.",
    why="""
        With self_managed: true the CI login can raise its own permissions, and so can anyone who holds its private key
        or edits logins.yaml. With an administrator's session the CI login needs no such permission.
    """,
    fix="Remove `self_managed`, and apply changes of the login with an administrator's session.",
    good=LOGIN,
    bad=changed(LOGIN, "username}\n", "username}\n    self_managed: true  # wrong\n"),
)


def login_self_managed(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        if login.self_managed:
            message = f"{login.address} may change its own app and permission sets."
            yield LOGIN_SELF_MANAGED.finding(message, login.places.of("self_managed"), login.address)


CHECKS: Mapping[Rule, LoginCheck] = {
    LOGIN_SELF_AUTHORIZED: login_self_authorized,
    LOGIN_GATE_MISSING: login_gate_missing,
    LOGIN_USER_INVALID: login_user_invalid,
    LOGIN_PERMISSION_MISSING: login_permission_missing,
    LOGIN_PERMISSION_UNKNOWN: login_permission_unknown,
    LOGIN_RAISES_ITSELF: login_raises_itself,
    LOGIN_SELF_MANAGED: login_self_managed,
}
