"""The data of a cause, and the Setup paths that several causes share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest


class Grade(StrEnum):
    """The strength of the evidence for a text. ``INVENTED`` marks a text without any source."""

    DOCUMENTED = "documented by Salesforce"
    OBSERVED = "observed by users"
    REPRODUCED = "reproduced"
    INFERRED = "inferred"
    INVENTED = "invented"


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause. ``fix`` applies to any app, ``connected`` and ``external`` to one kind of app.

    Texts may contain ``{app}``, ``{environment}``, ``{file}``, ``{username}`` and ``{login_url}``. ``text_known`` is
    false if the org's message for the cause is not known: without an administrator's evidence the cause is then at most
    possible. ``propagates`` marks a cause that may disappear within minutes of a change.
    """

    id: str
    meaning: str
    grade: Grade
    sources: tuple[str, ...]
    fix: tuple[str, ...] = ()
    connected: tuple[str, ...] = ()
    external: tuple[str, ...] = ()
    wait: str | None = None
    text_known: bool = True
    side: bool = False
    """True if the cause is worth reporting but does not make a login fail."""

    def steps(self, app_kind: str | None) -> tuple[str, ...]:
        """Return the steps for a kind of app; if it is not known, the steps for each kind in turn, with its name."""
        if app_kind == "connected":
            return (*self.connected, *self.fix)
        if app_kind == "external":
            return (*self.external, *self.fix)
        if self.connected == self.external:
            return (*self.connected, *self.fix)
        pairs = zip_longest(
            (f"Connected app: {step}" for step in self.connected),
            (f"External client app: {step}" for step in self.external),
        )
        return (*(step for pair in pairs for step in pair if step is not None), *self.fix)


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
SCOPES = '"Manage user data via APIs (api)" and "Perform requests at any time (refresh_token, offline_access)"'
SCOPES_CONNECTED = f"{CONNECTED_EDIT} > Selected OAuth Scopes: {SCOPES} > Save."
SCOPES_EXTERNAL = f"{EXTERNAL_SETTINGS} > OAuth Scopes: {SCOPES} > Save."
USER_PAGE = "Setup > Users > {username}"
