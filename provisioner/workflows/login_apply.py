"""``login apply``: plan, ask, apply, read back; then write the consumer key, and prove the login."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.components.login_app import ObservedApp, declared_certificate
from provisioner.components.snapshot import Component
from provisioner.errors import ExitStatus, InputError, ProvisionerError, RefusedError
from provisioner.execution.in_flight import Occupied
from provisioner.execution.journal import Journal
from provisioner.execution.journal_entry import ChangedComponent, SavedComponent
from provisioner.execution.lock import org_lock
from provisioner.execution.login_apply import LoginApplying
from provisioner.execution.outcome import Outcome, Result, not_confirmed, refused, unchanged
from provisioner.execution.progress import Progress
from provisioner.execution.recorder import Recorder
from provisioner.jose.certificates import Certificate, fingerprint
from provisioner.jose.login_certificate import read_login_certificate
from provisioner.jose.private_key import load_private_key
from provisioner.model.environment import Environment
from provisioner.model.login_types import ASSIGNMENT, CONNECTED_APP, HEADER, PERMISSION_SET
from provisioner.model.logins import AppType, DeclaredLogin
from provisioner.planning.plan import Blocked, Change, Plan
from provisioner.report.login import LoginResult
from provisioner.salesforce import LoginSettings
from provisioner.workflows.connect import jwt_settings, local_org, local_settings
from provisioner.workflows.console import Console
from provisioner.workflows.consumer_key import KeyForm, KeyPlace, check_place, key_place, write_key
from provisioner.workflows.key_paths import display_path
from provisioner.workflows.login_proof import Proof, known_answer, prove_login
from provisioner.workflows.login_scene import DeclaredLogins, planner
from provisioner.workflows.recovery import settle_earlier
from provisioner.workflows.send import Confirmation, new_recorder, wait_for_others

if TYPE_CHECKING:
    from collections.abc import Callable

    from provisioner.execution.login_apply import Planned
    from provisioner.salesforce import LoginSettings, Org

_REFRESH_TOKENS = (
    "The app issues no refresh tokens, and an org may refuse a login by JWT for that: write `refresh_token_hours: 4` "
    "under policy, and apply again."
)


@dataclass(frozen=True, slots=True)
class LoginOptions:
    """``minutes`` bounds the wait for a deployment, ``proof_minutes`` that for the login.

    ``admin`` are the options of the administrator's session, for the next command.
    """

    destroy: bool = False
    minutes: float = 30.0
    proof_minutes: float = 20.0
    admin: str = ""


@dataclass(frozen=True, slots=True)
class LoginApplied:
    """The result of an apply of logins. ``keys`` are consumer keys by the login's name, as the org has them.

    ``written`` is the file that got the environment's consumer key; ``todo`` what is left for a person. ``proof`` is
    None if nothing was to be proven.
    """

    outcome: Outcome
    keys: Mapping[str, str] = field(default_factory=dict)
    written: Path | None = None
    todo: tuple[str, ...] = ()
    proof: Proof | None = None

    @property
    def exit_status(self) -> ExitStatus:
        if self.outcome.exit_status is not ExitStatus.DONE:
            return self.outcome.exit_status
        if self.proof is not None and self.proof.error is not None:
            return self.proof.error.exit_status
        return ExitStatus.DONE


def apply_logins(
    console: Console,
    declared: DeclaredLogins,
    org: Org,
    options: LoginOptions,
    *,
    show: Callable[[Plan], None],
    against: tuple[Blocked, ...] = (),
) -> LoginApplied:
    """Apply the declared logins with the administrator's session of ``org``. A refusal is an outcome, too.

    ``against`` are reasons to refuse any change, unless it is allowed to be destructive.
    """
    settle_earlier(console, org, options.minutes)
    plan_again = planner(declared, org, destroy=options.destroy, against=() if options.destroy else against)
    shown = plan_again()
    show(shown.plan)
    if shown.plan.blocked:
        return LoginApplied(refused(shown.plan))
    place = key_place(console, declared.environment)
    key = own_settings(console, declared)
    if declared.own_login is not None:
        check_place(place, Path(console.config_path))
    outcome, sent = apply_plan(console, declared, org, shown, plan_again, options)
    if outcome.exit_status is not ExitStatus.DONE:
        return LoginApplied(outcome)
    after = plan_again() if outcome.result is Result.APPLIED else shown
    keys = consumer_keys(org, after, sent)
    return _prove_and_keep(console, declared, outcome, keys, place, key, options)


def apply_plan(
    console: Console,
    declared: DeclaredLogins,
    org: Org,
    shown: Planned,
    plan_again: Callable[[], Planned],
    options: LoginOptions,
) -> tuple[Outcome, Mapping[str, str]]:
    """Ask, and apply an unblocked plan. Return the outcome and the sent consumer keys by app."""
    if shown.plan.is_empty:
        return unchanged(shown.plan), {}
    keys: dict[str, str] = {}

    def send(turn: Turn) -> Outcome:
        applying = LoginApplying(
            org, turn.recorder, plan_again, options.minutes, options.admin, turn.progress, over=turn.over
        )
        outcome = applying.run(shown, asked=turn.is_late)
        keys.update(applying.sent_keys)
        return outcome

    return ask_and_send(console, declared.environment, org, shown, options.minutes, send), keys


@dataclass(frozen=True, slots=True)
class Turn:
    """One attempt to send a plan. ``is_late``: time has passed since the plan was made, so the org may have changed.

    ``over`` are deployments (15 characters) that are known to be done.
    """

    recorder: Recorder
    progress: Progress
    is_late: bool
    over: frozenset[str]


def ask_and_send(
    console: Console,
    environment: Environment,
    org: Org,
    shown: Planned,
    minutes: float,
    send: Callable[[Turn], Outcome],
) -> Outcome:
    """Ask about a plan, and send it as the only deployment in the org. A refusal is an outcome, too.

    ``send`` raises :class:`Occupied` before it sends anything if another deployment runs; then it gets another turn.
    """
    plan, over = shown.plan, frozenset[str]()
    touched = [each for change in plan.changes for each in touched_by(shown, change)]
    without_terminal = f"Run `provisioner {console.given.command} --env {environment.name}` at a terminal."
    with contextlib.ExitStack() as stack:
        try:
            asked = Confirmation(console, environment, without_terminal=without_terminal)(plan)
            waited = stack.enter_context(org_lock(plan.org.id, environment.name, datetime.now(UTC), console.say))
        except RefusedError as refusal:
            return not_confirmed(plan, refusal)
        while True:
            recorder = new_recorder(
                console, Journal.here(), plan.environment, plan.org, plan.declaration_digest, touched
            )
            try:
                with console.progress() as progress:
                    return send(Turn(recorder, progress, asked or waited or bool(over), over))
            except Occupied as occupied:
                over |= wait_for_others(console, org, occupied, minutes)


def touched_by(shown: Planned, change: Change) -> tuple[ChangedComponent, ...]:
    """Return the journal's record of the components that a change is about."""
    if change.type is ASSIGNMENT:
        return ()
    found: tuple[Component, ...] = ()
    if change.type is PERMISSION_SET:
        present = shown.inputs.set(change.full_name)
        found = (present,) if isinstance(present, Component) else ()
    elif change.type in (HEADER, CONNECTED_APP):
        login = next(each for each in shown.inputs.logins.values() if each.app.name == change.full_name)
        app = shown.inputs.app(login)
        found = tuple(app.parts.values()) if isinstance(app, ObservedApp) else ()
    if not found:
        return (ChangedComponent(change.type, change.full_name, change.action.value, SavedComponent()),)
    return tuple(
        ChangedComponent(each.type, each.full_name, change.action.value, SavedComponent.of(each.xml)) for each in found
    )


