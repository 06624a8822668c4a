"""One run of ``login rotate`` or ``login retire``: look, do the next step, look again, and return the state.

``login retire`` switches the earlier app off, and deletes it a day later if nobody uses it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from provisioner.errors import ExitStatus, RefusedError
from provisioner.execution.login_delete import AppDeleting
from provisioner.execution.outcome import Outcome, Result, not_confirmed, refused
from provisioner.files import expand_home
from provisioner.planning.login_plan import plan_removal
from provisioner.planning.login_rotation import next_step
from provisioner.planning.login_rotation_state import (
    DEFAULT_SILENCE,
    RETIRING,
    Heard,
    LoginRotationStep,
    LoginStepRefusal,
    LoginUse,
    StepKind,
    Way,
)
from provisioner.planning.login_rotation_words import LoginInvocation, words_of
from provisioner.planning.plan import Plan
from provisioner.report.login_rotation import LoginRotated
from provisioner.secrets import ReferenceKind
from provisioner.workflows.console import Console
from provisioner.workflows.consumer_key import absolute, stem_of
from provisioner.workflows.key_paths import display_path
from provisioner.workflows.login_apply import LoginOptions, Turn, apply_plan, ask_and_send
from provisioner.workflows.login_proof import Proof, prove_login
from provisioner.workflows.login_rotation import files
from provisioner.workflows.login_rotation.look import Looked, NewKey, heard, look, old_login
from provisioner.workflows.login_scene import DeclaredLogins, planner
from provisioner.workflows.recovery import settle_earlier
from provisioner.workflows.rotation.apply_step import told_on_error

if TYPE_CHECKING:
    from provisioner.execution.login_apply import Planned
    from provisioner.salesforce import Org


@dataclass(frozen=True, slots=True)
class LoginRotationRequest:
    """The options of a run. ``login`` is None for the environment's own one; ``back`` exchanges the sides first."""

    environment: str
    login: str | None
    key: NewKey
    in_place: bool = False
    back: bool = False
    silence: timedelta = DEFAULT_SILENCE
    off_since: datetime | None = None
    leaked: bool = False
    options: LoginOptions = field(default_factory=LoginOptions)


