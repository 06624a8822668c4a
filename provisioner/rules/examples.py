"""The examples that several rules show: each rule shows one of them with one mistake."""

from __future__ import annotations

ENVIRONMENT = """\
# config/environments/sandbox.yaml
login_url: https://acme--uat.sandbox.my.salesforce.com
username: ci@acme.com.uat
consumer_key: ${env:SF_UAT_CONSUMER_KEY}
private_key: ${file:~/.secrets/uat.key}
"""

PRODUCTION = """\
# config/environments/production.yaml
production: true
org_id: 00D5g000000AbCd
login_url: https://acme.my.salesforce.com
username: ci@acme.com
consumer_key: ${env:SF_CONSUMER_KEY}
private_key: ${file:~/.secrets/production.key}
"""

KEYSET = """\
version: 1
keysets:
  shop:
    issuer: https://id.example.com
    endpoint: https://id.example.com/jwks.json
"""

CHANNEL = """\
version: 1
keysets:
  shop: {issuer: https://id.example.com, endpoint: https://id.example.com/jwks.json}
channels:
  Web_Chat:
    user_verification:
      configurations:
        shop_login: {keyset: shop}
"""

NEW_CHANNEL = """\
version: 1
keysets:
  shop: {issuer: https://id.example.com, endpoint: https://id.example.com/jwks.json}
channels:
  Web_Chat:
    create: {routing: {queue: Support}}
    user_verification: {enabled: true, configurations: {shop_login: {keyset: shop}}}
"""

LOGIN = f"""\
{ENVIRONMENT}# config/logins.yaml
version: 1
logins:
  provisioner_ci:
    app:
      type: external
      name: Provisioner_CI
      contact_email: platform@example.com
      certificate: keys/shop.crt
      scopes: [api, refresh_token]
    policy: {{permitted_users: admin_approved}}
    access:
      gate: Provisioner_CI_Access
      permission_set:
        name: Provisioner_CI_Permissions
        user_permissions: [api_enabled, modify_metadata, view_setup, configure_messaging]
    assigned_to: ${{env_field:username}}
"""


def changed(example: str, *changes: str) -> str:
    """Return an example with changes: a text that is in it once, what replaces it, another text, and so on."""
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        before, after = example.split(old)
        example = before + new + after
    return example
