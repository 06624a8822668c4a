"""The shape of ``logins.yaml`` as JSON Schema (2020-12)."""

from __future__ import annotations

from provisioner.declaration.schema_parts import (
    Schema,
    fields,
    flag,
    listing,
    mapping,
    one_of,
    text,
)
from provisioner.model.logins import IP_POLICIES, PERMITTED_USERS, SCOPES, SESSION_LEVELS, USER_PERMISSIONS, AppType

_APP = fields(
    ("type", "name"),
    description="The app that the login goes through.",
    properties={"description": text("The description in Setup.")},
    type=one_of(
        map(str, AppType),
        "external: an external client app, created and kept. connected: a connected app, which must exist.",
    ),
    name=text("The app's API name."),
    label=text("The label in Setup; by default the API name with spaces."),
    contact_email=text("The address of the people who answer for the app. Required for an external client app."),
    certificate=text("The certificate of the key that signs the assertions: a PEM or DER file, relative to this file."),
    scopes=listing(
        {"type": "string", "description": f"One of: {', '.join(SCOPES)}."},
        "The OAuth scopes, complete. A login by JWT needs api and refresh_token.",
    ),
    callback_url=text("The redirect URI. A login by JWT does not use it."),
    enabled=flag("Whether the app is enabled. True by default, and always compared."),
    jwt_access_tokens=flag("Whether the app issues JWT-based access tokens, which the Metadata API may refuse."),
    replaces=fields(
        description="What a rotation leads away from; `provisioner login rotate` writes it.",
        name=text("The API name of the earlier app. Without it, the app itself gets a new certificate."),
        label=text("The label of the earlier app."),
        certificate=text("The earlier certificate, relative to this file."),
    ),
)

_POLICY = fields(
    description="Who may use the app, from where, and for how long.",
    permitted_users=one_of(PERMITTED_USERS, "A login by JWT needs admin_approved."),
    ip=one_of(IP_POLICIES, "Whether the login IP ranges of the profile hold."),
    session_timeout_minutes={
        "type": "integer",
        "description": "Minutes until an unused session expires, from 15 to 1440.",
    },
    refresh_token_hours={
        "type": "integer",
        "description": "Hours that a refresh token lives; 0, the default of a new app, issues none.",
    },
    session_level=one_of(SESSION_LEVELS, "The session level that the app asks for; high_assurance stops JWT."),
)

_ACCESS = fields(
    description="The permission sets of the login's user.",
    gate=text("A permission set without permissions. Anyone who has it may use the app."),
    permission_set=fields(
        ("name", "user_permissions"),
        description="The permission set with the permissions of the user.",
        name=text("The API name."),
        label=text("The label in Setup; by default the API name with spaces."),
        user_permissions=listing(
            {
                "type": "string",
                "description": f"An API name such as ApiEnabled, or one of: {', '.join(USER_PERMISSIONS)}.",
            },
            "The user permissions, complete.",
        ),
    ),
)

LOGINS: Schema = fields(
    ("version", "logins"),
    description="What an org must hold for logins by JWT: apps, policies and permission sets.",
    version={"type": "integer", "const": 1, "description": "The format of this file; now 1."},
    requires=text("The versions of provisioner that may work on this file, as PEP 440 writes them."),
    logins=mapping(
        fields(
            ("app",),
            description="One login.",
            app=_APP,
            policy=_POLICY,
            access=_ACCESS,
            assigned_to=text("The username of the login's user: ${env_field:username}, or the username itself."),
            self_managed=flag("True: the login may change its own app and permission sets. False by default."),
        ),
        "Logins by a name of your choice.",
    ),
)
