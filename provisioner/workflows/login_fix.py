"""``diagnose login --fix``: the repair of the causes that an administrator's changes can repair.

The repair is a login like a declared one, with the fields that the causes are about and no others. It is planned,
shown, confirmed, applied and proven like any other. Users, login hours and IP ranges are never changed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from provisioner.components.login_app import GATES, SCOPES_PATH, ObservedApp, observed_app, read_values
from provisioner.components.snapshot import Snapshot, Unreadable
from provisioner.components.xml import text_of
from provisioner.declaration.logins import LoadedLogins
from provisioner.errors import InputError, RefusedError
from provisioner.model.environment import Environment
from provisioner.model.estate import KeyFile
from provisioner.model.login_types import CONNECTED_APP, HEADER, LOGIN_TYPES, PERMISSION_SET
from provisioner.model.logins import (
    ADMIN_APPROVED,
    NEEDED_SCOPES,
    OWN_PERMISSIONS,
    USER_PERMISSIONS,
    AppType,
    DeclaredLogin,
    DeclaredPermissionSet,
    EnvField,
    LoginApp,
    LoginPolicy,
    with_dependencies,
)
from provisioner.planning.plan import Blocked
from provisioner.report.login import login_plan_view
from provisioner.salesforce import Scope
from provisioner.salesforce.login_records import LoginRow, read_login_history
from provisioner.workflows.administrator import AdminOptions, administrator
from provisioner.workflows.console import Console, environment_file, environment_name
from provisioner.workflows.key_material import certificates_beside
from provisioner.workflows.login_apply import LoginOptions, apply_logins, as_result
from provisioner.workflows.login_config import login_of
from provisioner.workflows.login_scene import DeclaredLogins, declared_logins

if TYPE_CHECKING:
    from provisioner.diagnosis.findings import LoginDiagnosis
    from provisioner.diagnosis.login.gather import Login
    from provisioner.report.login import LoginResult
    from provisioner.salesforce import Org

#: The causes that a repair is about, each with the fields that it sets.
CERTIFICATE = frozenset(("certificate-mismatch", "digital-signatures-not-enabled", "certificate-expired"))
POLICY = frozenset(("user-not-approved",))
ACCESS = frozenset(("user-not-approved", "user-not-preauthorized"))
SCOPES = frozenset(("missing-refresh-token-scope", "missing-api-scope"))
ENABLED = frozenset(("oauth-not-enabled", "app-blocked"))
LEVEL = frozenset(("session-level-policy",))
JWT_TOKENS = frozenset(("jwt-format-token",))
PERMISSIONS = frozenset(("api-not-enabled", "metadata-permission-missing"))
KEY = frozenset(("wrong-consumer-key",))
MISSING = frozenset(("app-not-installed",))
REPAIRABLE = CERTIFICATE | ACCESS | SCOPES | ENABLED | LEVEL | JWT_TOKENS | PERMISSIONS | KEY | MISSING
_IN_USE_HOURS = 24
#: LoginHistory.Status of a login that worked; orgs spell the status in upper and lower case.
_SUCCESS = "success"


@dataclass(frozen=True, slots=True)
class Repair:
    """A repair: the planned login, and the reasons to refuse any plan of it."""

    declared: DeclaredLogins
    causes: tuple[str, ...]
    against: tuple[Blocked, ...] = ()


def repair(console: Console, diagnosis: LoginDiagnosis, admin: AdminOptions, *, destroy: bool) -> LoginResult:
    """Plan, show, confirm, apply and prove the repair. Raises what :func:`repair_of` and a login raise.

    ``destroy`` allows a repair that replaces a certificate in use.
    """
    file = environment_file(console, environment_name(console))
    with (
        login_of(console, file) as login,
        _declared(console, file.environment) as declared,
        administrator(console, file.environment, admin) as org,
    ):
        planned = repair_of(file.environment, login, diagnosis, declared, org)
        applied = apply_logins(
            console,
            planned.declared,
            org,
            LoginOptions(destroy=destroy, admin=admin.typed),
            show=lambda plan: console.show(lambda: login_plan_view(plan)),
            against=planned.against,
        )
        return as_result(applied)


@contextlib.contextmanager
def _declared(console: Console, environment: Environment) -> Iterator[DeclaredLogins | None]:
    """Yield the declared logins; None if there is no ``logins.yaml``."""
    if not console.config.has_logins:
        yield None
        return
    with declared_logins(console, environment.name) as declared:
        yield declared


def repairable(diagnosis: LoginDiagnosis) -> tuple[str, ...]:
    """Return the causes of a diagnosis that a change of the app or of the permission sets can repair, best first."""
    return tuple(each.cause for each in diagnosis.findings if each.cause in REPAIRABLE)


def repair_of(
    environment: Environment,
    login: Login,
    diagnosis: LoginDiagnosis,
    declared: DeclaredLogins | None,
    org: Org,
) -> Repair:
    """Return the repair of the causes. ``declared`` are the environment's logins, if there is a ``logins.yaml``.

    Raises :class:`InputError` if the app is not known, or its certificate cannot be had; :class:`RefusedError` if the
    org does not show its apps.
    """
    causes = repairable(diagnosis)
    base = declared.own_login if declared is not None else None
    snapshot = org.observe(Scope(names={PERMISSION_SET: ()}, kinds=LOGIN_TYPES))
    app = _app(snapshot, environment, login, base)
    repaired = _missing(causes, base, environment) if app is None else _repaired(causes, app, base, login)
    loaded = LoadedLogins("logins.yaml", {repaired.name: repaired}, environment)
    username = login.configured.username
    if username is None:
        raise InputError(
            "The username of the login is not known.", next=f"Correct username in {environment.file}.", code="no-user"
        )
    made = DeclaredLogins(
        environment, loaded, {repaired.name: username}, repaired.name, "sha256:repair", datetime.now(UTC)
    )
    against = _against_certificate(org, app) if app is not None and repaired.app.certificate is not None else None
    return Repair(made, causes, (against,) if against is not None else ())


def _app(snapshot: Snapshot, environment: Environment, login: Login, base: DeclaredLogin | None) -> ObservedApp | None:
    """Return the login's app: the declared one, the one with the consumer key, or the one of the environment file."""
    if base is not None:
        found = observed_app(snapshot, base.app.type, base.app.name)
        return _readable(found)
    apps = [_readable(observed_app(snapshot, kind, name)) for kind, name in _names(snapshot)]
    present = [each for each in apps if each is not None]
    key, named = login.configured.consumer_key, (environment.app.name or "").casefold()
    by_key = next((each for each in present if each.consumer_key is not None and each.consumer_key == key), None)
    return by_key or next((each for each in present if named and named in _titles(each)), None)