@dataclass
class LoginRotation:
    """One run. ``show`` shows a plan before the question about it; ``looked`` is the last look."""

    console: Console
    org: Org
    wanted: LoginRotationRequest
    typed: LoginInvocation
    show: Callable[[Plan], None]
    looked: Looked
    done: list[str] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    proof: Proof | None = None
    heard: Heard | None = None

    @classmethod
    def begin(
        cls,
        console: Console,
        org: Org,
        wanted: LoginRotationRequest,
        typed: LoginInvocation,
        show: Callable[[Plan], None],
    ) -> LoginRotation:
        """Return a run that has looked at the files and the org."""
        return cls(console, org, wanted, typed, show, look(console, wanted.environment, wanted.login, org, wanted.key))

    def run(self) -> LoginRotated:
        """Do the next step, and return the state. Raises for an unreadable file, an impossible edit, an interrupt."""
        with told_on_error(self.console, self.outcomes, self.done):
            return self._run()

    def _run(self) -> LoginRotated:
        self.settle()
        if self.wanted.back:
            return self._back()
        step = self.step()
        match step.kind:
            case StepKind.BLOCKED:
                return self.ended(ExitStatus.REFUSED, step.refused)
            case StepKind.DECLARE:
                self.done += files.declare(self.console, self.looked, in_place=self.wanted.in_place)
            case StepKind.HOLD:
                if step.refused:
                    return self.ended(ExitStatus.REFUSED, step.refused)
                self._hold()
            case StepKind.DEPLOY:
                status = self._deploy()
                if status is not ExitStatus.DONE:
                    return self.ended(status)
                self.look()
                self.done += files.keep_key(self.console, self.looked)
            case StepKind.PROVE | StepKind.SWITCH:
                if step.refused:
                    return self.ended(ExitStatus.REFUSED, step.refused)
                return self._prove_and_switch()
            case StepKind.RELEASE:
                self._release()
            case StepKind.GENERATE | StepKind.DISABLE | StepKind.DELETE:
                return self.ended(ExitStatus.DONE)
            case _:
                assert_never(step.kind)
        self.look()
        return self.ended(ExitStatus.DONE)

    def status(self) -> LoginRotated:
        """Return the state of the rotation; nothing is changed and no login is tried."""
        step = self.step()
        is_blocked = step.kind is StepKind.BLOCKED
        return self.ended(ExitStatus.REFUSED if is_blocked else ExitStatus.DONE, step.refused if is_blocked else ())

    # Looking

    def settle(self) -> None:
        """Settle what earlier runs left open in the org; look again if there was anything."""
        if settle_earlier(self.console, self.org, self.wanted.options.minutes):
            self.look()

    def look(self) -> None:
        """Read the files and the org again."""
        self.looked = look(self.console, self.wanted.environment, self.wanted.login, self.org, self.wanted.key)

    def step(self) -> LoginRotationStep:
        """Return the next step, by the last look and by what this run proved."""
        return next_step(self.looked.view, self.evidence(), self.console.now)

    def evidence(self) -> LoginUse:
        """Return the evidence of this run."""
        proof = self.proof
        return LoginUse(
            proven=proof.is_proven if proof is not None else None,
            problem=proof.error.message if proof is not None and proof.error is not None else None,
            heard=self.heard,
            silence=self.wanted.silence,
            off_since=self.wanted.off_since,
            leaked=self.wanted.leaked,
        )

    def listen(self) -> None:
        """Read the login history, if it matters for the step."""
        if self.step().kind in RETIRING:
            self.heard = heard(self.org, self.looked.view, self.console.now, self.wanted.silence)

    # Doing

    def _back(self) -> LoginRotated:
        view = self.looked.view
        if view.old is None or not view.old.present:
            gone = f" {view.old.name} is deleted." if view.old is not None else ""
            return self.ended(
                ExitStatus.REFUSED,
                (
                    LoginStepRefusal(
                        "nothing-to-go-back-to",
                        f"No rotation of login.{view.login} can be taken back.{gone}",
                        "Begin a new one with --key-file.",
                    ),
                ),
            )
        self.done += files.exchange_sides(self.console, self.looked.login)
        self.look()
        return self.ended(ExitStatus.DONE)

    def _hold(self) -> None:
        change = files.new_half(self.console, self.looked)
        if not change.by_hand:
            first = self.looked.first.text
            other = replace(change.first, consumer_key=None)
            environment = self.looked.declared.environment
            self.done += files.write_halves(self.console, environment, replace(change, first=first), other)

    def _deploy(self) -> ExitStatus:
        declared, options = self.looked.declared, self.wanted.options
        files.check_key_file(self.console, self.looked)
        plan_again = planner(declared, self.org, destroy=options.destroy)
        shown = plan_again()
        self.show(shown.plan)
        if shown.plan.blocked:
            self.outcomes.append(refused(shown.plan))
            return self.outcomes[-1].exit_status
        outcome, sent = apply_plan(self.console, declared, self.org, shown, plan_again, options)
        self.outcomes.append(outcome)
        key = sent.get(self.looked.login.app.name)
        if key is not None and self.wanted.key.consumer_key is None:
            self.wanted = replace(self.wanted, key=replace(self.wanted.key, consumer_key=key))
        return outcome.exit_status

    def _prove_and_switch(self) -> LoginRotated:
        settings, view = self.looked.proving, self.looked.view
        assert settings is not None  # the step would have a refusal
        self.console.say(f"Proving the login through {view.new.name} with the new private key.")
        self.proof = prove_login(self.console, settings, minutes=self.wanted.options.proof_minutes, changed=True)
        if self.proof.error is not None:
            return self.ended(self.proof.error.exit_status)
        change = files.new_half(self.console, self.looked)
        if change.by_hand:
            return self.ended(ExitStatus.DONE)
        in_place = view.way is Way.IN_PLACE
        environment = self.looked.declared.environment
        self.done += files.write_halves(self.console, environment, change, None if in_place else change.second)
        self.look()
        status = self._prove_environment()
        return self.ended(status)

    def _prove_environment(self) -> ExitStatus:
        """Log in once as the environment file says now."""
        settings = self.looked.first.settings
        assert settings is not None
        proof = prove_login(self.console, settings, minutes=0, changed=False)
        if proof.error is not None:
            self.proof = proof
            return proof.error.exit_status
        return ExitStatus.DONE

    def _release(self) -> None:
        environment, first = self.looked.declared.environment, self.looked.first.text
        self.done += files.write_halves(self.console, environment, files.LoginChange(first, None), None)

    def release(self) -> None:
        """Remove the fallback if the rotation is complete."""
        if self.step().kind is StepKind.RELEASE:
            self._release()
            self.look()

    # Saying

    def ended(self, status: ExitStatus, refusals: tuple[LoginStepRefusal, ...] = ()) -> LoginRotated:
        """Return the result of the run: the state now, and the refusals."""
        if self.heard is None:
            self.listen()
        view, step, proof = self.looked.view, self.step(), self.proof
        words = words_of(
            step, view, self.evidence(), self.typed, new_pair=self._new_pair(), by_hand=self._by_hand(step)
        )
        problem = proof.error.message if proof is not None and proof.error is not None else None
        return LoginRotated(
            environment=self.wanted.environment,
            org_id=self.org.session.org_id,
            view=view,
            step=step,
            words=words,
            exit_status=status,
            done=tuple(self.done),
            outcomes=tuple(each for each in self.outcomes if each.result is not Result.UNCHANGED),
            refused=refusals,
            proven=proof.is_proven if proof is not None else None,
            problem=problem,
            heard=self.heard,
        )

    def _by_hand(self, step: LoginRotationStep) -> tuple[str, ...]:
        if step.kind not in (StepKind.HOLD, StepKind.SWITCH) or not self.looked.view.has_key:
            return ()
        return files.new_half(self.console, self.looked).by_hand

    def _new_pair(self) -> str:
        """Return the command that makes the next pair of keys, beside the present private key if that is a file."""
        looked, login = self.looked, self.looked.declared.environment.login
        name, _ = files.next_generation(looked.login.app.name, "", looked)
        where = ""
        if login is not None and login.private_key is not None and login.private_key.kind is ReferenceKind.FILE:
            present = Path(login.private_key.target)
            path = looked.declared.environment.folder / expand_home(login.private_key.target)
            number = name.rpartition("_")[2]
            stem = stem_of(present.stem)
            where = f" --private-key {display_path(absolute(path.with_name(f'{stem}_{number}.key')))}"
        return f"provisioner keys generate --login {name.replace('_', '-').lower()}{where}"


