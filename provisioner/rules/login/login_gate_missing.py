"""Apps that admit no user."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.logins import ADMIN_APPROVED
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
            policy: {permitted_users: admin_approved}  # wrong
            access:
              permission_set:
                name: Provisioner_CI_Permissions
                user_permissions: [api_enabled, modify_metadata, view_setup, configure_messaging]
            assigned_to: ${env_field:username}
    """,
)


def check(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        if login.gate is None and login.policy.permitted_users == ADMIN_APPROVED:
            message = f"{login.address} admits approved users only, and has no gate."
            yield RULE.finding(message, login.places.of("policy", "permitted_users"), login.address)
