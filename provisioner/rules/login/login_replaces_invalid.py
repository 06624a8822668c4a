"""A rotation that leads from an app to itself, or from nothing."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.logins import AppType
from provisioner.rules.login_context import LoginContext
from provisioner.rules.rule import Rule

RULE = Rule(
    id="login-replaces-invalid",
    severity=Severity.ERROR,
    what="A `replaces` names the app itself, or neither an app nor a certificate.",
    why="""
        A `replaces` says what a rotation of the certificate leads away from: an earlier app, which
        `login retire` ends, or an earlier certificate of the same app. If it named the app itself, the app would be
        ended with it. An org creates no second connected app, so a connected app replaces only a certificate.
    """,
    fix="Let `provisioner login rotate` write `replaces`, or name the earlier app and its certificate.",
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
              name: Provisioner_CI_2
              replaces: {name: Provisioner_CI, certificate: keys/shop.crt}
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
              replaces: {name: Provisioner_CI}  # wrong
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
)


def check(context: LoginContext) -> Iterator[Diagnostic]:
    for login in context.logins:
        replaced, at = login.app.replaces, login.places.of("app", "replaces")
        if replaced is None:
            continue
        if replaced.name is None and replaced.certificate is None:
            message = f"`replaces` of {login.address} names neither an app nor a certificate."
        elif replaced.name is not None and replaced.name.casefold() == login.app.name.casefold():
            message = f"The app {login.app.name} of {login.address} replaces itself."
        elif replaced.name is not None and login.app.type is AppType.CONNECTED:
            message = f"{login.address} is a connected app, and cannot replace another app."
        else:
            continue
        yield RULE.finding(message, at, login.address)
