"""Guards on a plan of logins: the reasons to refuse it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from provisioner.components.login_app import (
    CERTIFICATE,
    ENABLED,
    GATES,
    JWT_TOKENS,
    LEVEL,
    PERMITTED,
    SCOPES_PATH,
    ObservedApp,
)
from provisioner.components.snapshot import Unreadable
from provisioner.model.login_types import ASSIGNMENT, CONNECTED_APP, HEADER, PERMISSION_SET
from provisioner.model.types import Risk
from provisioner.planning.guards import production
from provisioner.planning.plan import Action, Blocked, Change
from provisioner.words import enumerated

if TYPE_CHECKING:
    from provisioner.planning.login_plan import LoginWorld

#: External client apps are read and written from this API version on.
LOWEST_APP_VERSION = 64
#: The fields of an app of which a change can end the sessions that came through it.
_ENDS_SESSIONS = frozenset((CERTIFICATE, PERMITTED, ENABLED, SCOPES_PATH, GATES, LEVEL, JWT_TOKENS))


def login_guards(inputs: LoginWorld, changes: Sequence[Change]) -> Iterator[Blocked]:
    """Yield the refusals of all guards; nothing for a plan without changes."""
    if not changes:
        return
    yield from _old_api(inputs, changes)
    yield from _rights(inputs, changes)
    yield from _session_in_use(inputs, changes)
    yield from _own_session(inputs)
    yield from production(inputs.snapshot.org, changes, allowed=inputs.production)
    for change in changes:
        if change.risk is Risk.DESTRUCTIVE and not inputs.destroy:
            yield Blocked(
                "destructive",
                f"{change.address} would be changed destructively: {'; '.join(change.impact)}.",
                "To do this, apply with --allow-destroy.",
                change.address,
                declared_at=change.declared_at,
            )


def _old_api(inputs: LoginWorld, changes: Sequence[Change]) -> Iterator[Blocked]:
    """Below this version the policy of an external client app has an element that later ones refuse."""
    version = inputs.snapshot.api_version
    about = [each for each in changes if each.type is HEADER]
    if about and int(version.partition(".")[0]) < LOWEST_APP_VERSION:
        yield Blocked(
            "old-api",
            f"External client apps are changed at API version {LOWEST_APP_VERSION}.0 or later, and this connection "
            f"uses {version}.",
            "Remove `api_version` from the environment file.",
            about[0].address,
        )


def _rights(inputs: LoginWorld, changes: Sequence[Change]) -> Iterator[Blocked]:
    """Refuse changes that the administrator has no permission for; skip permissions that the org does not show."""
    held = inputs.records.rights
    if held is None:
        return
    for kind, needed in (
        (PERMISSION_SET, ("ManageProfilesPermissionsets",)),
        (ASSIGNMENT, ("AssignPermissionSets", "ManageUsers", "ManageProfilesPermissionsets")),
        (HEADER, ("ExternalClientAppDeveloper",)),
        (HEADER, ("ExternalClientAppAdmin",)),
        (CONNECTED_APP, ("ManageRemoteAccess",)),
        (None, ("ModifyMetadata", "ModifyAllData")),
    ):
        about = [each for each in changes if each.type is kind or (kind is None and each.type is not ASSIGNMENT)]
        if about and not held.intersection(needed):
            yield Blocked(
                "administrator-rights",
                f"The administrator's session lacks the user permission {' or '.join(needed)}, which "
                f"{about[0].address} needs.",
                "Give the administrator the permission, or use the session of another administrator.",
                about[0].address,
            )


def _session_in_use(inputs: LoginWorld, changes: Sequence[Change]) -> Iterator[Blocked]:
    """Refuse to change the app of the session in use: the change could end the session and the only way to log in."""
    if not inputs.records.session_app:
        return
    for login in inputs.logins.values():
        app = inputs.app(login)
        if not isinstance(app, ObservedApp) or app.consumer_key != inputs.records.session_app:
            continue
        for change in changes:
            risky = [each.path for each in change.fields if each.path in _ENDS_SESSIONS]
            if change.action is Action.DELETE:
                risky = ["the whole app"]
            if change.type in (HEADER, CONNECTED_APP) and change.full_name == login.app.name and risky:
                yield Blocked(
                    "session-in-use",
                    f"The session that this plan was made with came through {change.address}, and a change of "
                    f"{enumerated(risky)} can end it and lock out the login before a new one is proven.",
                    "Use the session of an administrator: --sf-org ALIAS.",
                    change.address,
                    declared_at=change.declared_at,
                )


def _own_session(inputs: LoginWorld) -> Iterator[Blocked]:
    """Refuse a change of a login by itself, unless it is declared: its holder could raise its own permissions."""
    users, session = inputs.records.users, inputs.records.session_user
    if isinstance(users, Unreadable) or not session:
        return
    for login in inputs.logins.values():
        user = users.get(inputs.usernames.get(login.name, "").casefold())
        if user is not None and user.id[:15] == session[:15] and not login.self_managed:
            yield Blocked(
                "own-login",
                f"The session belongs to {user.username}, the user of {login.address}, and a login does not change "
                f"itself.",
                "Use the session of an administrator: --sf-org ALIAS. To allow it, declare `self_managed: true`.",
                login.address,
                declared_at=login.places.own,
            )