def _readable(found: ObservedApp | Unreadable | None) -> ObservedApp | None:
    if isinstance(found, Unreadable):
        raise RefusedError(
            f"The apps of the org could not be read: {found.reason} Nothing was sent.",
            next=found.next("administrator"),
            code="unreadable",
        )
    return found


def _names(snapshot: Snapshot) -> list[tuple[AppType, str]]:
    external = [(AppType.EXTERNAL, name) for name in snapshot.present(HEADER)]
    return [*external, *((AppType.CONNECTED, name) for name in snapshot.present(CONNECTED_APP))]


def _titles(app: ObservedApp) -> tuple[str, ...]:
    label = text_of(app.root(HEADER), "label") or ""
    return app.name.casefold(), label.casefold()


def _missing(causes: Collection[str], base: DeclaredLogin | None, environment: Environment) -> DeclaredLogin:
    """Return the whole declared login if its app is missing. Raises :class:`InputError` if nothing is declared."""
    if base is not None and MISSING.intersection(causes) | KEY.intersection(causes):
        return base
    raise InputError(
        f"The org shows no app of the login of {environment.name}, so there is nothing that can be repaired.",
        next=f"Declare the login in logins.yaml, and create it: provisioner login apply --env {environment.name}",
        code="app-unknown",
    )


