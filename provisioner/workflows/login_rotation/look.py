"""The state of a rotation, as one view of logins.yaml, the org and the environment's login."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.components import xml
from provisioner.components.login_app import (
    ENABLED,
    ObservedApp,
    declared_certificate,
    is_consumer_key,
    observed_app,
    read_values,
)
from provisioner.components.snapshot import Unreadable
from provisioner.declaration.load import ConfigDirectory
from provisioner.errors import InputError, ProvisionerError
from provisioner.files import UnreadableError, read_regular
from provisioner.jose.certificates import der_of, fingerprint, numbers_of
from provisioner.jose.cures import Input
from provisioner.jose.login_certificate import read_login_certificate
from provisioner.model.estate import KeyFile
from provisioner.model.login_types import GLOBAL, HEADER
from provisioner.model.logins import AppType, DeclaredLogin, LoginApp
from provisioner.model.types import label_or_default
from provisioner.names import one_of
from provisioner.planning.login_rotation_state import Heard, RotatingApp, RotatingLogin, Side, Way
from provisioner.salesforce.login_records import read_login_history
from provisioner.secrets import LARGEST_REFERENCED_FILE
from provisioner.workflows.console import Console
from provisioner.workflows.consumer_key import KeyForm, KeyPlace, key_place, new_place
from provisioner.workflows.held_key import held_key
from provisioner.workflows.key_material import expanded, passphrase_in, read_key, shown
from provisioner.workflows.login_apply import consumer_keys
from provisioner.workflows.login_rotation.halves import (
    HeldHalf,
    Numbers,
    Sides,
    held_halves,
    numbers_of_der,
)
from provisioner.workflows.login_scene import DeclaredLogins, declared_logins, planner

if TYPE_CHECKING:
    from provisioner.execution.login_apply import Planned
    from provisioner.salesforce import LoginSettings, Org


@dataclass(frozen=True, slots=True)
class NewKey:
    """The new private key as the command line names it. ``consumer_key`` is given if the org does not show it."""

    file: str | None = None
    passphrase_env: str | None = None
    consumer_key: str | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """One look. ``proving`` are the settings of the new half, None if its private key or consumer key is not known.

    ``given`` are the settings of the key that the command line names.
    """

    key: NewKey
    declared: DeclaredLogins
    login: DeclaredLogin
    planned: Planned
    view: RotatingLogin
    first: HeldHalf
    second: HeldHalf | None
    sides: Sides
    given: LoginSettings | None
    proving: LoginSettings | None
    old_app: ObservedApp | None


def look(console: Console, environment: str, name: str | None, org: Org, key: NewKey) -> Looked:
    """Read logins.yaml and the environment file again, and the org. Raises :class:`InputError`."""
    config = ConfigDirectory(console.config.directory)
    with declared_logins(console, environment, config) as declared:
        login = the_login(declared, name)
        return _looked(console, only(declared, login), login, org, key)


def the_login(declared: DeclaredLogins, name: str | None) -> DeclaredLogin:
    """Return the environment's own login, which alone can be rotated.

    Raises :class:`InputError`, and :class:`UsageError` for an unknown name.
    """
    environment = declared.environment
    own = declared.own_login
    if environment.login is None or environment.login.private_key is None:
        raise InputError(
            f"{environment.file} names no login by JWT (username, consumer_key, private_key), so there is no "
            f"certificate to rotate.",
            next="Name the environment whose login it is.",
            code="no-jwt-login",
        )
    if name is not None:
        one_of(declared.loaded.logins, name, "login", place="logins.yaml")
    if own is None or (name is not None and name != own.name):
        known = f"login.{own.name}" if own is not None else "none of the declared logins"
        raise InputError(
            f"The environment {environment.name} uses {known}"
            + (f", not login.{name}." if name is not None else ", as far as its username and app tell."),
            next="Name the environment that uses the login: its user is `assigned_to: ${env_field:username}`, and its "
            "app is `app.name` of the environment file if there are several.",
            code="not-the-login",
        )
    return own


def only(declared: DeclaredLogins, login: DeclaredLogin) -> DeclaredLogins:
    """Return the logins of an environment with this one alone."""
    loaded = replace(declared.loaded, logins={login.name: login})
    usernames = {name: user for name, user in declared.usernames.items() if name == login.name}
    return replace(declared, loaded=loaded, usernames=usernames, own=login.name)


def _looked(console: Console, declared: DeclaredLogins, login: DeclaredLogin, org: Org, key: NewKey) -> Looked:
    planned = planner(declared, org)()
    replaced = login.app.replaces
    way = Way.IN_PLACE if replaced is not None and replaced.name is None else Way.SECOND_APP
    snapshot = planned.inputs.snapshot
    unreadable = [each.message for each in planned.plan.blocked if each.unread and each.guard == "unreadable"]
    new_app = observed_app(snapshot, login.app.type, login.app.name)
    if isinstance(new_app, Unreadable):
        new_app = None  # it is among the unreadable parts of the plan
    old_app = observed_app(snapshot, AppType.EXTERNAL, replaced.name) if replaced and replaced.name else None
    if isinstance(old_app, Unreadable):
        unreadable.append(f"The earlier app could not be read: {old_app.reason}")
        old_app = None
    first, second = held_halves(console, declared.environment)
    place = key_place(console, declared.environment)
    kept = new_place(place, login.app.name) if place.form is KeyForm.FILE else place
    sides = _sides(login, org, planned, new_app, old_app, key, kept)
    given = _given(console, key, first.settings)
    known = (given, first.settings, second.settings if second is not None else None)
    private = next((each for each in known if each is not None and sides.of_private(each) is Side.NEW), None)
    consumer = sides.new_key or (private.consumer_key if way is Way.IN_PLACE and private is not None else None)
    proving = replace(private, consumer_key=consumer, fallback=None) if private is not None and consumer else None
    view = RotatingLogin(
        login=login.name,
        way=way,
        new=_app(planned, login, new_app, sides, key_known=consumer is not None),
        old=_old(login, old_app, sides),
        uses=sides.of(first),
        fallback=sides.of(second),
        has_key=private is not None,
        candidate=given is not None and sides.of_private(given) is not Side.NEW,
        unreadable=tuple(unreadable),
    )
    return Looked(key, declared, login, planned, view, first, second, sides, given, proving, old_app)


def _sides(
    login: DeclaredLogin,
    org: Org,
    planned: Planned,
    new_app: ObservedApp | None,
    old_app: ObservedApp | None,
    key: NewKey,
    kept: KeyPlace,
) -> Sides:
    new = _numbers(login.app.certificate)
    if new is None:
        raise InputError(
            f"{login.address} declares no certificate that can be read, so there is nothing to rotate.",
            next="Write `certificate:` under its app in logins.yaml, with the file of the present certificate.",
            code="no-certificate",
        )
    replaced = login.app.replaces
    old = _numbers(replaced.certificate) if replaced is not None else None
    if old is None and old_app is not None:
        old = numbers_of_der(certificate_of(old_app))
    new_key = consumer_keys(org, planned).get(login.name) or key.consumer_key
    if new_key is None and new_app is not None and kept.path is not None:
        new_key = kept_key(kept.path)
    if replaced is not None and replaced.name is None:
        return Sides(new, old, new_key, new_key)
    old_key = (old_app.consumer_key or org.consumer_key(old_app.name)) if old_app is not None else None
    return Sides(new, old, new_key, old_key)


def kept_key(path: Path) -> str | None:
    """Return the consumer key in a file that an earlier run wrote; None if it holds something else."""
    try:
        found = read_regular(path, LARGEST_REFERENCED_FILE).decode("utf-8", "replace").strip()
    except UnreadableError:
        return None
    return found if is_consumer_key(found) else None


def _numbers(file: KeyFile | None) -> Numbers | None:
    return numbers_of(read_login_certificate(file).certificate) if file is not None else None


def certificate_of(app: ObservedApp) -> bytes | None:
    """Return the certificate of an app in DER; None without one."""
    root = app.root(GLOBAL)
    if root is not None and app.type is AppType.CONNECTED:
        root = xml.child(root, "oauthConfig")
    found = xml.text_of(root, "certificate")
    return der_of(found) if found is not None else None


def _app(
    planned: Planned, login: DeclaredLogin, app: ObservedApp | None, sides: Sides, *, key_known: bool
) -> RotatingApp:
    values = read_values(app, planned.inputs.records.set_names) if app is not None else {}
    differences = tuple(
        path for change in planned.plan.changes for path in ([each.path for each in change.fields] or [change.address])
    )
    certificate = Side.NONE
    if app is not None:
        certificate = _side_of_certificate(login, app, sides)
    return RotatingApp(
        name=login.app.name,
        label=login.app.setup_label,
        present=app is not None,
        enabled=values.get(ENABLED) is not False,
        certificate=certificate,
        differences=differences,
        changed=changed_at(app),
        key_known=key_known,
    )


def _side_of_certificate(login: DeclaredLogin, app: ObservedApp, sides: Sides) -> Side:
    der = certificate_of(app)
    if der is None:
        return Side.NONE
    declared = declared_certificate(login)
    if declared is not None and fingerprint(declared) == fingerprint(der):
        return Side.NEW
    return Side.OLD if numbers_of_der(der) == sides.old and sides.old is not None else Side.OTHER


def _old(login: DeclaredLogin, app: ObservedApp | None, sides: Sides) -> RotatingApp | None:
    replaced = login.app.replaces
    if replaced is None:
        return None
    if replaced.name is None:
        return RotatingApp(login.app.name, login.app.setup_label, present=True)
    label = label_or_default(replaced.label, replaced.name)
    if app is None:
        return RotatingApp(replaced.name, label)
    values = read_values(app, {})
    return RotatingApp(
        name=replaced.name,
        label=xml.text_of(app.root(HEADER), "label") or label,
        present=True,
        enabled=values.get(ENABLED) is not False,
        certificate=Side.OLD,
        changed=changed_at(app),
    )


def changed_at(app: ObservedApp | None) -> datetime | None:
    """Return the time of the last change of any part of an app; None if the org does not show it."""
    moments = []
    for part in app.parts.values() if app is not None else ():
        text = part.last_modified_date
        if not text or text < "1971":
            return None
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            return None
        moments.append(at if at.tzinfo is not None else at.replace(tzinfo=UTC))
    return max(moments, default=None)


def old_login(login: DeclaredLogin, *, enabled: bool) -> DeclaredLogin:
    """Return the earlier app as a login that declares only whether it is enabled."""
    replaced = login.app.replaces
    assert replaced is not None
    assert replaced.name is not None
    app = LoginApp(AppType.EXTERNAL, replaced.name, enabled=enabled)
    return DeclaredLogin(login.name, app, self_managed=login.self_managed, places=login.places)


def _given(console: Console, key: NewKey, first: LoginSettings | None) -> LoginSettings | None:
    """Return the settings with the key of the command line, None without one. Raises :class:`InputError`."""
    if key.file is None or first is None:
        return None
    path = str(expanded(key.file))
    held = held_key(console, path, key.passphrase_env, for_login=True)
    return replace(
        first,
        private_key=read_key(held.path),
        passphrase=passphrase_in(key.passphrase_env),
        shown_key=shown(held.path),
        key_input=Input.of_file(held.path),
    )


# The login history


def heard(org: Org, view: RotatingLogin, now: datetime, silence: timedelta) -> Heard:
    """Return the logins through both apps in the time that must be silent; failed attempts count, too."""
    since = now - silence
    rows = read_login_history(org, since)
    if isinstance(rows, str):
        return Heard(since, problem=rows)
    old = view.old
    names_old = {old.label, old.name} if old is not None else set()
    names_new = {view.new.label, view.new.name} - names_old
    through_old = [row for row in rows if row.application in names_old]
    through_new = [row for row in rows if row.application in names_new]
    return Heard(
        since=since,
        old=max((row.at for row in through_old), default=None),
        new=max((row.at for row in through_new), default=None),
        users=_usernames(org, sorted({row.user_id for row in through_old if row.user_id})),
    )


def _usernames(org: Org, ids: list[str]) -> tuple[str, ...]:
    from simple_salesforce.format import format_soql

    if not ids:
        return ()
    try:
        rows = org.query(format_soql("SELECT Id, Username FROM User WHERE Id IN {}", ids))
    except ProvisionerError:
        return tuple(ids)
    return tuple(sorted(str(row["Username"]) for row in rows)) or tuple(ids)
