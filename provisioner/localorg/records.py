"""The org's data, as values: components, users, apps, deployments."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

#: Names in a permission set; as a field of an object they begin with ``Permissions``.
USER_PERMISSIONS = (
    "ApiEnabled", "ApiUserOnly", "AssignPermissionSets", "ClientSecretRotation", "ConfigureLiveMessage",
    "CustomizeApplication", "ExternalClientAppAdmin", "ExternalClientAppDeveloper", "ExternalClientAppViewer",
    "ManageProfilesPermissionsets", "ManageRemoteAccess", "ManageUsers", "ModifyAllData", "ModifyMetadata",
    "ViewAllData", "ViewClientSecret", "ViewRoles", "ViewSetup",
)  # fmt: skip


#: The name of the one settings file.
MESSAGING_SETTINGS = "LiveMessage"


class MetadataType(Enum):
    """A type that the org offers: XML name, directory, suffix, first API version, key prefix.

    Source: metadata registry of the official CLI; Metadata API Developer Guide. The key prefixes of keys, keysets, CORS
    origins, settings files, and the settings and policies of external client apps are not published; these are made up,
    except ``888``, the prefix of an OAuth consumer. Packages are worked through in this order: what others refer to
    comes first.
    """

    KEY = ("PublicKeyCertificate", "PublicKeyCertificate", "PublicKeyCertificate", 62, "1LK")
    KEYSET = ("PublicKeyCertificateSet", "PublicKeyCertificateSet", "PublicKeyCertificateSet", 62, "1LS")
    CHANNEL = ("MessagingChannel", "messagingChannels", "messagingChannel", 55, "0Mj")
    CHAT_DEPLOYMENT = ("EmbeddedServiceConfig", "EmbeddedServiceConfig", "EmbeddedServiceConfig", 45, "04I")
    CORS_ORIGIN = ("CorsWhitelistOrigin", "corsWhitelistOrigins", "corsWhitelistOrigin", 32, "1LC")
    SETTINGS = ("Settings", "settings", "settings", 31, "0SE")
    PERMISSION_SET = ("PermissionSet", "permissionsets", "permissionset", 31, "0PS")
    ECA = ("ExternalClientApplication", "externalClientApps", "eca", 59, "0xI")
    ECA_OAUTH = ("ExtlClntAppOauthSettings", "extlClntAppOauthSettings", "ecaOauth", 59, "0xO")
    ECA_GLOBAL = ("ExtlClntAppGlobalOauthSettings", "extlClntAppGlobalOauthSets", "ecaGlblOauth", 59, "888")
    ECA_OAUTH_POLICY = ("ExtlClntAppOauthConfigurablePolicies", "extlClntAppOauthPolicies", "ecaOauthPlcy", 59, "0xP")
    ECA_POLICY = ("ExtlClntAppConfigurablePolicies", "extlClntAppPolicies", "ecaPlcy", 60, "0xQ")
    CONNECTED_APP = ("ConnectedApp", "connectedApps", "connectedApp", 31, "0H4")

    def __init__(self, xml_name: str, directory: str, suffix: str, since: int, prefix: str) -> None:
        self.xml_name = xml_name
        self.directory = directory
        self.suffix = suffix
        self.since = since
        self.prefix = prefix

    def path(self, full_name: str) -> str:
        return f"{self.directory}/{full_name}.{self.suffix}"

    @property
    def root_name(self) -> str:
        """Return the name of the root element: that of the type, except for settings, which have one file in an org."""
        return f"{MESSAGING_SETTINGS}Settings" if self is MetadataType.SETTINGS else self.xml_name

    @property
    def by_retrieve(self) -> bool:
        """Return whether only a retrieve returns it: settings are read under another name than they are listed."""
        return self is MetadataType.SETTINGS

    @property
    def of_apps(self) -> bool:
        """Return whether it is an app, a part of one, or a permission set."""
        return self in APP_TYPES

    @classmethod
    def named(cls, xml_name: str) -> MetadataType | None:
        return next((kind for kind in cls if kind.xml_name == xml_name), None)


#: The parts of an external client app without its header, which each names as ``externalClientApplication``.
SATELLITES = (
    MetadataType.ECA_OAUTH, MetadataType.ECA_GLOBAL, MetadataType.ECA_OAUTH_POLICY, MetadataType.ECA_POLICY,
)  # fmt: skip
APP_TYPES = (MetadataType.PERMISSION_SET, MetadataType.ECA, *SATELLITES, MetadataType.CONNECTED_APP)


@dataclass(frozen=True, slots=True)
class Component:
    """A component. ``xml`` is its file as the org stores it; times are milliseconds since 1970.

    ``active`` is ``MessagingChannel.IsActive``; it has no meaning for the other types.
    """

    type: MetadataType
    name: str
    id: str
    xml: str
    created: int
    created_by: str
    modified: int
    modified_by: str
    active: bool = False


@dataclass(frozen=True, slots=True)
class User:
    """A user. ``approvals`` are the consumer keys that the user approved at some time, refresh_token included."""

    id: str
    username: str
    first_name: str
    last_name: str
    profile: str
    license: str = "Salesforce"
    is_active: bool = True
    is_frozen: bool = False
    approvals: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, slots=True)
class App:
    """An app as a login sees it: the content of its components together. ``certificate`` is PEM text, or empty.

    It is a connected app, or an external client app. ``profiles`` and ``permission_sets`` may use it if administrators
    must approve users. ``scopes`` are as in tokens; ``refreshes``: the policy allows refresh tokens. An
    ``old_certificate`` counts beside the other one.
    """

    id: str
    name: str
    label: str
    consumer_key: str
    certificate: str
    admin_approved_only: bool = True
    profiles: tuple[str, ...] = ()
    permission_sets: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ("api", "refresh_token")
    installed: bool = True
    external: bool = False
    enabled: bool = True
    oauth_enabled: bool = True
    high_assurance: bool = False
    session_minutes: int | None = None
    jwt_tokens: bool = False
    refreshes: bool = True
    consumer_id: str = ""
    created: int = 0
    old_certificate: str = ""


@dataclass(frozen=True, slots=True)
class Assignment:
    """A PermissionSetAssignment. ``expires`` is in milliseconds since 1970."""

    id: str
    user_id: str
    permission_set_id: str
    expires: int | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """The identity of the org: its id, the login's user and app, and the port of its last run.

    An org that was created without an app for the login has an empty ``consumer_key``.
    """

    org_id: str
    name: str
    username: str
    consumer_key: str
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A session. ``app`` is the consumer key of its app; the administrator's own session has none."""

    token: str
    user_id: str
    created: int
    calls: int
    app: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A DeployMessage: one row of a deployment's details. Lines and columns start at 1."""

    component_type: str
    full_name: str
    file_name: str
    id: str | None = None
    created: bool = False
    changed: bool = False
    deleted: bool = False
    problem: str | None = None
    problem_type: str | None = None
    line: int | None = None
    column: int | None = None
    success: bool = True


@dataclass(slots=True)
class Deployment:
    """A DeployRequest. ``options`` has the names of DeployOptions; ``polls`` counts the polls since it was queued."""

    id: str
    user_id: str
    options: dict[str, Any]
    created: int
    status: str = "Pending"
    modified: int = 0
    started: int | None = None
    completed: int | None = None
    done: bool = False
    success: bool = False
    error_code: str | None = None
    error_message: str | None = None
    state_detail: str | None = None
    total: int = 0
    deployed: int = 0
    errors: int = 0
    messages: list[Message] = field(default_factory=list)
    polls: int = 0
    canceled_by: str | None = None
    validated_id: str | None = None

    @property
    def check_only(self) -> bool:
        return bool(self.options.get("checkOnly"))

    @property
    def failures(self) -> list[Message]:
        return [message for message in self.messages if not message.success]

    @property
    def successes(self) -> list[Message]:
        return [message for message in self.messages if message.success]
