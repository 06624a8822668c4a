"""Sources, waiting times and steps in Setup that several causes share."""

from __future__ import annotations

JWT_FLOW = "Salesforce Help, OAuth 2.0 JWT Bearer Flow"
FLOW_ERRORS = "Salesforce Help, OAuth 2.0 Authorization Errors"
CLI_PAGE = "Salesforce DX Developer Guide, Troubleshoot Authentication Errors"

APP_WAIT = "2-10 minutes after the app is saved"
POLICY_WAIT = "1-2 minutes after a policy or an assignment is saved"

CONNECTED_VIEW = "Setup > App Manager > {app} > View > Manage Consumer Details"
CONNECTED_EDIT = "Setup > App Manager > {app} > Edit > API (Enable OAuth Settings)"
CONNECTED_MANAGE = "Setup > App Manager > {app} > Manage"
EXTERNAL_SETTINGS = "Setup > External Client App Manager > {app} > Settings > OAuth Settings"
EXTERNAL_POLICIES = "Setup > External Client App Manager > {app} > Policies"

UPLOAD_CONNECTED = f'{CONNECTED_EDIT} > "Use digital signatures" > Choose File: the .crt of this private key > Save.'
UPLOAD_EXTERNAL = (
    f'{EXTERNAL_SETTINGS} > Flow Enablement > "Enable JWT Bearer Flow": upload the .crt of this private key > Save. '
    '(Not "Issue JWT-based access tokens for named users".)'
)
MAKE_CERTIFICATE = (
    "A certificate of the present private key is made with: openssl req -new -x509 -key FILE -days 730 -subj "
    "/CN=provisioner -out provisioner.crt"
)
PREAUTHORIZE_CONNECTED = (
    f"{CONNECTED_MANAGE} > Edit Policies > OAuth Policies > Permitted Users: Admin approved users are pre-authorized "
    "> Save."
)
PREAUTHORIZE_EXTERNAL = (
    f"{EXTERNAL_POLICIES} > Edit > OAuth Policies > Plugin Policies > Permitted Users: Admin approved users are "
    "pre-authorized > Save."
)
ASSIGN_CONNECTED = f"{CONNECTED_MANAGE} > Manage Profiles or Manage Permission Sets: tick one of {{username}}'s > Save."
ASSIGN_EXTERNAL = (
    f"{EXTERNAL_POLICIES} > Edit > App Policies > Select Profiles or Select Permission Sets: add one of "
    "{username}'s > Save."
)
#: The ends of the names that Setup lists: the whole names would take two lines more.
SCOPES = '"… (api)" and "… (refresh_token, offline_access)"'
SCOPES_CONNECTED = f"{CONNECTED_EDIT} > Selected OAuth Scopes: add {SCOPES} > Save."
SCOPES_EXTERNAL = f"{EXTERNAL_SETTINGS} > OAuth Scopes: add {SCOPES} > Save."
USER_PAGE = "Setup > Users > {username}"
