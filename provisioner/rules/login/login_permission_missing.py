"""Permissions that provisioner needs."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.logins import OWN_PERMISSIONS, USER_PERMISSIONS, EnvField
from provisioner.rules.login_context import LoginContext
from provisioner.rules.rule import Rule
from provisioner.words import enumerated

RULE = Rule(
    id="login-permission-missing",
    severity=Severity.WARNING,
    what="The login of the environment lacks a permission that provisioner needs.",
    why="""
        The tool reads and deploys metadata with api_enabled, modify_metadata and view_setup, and messaging channels
        with configure_messaging. Another permission set or the profile of the user may grant them, so this is a
        warning.
    """,
    fix="Add the missing permissions to user_permissions.",
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
                user_permissions: [api_enabled]  # wrong
            assigned_to: ${env_field:username}
    """,
)


def check(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        granted = login.permission_set
        if granted is None or not isinstance(login.assigned_to, EnvField):
            continue
        missing = [name for name in OWN_PERMISSIONS if USER_PERMISSIONS[name] not in granted.user_permissions]
        if missing:
            message = f"The permission set {granted.name} lacks {enumerated(missing)}."
            at = login.places.of("access", "permission_set", "user_permissions")
            yield RULE.finding(message, at, login.address)