# The environment's own login


def own_settings(console: Console, declared: DeclaredLogins) -> LoginSettings | None:
    """Return the settings of the environment's login, with any consumer key; None if the environment has no own login.

    Raises :class:`InputError` if its private key cannot be read, or is not the one of the declared certificate: then
    nothing that is deployed could be proven.
    """
    login = declared.own_login
    if login is None:
        return None
    environment = declared.environment
    if environment.embedded_org is not None:
        with local_org(console, environment) as local:
            assert local is not None
            settings = local_settings(console, environment, local)
    else:
        settings = jwt_settings(console, environment, consumer_key="unknown")
    _require_match(console, settings, login, environment)
    return settings


def _require_match(console: Console, settings: LoginSettings, login: DeclaredLogin, environment: Environment) -> None:
    options = f"--env {environment.name}"
    certificate = _certificate(login)
    if certificate is None:
        return
    numbers = load_private_key(settings.private_key, settings.passphrase).public_key().public_numbers()
    if (numbers.n, numbers.e) != (certificate.n, certificate.e):
        assert login.app.certificate is not None
        if login.app.replaces is not None:
            raise InputError(
                f"The private key of {environment.name} is not that of the declared certificate, because a rotation of "
                f"{login.address} has begun. Nothing was sent.",
                next=f"Look at its state: provisioner login rotate {login.name} {options} --status, with "
                "the session of an administrator.",
                code="rotation-under-way",
            )
        raise InputError(
            f"The certificate {login.app.certificate.shown_path} of {login.address} (SHA-256 "
            f"{fingerprint(certificate.der)[:16]}…) does not belong to the private key of {environment.name}. Nothing "
            f"was sent.",
            next="Name the certificate that was made with the key; `provisioner keys inspect FILE` shows which.",
            code="certificate-mismatch",
        )


