"""Session timeouts that no app has."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
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
            policy: {permitted_users: admin_approved, session_timeout_minutes: 5}  # wrong
            access:
              gate: Provisioner_CI_Access
              permission_set:
                name: Provisioner_CI_Permissions
                user_permissions: [api_enabled, modify_metadata, view_setup, configure_messaging]
            assigned_to: ${env_field:username}
    """,
)


def check(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        minutes = login.policy.session_timeout_minutes
        if minutes is not None and not SHORTEST <= minutes <= LONGEST:
            message = f"The session timeout of {login.address} is {minutes} minutes, not {SHORTEST} to {LONGEST}."
            yield RULE.finding(message, login.places.of("policy", "session_timeout_minutes"), login.address)
