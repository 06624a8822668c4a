"""Scopes that every login by JWT needs."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.logins import NEEDED_SCOPES
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
              scopes: [api]  # wrong
            policy: {permitted_users: admin_approved}
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
        scopes = login.app.scopes
        missing = [name for name in NEEDED_SCOPES if scopes is not None and name not in scopes]
        if missing:
            message = f"{login.address} lacks the scope {enumerated(missing)}, and a login by JWT needs it."
            yield RULE.finding(message, login.places.of("app", "scopes"), login.address)