def _certificate(login: DeclaredLogin) -> Certificate | None:
    if declared_certificate(login) is None or login.app.certificate is None:
        return None
    return read_login_certificate(login.app.certificate).certificate


def _prove_and_keep(
    console: Console,
    declared: DeclaredLogins,
    outcome: Outcome,
    keys: Mapping[str, str],
    place: KeyPlace,
    settings: LoginSettings | None,
    options: LoginOptions,
) -> LoginApplied:
    """Prove the login, and write the consumer key into the file that the environment refers to."""
    own, login = keys.get(declared.own) if declared.own is not None else None, declared.own_login
    if settings is None or login is None:
        return LoginApplied(outcome, keys)
    if own is None:
        hidden = f"The org does not show the consumer key of {declared.own}; Setup > External Client App Manager does."
        return LoginApplied(outcome, keys, todo=(f"{hidden} {place.advice('it')}",))
    changed = outcome.result is Result.APPLIED
    if changed:
        console.say("Proving the login: a token, the REST API, the Metadata API.")
    proof = prove_login(console, replace(settings, consumer_key=own), minutes=options.proof_minutes, changed=changed)
    written, todo = _keep(declared, place, own, proof)
    if proof.error is not None and _may_be_refresh_tokens(proof.error) and not login.policy.refresh_token_hours:
        todo += (_REFRESH_TOKENS,)
    return LoginApplied(outcome, keys, written, todo, proof)


def _may_be_refresh_tokens(error: ProvisionerError) -> bool:
    known = known_answer(error)
    return known is not None and known.id in ("F01", "F12")


def _keep(declared: DeclaredLogins, place: KeyPlace, key: str, proof: Proof) -> tuple[Path | None, tuple[str, ...]]:
    """Give the environment the key; return the written file, and the steps that are left for a person.

    Another key in the file is replaced only by one with which the login works.
    """
    if declared.environment.embedded_org is not None or place.value == key:
        return None, ()
    if place.form is not KeyForm.FILE or (place.value is not None and not proof.is_proven):
        return None, (place.advice(key),)
    try:
        return write_key(place, key), ()
    except ProvisionerError as error:
        return None, (f"{error.message} {place.advice(key)}",)


def consumer_keys(org: Org, planned: Planned, sent: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the apps' consumer keys by login: of the metadata, else of the Connect REST API, else as sent."""
    found: dict[str, str] = {}
    for name, login in planned.inputs.logins.items():
        app = planned.inputs.app(login)
        if not isinstance(app, ObservedApp):
            continue
        key = app.consumer_key
        if key is None and app.type is AppType.EXTERNAL:
            key = org.consumer_key(app.name)
        key = key or (sent or {}).get(app.name)
        if key is not None:
            found[name] = key
    return found


def as_result(applied: LoginApplied) -> LoginResult:
    """Return the parts of the result that are shown."""
    proof, error = applied.proof, applied.proof.error if applied.proof is not None else None
    return LoginResult(
        outcome=applied.outcome,
        exit_status=applied.exit_status,
        keys=applied.keys,
        written=display_path(applied.written) if applied.written is not None else None,
        todo=applied.todo,
        proven=proof.is_proven if proof is not None else None,
        attempts=proof.attempts if proof is not None else 0,
        seconds=proof.waited if proof is not None else 0.0,
        problem=error.message if error is not None else None,
        next=error.next if error is not None else None,
    )
