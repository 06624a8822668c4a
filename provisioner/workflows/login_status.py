"""``login status``: each declared login as the org has it, and whether the environment's own one works."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from provisioner.components.login_app import ObservedApp, declared_certificate
from provisioner.components.snapshot import Unreadable
from provisioner.errors import ExitStatus, ProvisionerError
from provisioner.jose.certificates import fingerprint
from provisioner.jose.login_certificate import read_login_certificate
from provisioner.model.login_types import ASSIGNMENT, CONNECTED_APP, HEADER
from provisioner.model.logins import AppType, DeclaredLogin
from provisioner.report.login import LoginState, LoginStatus
from provisioner.workflows.connect import jwt_settings
from provisioner.workflows.console import Console
from provisioner.workflows.consumer_key import KeyForm, KeyPlace, key_place
from provisioner.workflows.login_apply import consumer_keys, own_settings
from provisioner.workflows.login_proof import prove_login
from provisioner.workflows.login_scene import DeclaredLogins, planner

if TYPE_CHECKING:
    from provisioner.execution.login_apply import Planned
    from provisioner.salesforce import Org


def login_status(
    console: Console, declared: DeclaredLogins, org: Org, admin: str = ""
) -> tuple[LoginStatus, ExitStatus]:
    """Read the org and try the environment's own login once. 2 if the org differs, 1 if the login fails.

    ``admin`` are the options of the administrator's session.
    """
    planned = planner(declared, org)()
    place = key_place(console, declared.environment)
    keys = consumer_keys(org, planned)
    states = []
    for name, login in planned.inputs.logins.items():
        state = _state(planned, declared, login, place, keys.get(name))
        if login.app.replaces is not None:
            state = replace(state, rotation=_rotation(declared, login, admin))
        if name == declared.own:
            state = _proven(console, declared, state, keys.get(name))
        states.append(state)
    plan = planned.plan
    status = LoginStatus(plan.environment, plan.org.id, plan.org.instance_url, tuple(states), admin)
    if planned.plan.unread:
        return status, ExitStatus.REFUSED
    if any(each.differences for each in states):
        return status, ExitStatus.CHANGES_PENDING
    return status, ExitStatus.DONE if status.is_good else ExitStatus.WRONG_INPUT


def _state(
    planned: Planned, declared: DeclaredLogins, login: DeclaredLogin, place: KeyPlace, key: str | None
) -> LoginState:
    app = planned.inputs.app(login)
    kind = HEADER if login.app.type is AppType.EXTERNAL else CONNECTED_APP
    mine = {kind.address(login.app.name), *(f"permission_set.{name}" for name in login.permission_sets)}
    mine |= {ASSIGNMENT.address(name) for name in login.permission_sets}
    differences = tuple(
        f"{each.address} ({', '.join(field.path for field in each.fields)})"
        for each in planned.plan.changes
        if each.address in mine
    )
    expires = _expires(login)
    return LoginState(
        name=login.name,
        app=_app_words(login, app),
        in_org=isinstance(app, ObservedApp),
        differences=differences,
        certificate=_certificate_words(login, expires),
        fingerprint=_fingerprint(login),
        expires=expires.isoformat() if expires is not None else None,
        user=declared.usernames.get(login.name),
        holders=planned.inputs.records.holders(login.gate) if login.gate is not None else (),
        changed=_changed(app),
        key=_key_words(declared, login, place, key),
    )


def _app_words(login: DeclaredLogin, app: ObservedApp | Unreadable | None) -> str:
    kind = "external client app" if login.app.type is AppType.EXTERNAL else "connected app"
    if isinstance(app, Unreadable):
        return f"{kind} {login.app.name}, which could not be read: {app.reason}"
    return f"{kind} {login.app.name}" + ("" if app is not None else ", which the org does not have")


def _fingerprint(login: DeclaredLogin) -> str | None:
    der = declared_certificate(login)
    return fingerprint(der) if der is not None else None


def _expires(login: DeclaredLogin) -> datetime | None:
    return read_login_certificate(login.app.certificate).expires if login.app.certificate is not None else None


def _certificate_words(login: DeclaredLogin, expires: datetime | None) -> str:
    if expires is None or login.app.certificate is None:
        return "(not declared)"
    return f"{login.app.certificate.shown_path}, expires on {expires:%Y-%m-%d}"


def _changed(app: ObservedApp | Unreadable | None) -> str | None:
    """Return the user and the time of the app's last change: the latest of its parts."""
    if not isinstance(app, ObservedApp):
        return None
    known = [part for part in app.parts.values() if part.last_modified_date and part.last_modified_date > "1971"]
    if not known:
        return None
    part = max(known, key=lambda each: each.last_modified_date or "")
    return f"{(part.last_modified_date or '')[:10]} by {part.last_modified_by or '(not known)'}"


def _key_words(declared: DeclaredLogins, login: DeclaredLogin, place: KeyPlace, key: str | None) -> str:
    if key is None:
        return "the org does not show one"
    if login.name != declared.own or declared.environment.embedded_org is not None:
        return "the org has one"
    if place.value == key:
        return "the environment has the org's"
    if place.form is KeyForm.COMMAND:
        return "not compared: the environment reads it from a command"
    return "the environment has none" if place.value is None else "the environment has another one than the org"


def _rotation(declared: DeclaredLogins, login: DeclaredLogin, admin: str) -> str:
    return f"provisioner login rotate {login.name} --env {declared.environment.name}{admin} --status"


def _proven(console: Console, declared: DeclaredLogins, state: LoginState, key: str | None) -> LoginState:
    """Try the environment's own login: with the org's consumer key, or during a rotation as the environment has it."""
    try:
        if state.rotation is not None and declared.environment.embedded_org is None:
            settings = jwt_settings(console, declared.environment)
        elif key is not None:
            own = own_settings(console, declared)
            assert own is not None  # the environment has an own login
            settings = replace(own, consumer_key=key)
        else:
            return state
    except ProvisionerError as error:
        return replace(state, works=False, problem=error.message)
    proof = prove_login(console, settings, minutes=0, changed=False)
    return replace(state, works=proof.is_proven, problem=proof.error.message if proof.error is not None else None)
