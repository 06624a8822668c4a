"""The example of the rules of logins, which each rule shows with one mistake."""

from __future__ import annotations

LOGIN = """\
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
"""


def changed_login(*changes: str) -> str:
    """Return the example with changes: a text that is in it once, what replaces it, another text, and so on."""
    example = LOGIN
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        before, after = example.split(old)
        example = before + new + after
    return example
