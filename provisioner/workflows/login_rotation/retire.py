"""``login retire``: the earlier app is switched off, and a day later it is deleted, if nobody uses it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from provisioner.errors import ExitStatus, RefusedError
from provisioner.execution.login_delete import AppDeleting
from provisioner.execution.outcome import Outcome, not_confirmed, refused
from provisioner.planning.login_plan import plan_removal
from provisioner.planning.login_rotation_state import RETIRING, LoginStepRefusal, StepKind
from provisioner.report.login_rotation import LoginRotated
from provisioner.workflows.login_apply import Turn, apply_plan, ask_and_send
from provisioner.workflows.login_proof import prove_login
from provisioner.workflows.login_rotation.look import old_login
from provisioner.workflows.login_rotation.rotate import LoginRotation
from provisioner.workflows.login_scene import DeclaredLogins, planner
from provisioner.workflows.rotation.apply_step import told_on_error

if TYPE_CHECKING:
    from provisioner.execution.login_apply import Planned


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