_CHANGED = RefusedError(
    "The org changed since the plan was shown. Nothing was deleted.",
    next="Run the command again: it looks at the org first.",
    code="org-changed",
)


def retire(rotation: LoginRotation) -> LoginRotated:
    """Do the next step of the end of the earlier app, or name the reasons against it."""
    with told_on_error(rotation.console, rotation.outcomes, rotation.done):
        return _retire(rotation)


def _retire(rotation: LoginRotation) -> LoginRotated:
    rotation.settle()
    step = rotation.step()
    if step.kind in (StepKind.RELEASE, StepKind.GENERATE, StepKind.DECLARE):
        rotation.release()
        return rotation.ended(ExitStatus.DONE)
    if step.kind not in RETIRING:
        return rotation.ended(ExitStatus.REFUSED, step.refused or (_not_ready(rotation),))
    settings = rotation.looked.first.settings
    assert settings is not None  # the step is for an environment that uses the new side
    rotation.console.say(f"Proving the login through {rotation.looked.view.new.name}.")
    rotation.proof = prove_login(rotation.console, settings, minutes=0, changed=False)
    rotation.listen()
    step = rotation.step()
    if step.refused:
        return rotation.ended(ExitStatus.REFUSED, step.refused)
    outcome = _disable(rotation) if step.kind is StepKind.DISABLE else _delete(rotation)
    rotation.outcomes.append(outcome)
    if outcome.exit_status is ExitStatus.DONE:
        rotation.look()
        rotation.release()
    return rotation.ended(outcome.exit_status)


def _not_ready(rotation: LoginRotation) -> LoginStepRefusal:
    view = rotation.looked.view
    return LoginStepRefusal(
        "login-not-switched",
        f"The environment does not use {view.new.name} yet, so nothing is retired.",
        f"Go on with the rotation: {rotation.typed.rotate(view.login)}",
    )


def _earlier(rotation: LoginRotation, *, enabled: bool) -> DeclaredLogins:
    """Return the earlier app as the only declared login, with nothing declared but its switch."""
    declared = rotation.looked.declared
    login = old_login(rotation.looked.login, enabled=enabled)
    return replace(declared, loaded=replace(declared.loaded, logins={login.name: login}))


def _disable(rotation: LoginRotation) -> Outcome:
    declared, options = _earlier(rotation, enabled=False), rotation.wanted.options
    plan_again = planner(declared, rotation.org, destroy=options.destroy)
    shown = plan_again()
    rotation.show(shown.plan)
    if shown.plan.blocked:
        return refused(shown.plan)
    outcome, _ = apply_plan(rotation.console, declared, rotation.org, shown, plan_again, options)
    return outcome


def _delete(rotation: LoginRotation) -> Outcome:
    console, org, options = rotation.console, rotation.org, rotation.wanted.options
    declared = _earlier(rotation, enabled=False)
    planned = _planned_removal(planner(declared, org, destroy=options.destroy)(), declared)
    rotation.show(planned.plan)
    if planned.plan.blocked:
        return refused(planned.plan)

    def send(turn: Turn) -> Outcome:
        if turn.is_late and not _is_due(rotation):
            return not_confirmed(planned.plan, _CHANGED)
        app = rotation.looked.old_app
        assert app is not None  # it is due for deletion
        return AppDeleting(org, turn.recorder, planned.plan, options.minutes, turn.progress, turn.over).run(app)

    return ask_and_send(console, declared.environment, org, planned, options.minutes, send)


def _is_due(rotation: LoginRotation) -> bool:
    """Look again, because time has passed; tell if the deletion is still the next step."""
    rotation.look()
    rotation.listen()
    step = rotation.step()
    return step.kind is StepKind.DELETE and not step.refused


def _planned_removal(planned: Planned, declared: DeclaredLogins) -> Planned:
    login = next(iter(declared.loaded.logins.values()))
    return replace(planned, plan=plan_removal(planned.inputs, login))