def _repaired(causes: Collection[str], app: ObservedApp, base: DeclaredLogin | None, login: Login) -> DeclaredLogin:
    """Return a login with the fields that the causes are about."""
    found = set(causes)
    values = read_values(app, {})
    scopes = values.get(SCOPES_PATH)
    gates = values.get(GATES)
    gate = base.gate if base is not None else None
    if gate is None and found & ACCESS:
        gate = gates[0] if isinstance(gates, tuple) and gates and not _is_id(gates[0]) else f"{app.name}_Access"
    repaired = LoginApp(
        app.type,
        app.name,
        contact_email=base.app.contact_email if base is not None else None,
        certificate=_certificate(base, login) if found & CERTIFICATE else None,
        scopes=_with_needed(scopes) if found & SCOPES and isinstance(scopes, tuple) else None,
        enabled=True if found & ENABLED else None,
        jwt_access_tokens=False if found & JWT_TOKENS else None,
    )
    policy = LoginPolicy(
        permitted_users=ADMIN_APPROVED if found & POLICY else None,
        session_level="standard" if found & LEVEL else None,
    )
    return DeclaredLogin(
        name=base.name if base is not None else app.name,
        app=repaired,
        policy=policy,
        gate=gate if found & ACCESS else None,
        permission_set=_permission_set(app, base) if found & PERMISSIONS else None,
        assigned_to=EnvField("username") if found & (ACCESS | PERMISSIONS) else None,
        places=base.places if base is not None else DeclaredLogin("", repaired).places,
    )


def _is_id(text: str) -> bool:
    return text.startswith("0PS")


def _with_needed(scopes: tuple[str, ...]) -> tuple[str, ...]:
    return (*scopes, *(name for name in NEEDED_SCOPES if name not in scopes))


def _permission_set(app: ObservedApp, base: DeclaredLogin | None) -> DeclaredPermissionSet:
    if base is not None and base.permission_set is not None:
        return base.permission_set
    names = tuple(USER_PERMISSIONS[name] for name in OWN_PERMISSIONS)
    return DeclaredPermissionSet(f"{app.name}_Permissions", None, with_dependencies(names))


def _certificate(base: DeclaredLogin | None, login: Login) -> KeyFile:
    """Return the declared certificate, else the one beside the private key. Raises :class:`InputError`."""
    if base is not None and base.app.certificate is not None:
        return base.app.certificate
    found = next(certificates_beside(login.key_file), None) if login.key_file is not None else None
    if found is not None:
        return found
    where = f" beside {login.key_file}" if login.key_file is not None else ""
    raise InputError(
        f"The certificate of the private key is needed for the repair, and it is missing{where}.",
        next="Put the certificate beside the private key, with the ending .crt, or declare it in logins.yaml.",
        code="no-certificate",
    )


def _against_certificate(org: Org, app: ObservedApp) -> Blocked | None:
    since = datetime.now(UTC) - timedelta(hours=_IN_USE_HOURS)
    label = text_of(app.root(HEADER), "label") or app.name
    return against_certificate(read_login_history(org, since), app.name, label, org.session.user_id)


def against_certificate(history: tuple[LoginRow, ...] | str, app: str, label: str, session_user: str) -> Blocked | None:
    """Return the reason against another certificate: the present one is in use, or may be in use; None if neither.

    ``history`` has the newest login first, or is the reason why it could not be read. An org shows a user without
    Manage Users only the user's own logins, so the absence of logins counts only in a history with other users.
    """
    if isinstance(history, str):
        return _may_be_in_use(app, f"The login history of the org could not be read ({history.rstrip('.')})")
    last = next(
        (row.at for row in history if row.application in (label, app) and row.status.casefold() == _SUCCESS), None
    )
    if last is not None:
        return _blocked(
            app,
            f"Logins through {app} worked in the last {_IN_USE_HOURS} hours (the last one at "
            f"{last.astimezone(UTC):%Y-%m-%d %H:%M} UTC), so someone holds the private key of the present certificate "
            f"and would be locked out.",
            "If that key is your own earlier one, run the command again with --allow-destroy.",
        )
    if not _shows_other_users(history, session_user):
        return _may_be_in_use(
            app,
            "The login history of the org shows no login of another user (without Manage Users it shows only the "
            "administrator's own)",
        )
    return None


def _shows_other_users(history: tuple[LoginRow, ...], session_user: str) -> bool:
    """Return whether the history has logins of other users than the session's, who is not always known."""
    users = {row.user_id[:15] for row in history if row.user_id}
    return bool(users - {session_user[:15]}) if session_user else len(users) > 1


def _may_be_in_use(app: str, reason: str) -> Blocked:
    return _blocked(
        app,
        f"{reason}, so logins through {app} may work with the present certificate.",
        "Use the session of an administrator with Manage Users. If nobody else logs in through this app, run the "
        "command again with --allow-destroy.",
    )


def _blocked(app: str, message: str, following: str) -> Blocked:
    return Blocked("certificate-in-use", message, following, f"app.{app}")
