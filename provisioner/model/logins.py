"""The desired state of an org for a login by JWT: an app, its policy, permission sets, and their assignments.

None means that a value is not managed: the org's value stays, and a new component gets the default. Source: Metadata
API Developer Guide, ExternalClientApplication and its settings and policies, ConnectedApp, PermissionSet; Object
Reference, PermissionSet (the API names of user permissions).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from provisioner.model.estate import KeyFile
from provisioner.model.places import Places
from provisioner.model.types import label_or_default
from provisioner.names import nearest


class AppType(StrEnum):
    """The type of an app.

    ``external``: an external client app, created and kept. ``connected``: a connected app, which must exist.
    """

    EXTERNAL = "external"
    CONNECTED = "connected"


#: The scopes by their OAuth names: the name in an external client app's metadata, and in a connected app's.
SCOPES: Mapping[str, tuple[str, str]] = MappingProxyType({
    "api": ("Api", "Api"),
    "refresh_token": ("RefreshToken", "RefreshToken"),
    "web": ("Web", "Web"),
    "full": ("Full", "Full"),
    "id": ("Basic", "Basic"),
    "profile": ("Profile", "Profile"),
    "email": ("Email", "Email"),
    "address": ("Address", "Address"),
    "phone": ("Phone", "Phone"),
    "openid": ("OpenID", "OpenID"),
    "chatter_api": ("Chatter", "Chatter"),
    "custom_permissions": ("CustomPermissions", "CustomPermissions"),
    "wave_api": ("Wave", "Wave"),
    "eclair_api": ("Eclair", "Eclair"),
    "content": ("Content", "Content"),
    "lightning": ("Lightning", "Lightning"),
    "pardot_api": ("Pardot", "Pardot"),
    "visualforce": ("CustomApplications", "CustomApplications"),
    "sfap_api": ("SFApiPlatform", "SFAP"),
    "chatbot_api": ("Chatbot", "Chatbot"),
    "einstein_gpt_api": ("EinsteinGPT", "EinsteinGPT"),
    "mcp_api": ("MCP", "MCP"),
    "cdp_ingest_api": ("CDPIngest", "CDPIngest"),
    "cdp_query_api": ("CDPQuery", "CDPQuery"),
    "cdp_profile_api": ("CDPProfile", "CDPProfile"),
    "user_registration_api": ("UserRegistration", "UserRegistration"),
    "forgot_password": ("ForgotPassword", "ForgotPassword"),
    "pwdless_login_api": ("PwdlessLogin", "PwdlessLogin"),
    "scrt_api": ("SCRT", "SCRT"),
    "interaction_api": ("Interaction", "Interaction"),
})  # fmt: skip
#: A login by JWT needs all of these for the Metadata API.
NEEDED_SCOPES = ("api", "refresh_token")
#: Another name of a scope in metadata; both deploy the same.
_SCOPE_ALIASES = {"OfflineAccess": "RefreshToken"}
#: The names of other identity providers for a scope.
_SCOPE_SYNONYMS = {"offline_access": "refresh_token"}

#: The user permissions with a short name in YAML; any other is written by its API name.
USER_PERMISSIONS: Mapping[str, str] = MappingProxyType({
    "api_enabled": "ApiEnabled",
    "modify_metadata": "ModifyMetadata",
    "view_setup": "ViewSetup",
    "view_roles": "ViewRoles",
    "configure_messaging": "ConfigureLiveMessage",
    "customize_application": "CustomizeApplication",
    "api_user_only": "ApiUserOnly",
    "external_client_app_viewer": "ExternalClientAppViewer",
    "external_client_app_developer": "ExternalClientAppDeveloper",
    "external_client_app_admin": "ExternalClientAppAdmin",
    "manage_connected_apps": "ManageRemoteAccess",
    "manage_permission_sets": "ManageProfilesPermissionsets",
    "assign_permission_sets": "AssignPermissionSets",
})  # fmt: skip
#: The permissions that provisioner needs in an org.
OWN_PERMISSIONS = ("api_enabled", "modify_metadata", "view_setup", "configure_messaging")
#: Each of these permits a user to change its own app, or to get more permissions.
RAISING_PERMISSIONS = (
    "ExternalClientAppDeveloper", "ExternalClientAppAdmin", "ManageRemoteAccess", "ManageProfilesPermissionsets",
    "AssignPermissionSets", "ManageUsers", "ModifyAllData",
)  # fmt: skip
#: Permissions that an org selects together with another one.
_DEPENDS = {"ViewSetup": "ViewRoles"}
_PERMISSION_NAME = re.compile(r"[A-Z][A-Za-z0-9]{1,79}")

#: The values of YAML and of the metadata of an external client app and of a connected app.
IP_POLICIES: Mapping[str, tuple[str, str]] = MappingProxyType({
    "enforce": ("Enforce", "ENFORCE"),
    "enforce_relax_refresh": ("Enforce_RelaxRefresh", "ENFORCE_RELAXREFRESH"),
    "bypass_2factor": ("Bypass_2factor", "BYPASS_2FACTOR"),
    "bypass": ("Bypass", "BYPASS"),
})  # fmt: skip
ADMIN_APPROVED, SELF_AUTHORIZED = "admin_approved", "self_authorized"
PERMITTED_USERS: Mapping[str, str] = MappingProxyType({
    ADMIN_APPROVED: "AdminApprovedPreAuthorized",
    SELF_AUTHORIZED: "AllSelfAuthorized",
})  # fmt: skip
SESSION_LEVELS: Mapping[str, str] = MappingProxyType({
    "low": "LOW",
    "standard": "STANDARD",
    "high_assurance": "HIGH_ASSURANCE",
})  # fmt: skip

#: No server listens there: JWT bearer needs no redirect, but an app without one is incomplete; `sf org login web` uses
#: it.
CALLBACK_URL = "http://localhost:1717/OauthRedirect"
ENV_FIELD = re.compile(r"\$\{env_field:([A-Za-z_.]*)\}")
#: The fields of an environment file that a login may reference.
ENV_FIELDS = ("username",)


@dataclass(frozen=True, slots=True)
class EnvField:
    """A reference to a field of the environment file: ``${env_field:username}``."""

    name: str

    def __str__(self) -> str:
        return f"${{env_field:{self.name}}}"


@dataclass(frozen=True, slots=True)
class Replaced:
    """The other side of a rotation: an app (None: the app itself, in place) and its certificate."""

    name: str | None = None
    label: str | None = None
    certificate: KeyFile | None = None


@dataclass(frozen=True, slots=True)
class LoginApp:
    """The app. ``scopes`` are names of :data:`SCOPES`; ``jwt_access_tokens``: it issues JWT-based tokens.

    ``replaces`` is the app or the certificate that a rotation leaves.
    """

    type: AppType
    name: str
    label: str | None = None
    contact_email: str | None = None
    description: str | None = None
    certificate: KeyFile | None = None
    scopes: tuple[str, ...] | None = None
    callback_url: str | None = None
    enabled: bool | None = True
    jwt_access_tokens: bool | None = None
    replaces: Replaced | None = None

    @property
    def setup_label(self) -> str:
        """Return the label that Setup shows."""
        return label_or_default(self.label, self.name)


@dataclass(frozen=True, slots=True)
class LoginPolicy:
    """The policy of an app: its users, their networks, and the lifetime of sessions.

    The texts are keys of this module's tables. ``refresh_token_hours`` is 0 for an app that issues no refresh tokens,
    as a login by JWT requires.
    """

    permitted_users: str | None = None
    ip: str | None = None
    session_timeout_minutes: int | None = None
    session_level: str | None = None
    refresh_token_hours: int | None = None


@dataclass(frozen=True, slots=True)
class DeclaredPermissionSet:
    """A declared permission set. ``user_permissions`` are API names, complete; implied permissions are among them."""

    name: str
    label: str | None = None
    user_permissions: tuple[str, ...] = ()

    @property
    def setup_label(self) -> str:
        """Return the label that Setup shows."""
        return label_or_default(self.label, self.name)


@dataclass(frozen=True, slots=True)
class DeclaredLogin:
    """One login. ``gate`` is the permission set, without permissions, that the app admits.

    ``self_managed``: the login may change its own app and permission sets.
    """

    name: str
    app: LoginApp
    policy: LoginPolicy = LoginPolicy()
    gate: str | None = None
    permission_set: DeclaredPermissionSet | None = None
    assigned_to: EnvField | str | None = None
    self_managed: bool = False
    places: Places = field(default_factory=Places, compare=False)

    @property
    def address(self) -> str:
        return f"login.{self.name}"

    @property
    def permission_sets(self) -> tuple[str, ...]:
        """Return the names of both permission sets, the gate first."""
        named = self.permission_set.name if self.permission_set is not None else None
        return tuple(name for name in (self.gate, named) if name is not None)


def permission_name(written: str) -> str | None:
    """Return the API name of a user permission; None if it cannot be one."""
    if written in USER_PERMISSIONS:
        return USER_PERMISSIONS[written]
    return written if _PERMISSION_NAME.fullmatch(written) else None


def with_dependencies(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return API names of user permissions with those that an org selects together with them, in alphabetical order."""
    return tuple(sorted({*names, *(_DEPENDS[name] for name in names if name in _DEPENDS)}))


def nearest_scope(written: str) -> str | None:
    """Return the scope that an unknown name most likely means, or None."""
    return _SCOPE_SYNONYMS.get(written) or nearest(written, SCOPES)


def scope_names(written: str) -> tuple[str, ...]:
    """Return an app's comma-separated scopes, by their names in YAML; unknown ones unchanged."""
    known = {metadata: name for name, names in SCOPES.items() for metadata in names}
    parts = (part.strip() for part in written.split(","))
    return tuple(dict.fromkeys(known.get(_SCOPE_ALIASES.get(part, part), part) for part in parts if part))
