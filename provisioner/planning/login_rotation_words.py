"""A step of a login's rotation in sentences: the state, the next steps, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from provisioner.planning.login_rotation_state import (
    OFF_FOR,
    LoginRotationStep,
    LoginUse,
    RotatingLogin,
    Side,
    StepKind,
    Way,
)


@dataclass(frozen=True, slots=True)
class LoginInvocation:
    """The parts of recommended commands, as the person gave them: options of the session, and the file of the key."""

    environment: str
    options: str = ""
    key_file: str = ""

    def rotate(self, login: str, more: str = "", *, key: bool = False) -> str:
        """Return the command for the next step."""
        file = self.key_file if key else ""
        return f"provisioner login rotate {login} --env {self.environment}{self.options}{file}{more}"

    def retire(self, login: str) -> str:
        """Return the command that ends the earlier app."""
        return f"provisioner login retire {login} --env {self.environment}{self.options} --allow-destroy"


@dataclass(frozen=True, slots=True)
class Words:
    """``name`` is the step in a few words, ``title`` a sentence, ``next`` what to do, ``back`` the way back."""

    name: str
    title: str
    next: tuple[str, ...]
    back: str | None = None


def words_of(
    step: LoginRotationStep,
    view: RotatingLogin,
    evidence: LoginUse,
    typed: LoginInvocation,
    *,
    new_pair: str = "",
    by_hand: tuple[str, ...] = (),
) -> Words:
    """Return the sentences of a step. ``new_pair`` is the command that makes the next pair of keys.

    ``by_hand`` are the steps of a person that change the environment; empty if the command can do it.
    """
    name, title, steps = _Speaking(step, view, evidence, typed, new_pair, by_hand).say()
    return Words(name, title, tuple(steps), _back(step, view, typed))


def _back(step: LoginRotationStep, view: RotatingLogin, typed: LoginInvocation) -> str | None:
    begun = view.old is not None and (view.way is Way.IN_PLACE or view.old.present)
    if not begun or step.kind in (StepKind.GENERATE, StepKind.DECLARE, StepKind.RELEASE, StepKind.BLOCKED):
        return None
    return typed.rotate(view.login, " --back")


@dataclass(frozen=True, slots=True)
class _Speaking:
    step: LoginRotationStep
    view: RotatingLogin
    evidence: LoginUse
    typed: LoginInvocation
    new_pair: str
    by_hand: tuple[str, ...]

    def say(self) -> tuple[str, str, list[str]]:
        login, new = self.view.login, self.view.new.name
        old = self.view.old.name if self.view.old is not None else ""
        again = self.typed.rotate(login)
        match self.step.kind:
            case StepKind.GENERATE:
                return (
                    "at rest",
                    f"login.{login} uses {new}{', and the rotation is complete' if old else ''}.",
                    [
                        f"Make a new pair of keys: {self.new_pair}",
                        f"Declare it: {self.typed.rotate(login, ' --key-file FILE')}",
                    ],
                )
            case StepKind.DECLARE:
                return (
                    "declare the new pair",
                    f"The new pair is not declared yet; login.{login} uses {new}.",
                    [f"Declare it: {self.typed.rotate(login, key=True)}"],
                )
            case StepKind.HOLD:
                return self._hold()
            case StepKind.DEPLOY:
                return "deploy the app", self._before_deploy(old), [f"Deploy it: {again}"]
            case StepKind.PROVE:
                return (
                    "prove the new login",
                    f"{new} is as declared, and a login with the new private key is not proven yet.",
                    [f"Prove it{self._when()}, and switch the environment: {self.typed.rotate(login, key=True)}"],
                )
            case StepKind.SWITCH:
                return (
                    "switch the environment",
                    f"The login with the new private key works; the environment still uses {self._uses(old)}.",
                    list(self.by_hand) or [f"Switch it: {self.typed.rotate(login, key=True)}"],
                )
            case StepKind.DISABLE:
                return self._disable(old)
            case StepKind.DELETE:
                return (
                    "delete the earlier app",
                    f"{old} is switched off.",
                    [f"Delete it after {OFF_FOR.days} day, if nobody missed it: {self.typed.retire(login)}"],
                )
            case StepKind.RELEASE:
                return (
                    "remove the fallback",
                    "The rotation is complete; the environment still holds the earlier half of its login.",
                    list(self.by_hand) or [f"Remove it: {again}"],
                )
            case StepKind.BLOCKED:
                return "no safe step", "", []
            case _:
                assert_never(self.step.kind)

    def _hold(self) -> tuple[str, str, list[str]]:
        new, add = self.view.new.name, self.typed.rotate(self.view.login, key=True)
        return (
            "hold both keys",
            f"{new} has the earlier certificate, and the environment holds only the earlier private key.",
            [
                "Give every holder of the earlier private key the new one as well, to try both in turn.",
                *(self.by_hand or (f"Add it to the environment: {add}",)),
            ],
        )

    def _before_deploy(self, old: str) -> str:
        new = self.view.new
        if self.view.way is Way.IN_PLACE and new.certificate is Side.OLD:
            return f"The environment holds both keys; {new.name} gets the declared certificate now."
        if not new.present:
            return f"{new.name} does not exist yet; {old} keeps working beside it."
        return f"{new.name} differs from logins.yaml."

    def _when(self) -> str:
        return f" after {self.step.until:%H:%M} UTC" if self.step.until is not None else ""

    def _uses(self, old: str) -> str:
        return "the earlier key" if self.view.way is Way.IN_PLACE else old

    def _disable(self, old: str) -> tuple[str, str, list[str]]:
        days = self.evidence.silence.days
        return (
            "retire the earlier app",
            f"The environment uses {self.view.new.name}; {old} still works.",
            [
                f"Give each other holder of {old} both keys of {self.view.new.name}, together.",
                f"When nobody used {old} for {days} days: {self.typed.retire(self.view.login)}",
            ],
        )
