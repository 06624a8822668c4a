"""User permissions that cannot exist."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.declaration.tree import text
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.jose.defects import excerpt
from provisioner.model.logins import USER_PERMISSIONS, permission_name
from provisioner.names import hint
from provisioner.rules.login_context import LoginContext
from provisioner.rules.rule import Rule

RULE = Rule(
    id="login-permission-unknown",
    severity=Severity.ERROR,
    what="A login names a user permission that cannot exist.",
    why="""
        A permission is written by its API name, such as ApiEnabled, or by one of the names that this file knows,
        such as api_enabled. An org refuses a permission set with an unknown permission as a whole.
    """,
    fix="Write the API name of the permission.",
    good="""
        # config/environments/sandbox.yaml
        login_url: https://acme--uat.sandbox.my.salesforce.com
        username: ci@acme.com.uat
        consumer_key: ${env:SF_UAT_CONSUMER_KEY}
        private_key: ${file:~/.secrets/uat.key}
        # config/logins.yaml
        version: 1
        logins:
          provisioner_ci:
            app:
              type: external
              name: Provisioner_CI
              contact_email: platform@example.com
              certificate: keys/shop.crt
              scopes: [api, refresh_token]
            policy: {permitted_users: admin_approved}
            access:
              gate: Provisioner_CI_Access
              permission_set:
                name: Provisioner_CI_Permissions
                user_permissions: [api_enabled, modify_metadata, view_setup, configure_messaging]
            assigned_to: ${env_field:username}
    """,
    bad="""
        # config/environments/sandbox.yaml
        login_url: https://acme--uat.sandbox.my.salesforce.com
        username: ci@acme.com.uat
        consumer_key: ${env:SF_UAT_CONSUMER_KEY}
        private_key: ${file:~/.secrets/uat.key}
        # config/logins.yaml
        version: 1
        logins:
          provisioner_ci:
            app:
              type: external
              name: Provisioner_CI
              contact_email: platform@example.com
              certificate: keys/shop.crt
              scopes: [api, refresh_token]
            policy: {permitted_users: admin_approved}
            access:
              gate: Provisioner_CI_Access
              permission_set:
                name: Provisioner_CI_Permissions
                user_permissions: [api_enable]  # wrong
            assigned_to: ${env_field:username}
    """,
)


def check(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        declared = context.loaded.tree.branch("logins") if context.loaded.tree is not None else None
        branch = declared.branch(login.name) if declared is not None else None
        for part in ("access", "permission_set"):
            branch = branch.branch(part) if branch is not None else None
        for written in map(text, (branch.items("user_permissions") or ()) if branch is not None else ()):
            if written is not None and "${" not in written and permission_name(written) is None:
                near = hint(written, USER_PERMISSIONS)
                message = f"{login.address} names the user permission {excerpt(written)}, which cannot exist.{near}"
                at = login.places.of("access", "permission_set", "user_permissions")
                yield RULE.finding(message, at, login.address)
