"""The one next step of the rotation of a login's certificate: a pure function of the observed state.

A rotation stores no state. The declaration names the new side (``app``) and the side to leave (``replaces``); the org
has one app or two; the environment's login has one half or two. The same observations always give the same step, so
the next run continues an interrupted one, and the way back is the declaration with its sides exchanged. In each
state, anyone who follows the printed steps can log in.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from provisioner.planning.login_rotation_state import (
    OFF_FOR,
    PROPAGATION,
    LoginRotationStep,
    LoginStepRefusal,
    LoginUse,
    RotatingApp,
    RotatingLogin,
    Side,
    StepKind,
    Way,
)
from provisioner.words import enumerated


def next_step(view: RotatingLogin, evidence: LoginUse, now: datetime) -> LoginRotationStep:
    """Return the one next step. The function is total: each observed state has one step, or a reason against any."""
    blocked = tuple(_blocked(view))
    if blocked:
        return LoginRotationStep(StepKind.BLOCKED, blocked)
    if view.old is None:
        return _at_rest(view)
    if view.way is Way.IN_PLACE:
        return _in_place(view, evidence, now)
    return _second_app(view, view.old, evidence, now)


def _at_rest(view: RotatingLogin) -> LoginRotationStep:
    if view.fallback is not Side.NONE and view.uses is Side.NEW:
        return LoginRotationStep(StepKind.RELEASE)
    return LoginRotationStep(StepKind.DECLARE if view.candidate else StepKind.GENERATE)


def _second_app(view: RotatingLogin, old: RotatingApp, evidence: LoginUse, now: datetime) -> LoginRotationStep:
    new = view.new
    if not new.present or new.differences:
        return LoginRotationStep(StepKind.DEPLOY)
    if view.uses is not Side.NEW:
        return _proving(view, evidence, now)
    if not old.present:
        return _at_rest(view)
    if old.enabled:
        return _step(StepKind.DISABLE, tuple(_against_ending(view, old, evidence, now)))
    since = evidence.off_since or old.changed
    until = since + OFF_FOR if since is not None else None
    refused = [*_not_long_off(old, until, now), *_against_ending(view, old, evidence, now)]
    return _step(StepKind.DELETE, tuple(refused), until if until is not None and now < until else None)


def _in_place(view: RotatingLogin, evidence: LoginUse, now: datetime) -> LoginRotationStep:
    if view.new.certificate is Side.OLD:
        if Side.NEW not in (view.uses, view.fallback):
            return _step(StepKind.HOLD, () if view.has_key else (_no_key(view),))
        return LoginRotationStep(StepKind.DEPLOY)
    if view.new.differences:
        return LoginRotationStep(StepKind.DEPLOY)
    if view.uses is Side.NEW and view.fallback is Side.NONE:
        return _at_rest(view)
    return _proving(view, evidence, now)


def _proving(view: RotatingLogin, evidence: LoginUse, now: datetime) -> LoginRotationStep:
    """Return the step that proves the new half, or the one that switches the environment to it after the proof."""
    new, until = view.new, None
    if not view.has_key:
        return LoginRotationStep(StepKind.PROVE, (_no_key(view),))
    if new.changed is not None and now < new.changed + PROPAGATION:
        until = new.changed + PROPAGATION
        return LoginRotationStep(
            StepKind.PROVE,
            (
                LoginStepRefusal(
                    "too-early",
                    f"The app {new.name} changed at {new.changed:%H:%M} UTC, and an org may take 15 minutes to know a "
                    f"change everywhere. A login that works now may fail a moment later.",
                    f"Run the command again after {until:%H:%M} UTC.",
                ),
            ),
            until,
        )
    return LoginRotationStep(StepKind.SWITCH if evidence.proven else StepKind.PROVE)


def _step(kind: StepKind, refused: tuple[LoginStepRefusal, ...], until: datetime | None = None) -> LoginRotationStep:
    return LoginRotationStep(kind, refused, until)


def _blocked(view: RotatingLogin) -> Iterator[LoginStepRefusal]:
    """Yield the reasons against any step."""
    new, old = view.new, view.old
    if view.unreadable:
        yield LoginStepRefusal("unreadable", " ".join(view.unreadable), "Make it readable, and run the command again.")
        return
    if view.uses is Side.MIXED or view.fallback is Side.MIXED:
        field = "login" if view.uses is Side.MIXED else "fallback"
        yield LoginStepRefusal(
            "mixed-login",
            f"The consumer key and the private key of the environment's {field} belong to two different apps, so it "
            f"cannot work.",
            "Give the environment both values of one app; change them together.",
        )
    if old is None:
        if not new.present:
            yield LoginStepRefusal(
                "no-app", f"The org has no app {new.name} yet.", "Run `provisioner login apply` first."
            )
        elif view.uses is Side.OTHER:
            yield _another_key(view)
        return
    if view.way is Way.IN_PLACE and not new.present:
        yield LoginStepRefusal(
            "no-app",
            f"The org has no app {new.name}, so no certificate of it can be replaced.",
            "Remove `replaces` from logins.yaml, and run `provisioner login apply`.",
        )
    elif view.way is Way.IN_PLACE and new.certificate not in (Side.NEW, Side.OLD):
        yield LoginStepRefusal(
            "another-certificate",
            f"The app {new.name} has neither the declared certificate nor the one that it replaces.",
            "Another change was made there: `provisioner login plan` shows the difference.",
        )
    elif view.uses is Side.OTHER:
        yield _another_key(view)
    if view.way is Way.SECOND_APP and old.present and old.label == new.label:
        yield LoginStepRefusal(
            "same-label",
            f"The apps {old.name} and {new.name} have the same label, {new.label}. The login history names apps by "
            f"their labels, so it could not show who still uses the earlier one.",
            f"Write another `label` for {new.name} in logins.yaml.",
        )
    if view.way is Way.SECOND_APP and new.present and not new.key_known and view.uses is not Side.NEW:
        yield LoginStepRefusal(
            "key-unknown",
            f"The org does not show the consumer key of {new.name}.",
            "Read it in Setup > External Client App Manager > (the app) > Settings > OAuth Settings, and give it with "
            "--consumer-key.",
        )


def _another_key(view: RotatingLogin) -> LoginStepRefusal:
    return LoginStepRefusal(
        "another-key",
        f"The environment's private key belongs to no certificate of login.{view.login}, so it is not known which "
        f"private keys its holders have.",
        "Name the private key of the declared certificate in the environment file.",
    )


def _no_key(view: RotatingLogin) -> LoginStepRefusal:
    return LoginStepRefusal(
        "no-key",
        f"The private key of the new certificate of login.{view.login} is needed, and neither the environment nor the "
        f"command line names it.",
        "Give it with --key-file FILE; it stays on this machine.",
    )


def _not_long_off(old: RotatingApp, until: datetime | None, now: datetime) -> Iterator[LoginStepRefusal]:
    if until is None:
        yield LoginStepRefusal(
            "off-since-unknown",
            f"The org does not show since when {old.name} is switched off.",
            "Give the time with --off-since TIME, such as 2026-11-20T14:30Z.",
        )
    elif now < until:
        yield LoginStepRefusal(
            "off-too-short",
            f"{old.name} is switched off since {until - OFF_FOR:%Y-%m-%d %H:%M} UTC. It is deleted after a day, "
            f"because a deletion cannot be taken back.",
            f"Run the command again after {until:%Y-%m-%d %H:%M} UTC.",
        )


def _against_ending(
    view: RotatingLogin, old: RotatingApp, evidence: LoginUse, now: datetime
) -> Iterator[LoginStepRefusal]:
    """Yield the reasons against switching the earlier app off, or deleting it."""
    if not evidence.proven:
        why = f": {evidence.problem}" if evidence.problem else ""
        yield LoginStepRefusal(
            "unproven",
            f"The login through {view.new.name} was not proven in this run{why}. {old.name} may be the only way in.",
            "Find out why with `provisioner diagnose login`.",
        )
    if evidence.leaked:
        return
    heard = evidence.heard
    if heard is None or heard.problem is not None:
        why = heard.problem if heard is not None and heard.problem is not None else "it was not requested"
        yield LoginStepRefusal(
            "history-unreadable",
            f"The login history of the org could not be read ({why}), so nobody knows who still uses {old.name}.",
            "Use the session of an administrator with Manage Users and View Setup and Configuration.",
        )
        return
    if heard.new is None:
        yield LoginStepRefusal(
            "history-blind",
            f"The login history shows no login through {view.new.label} ({view.new.name}), though it was used in this "
            f"run: it does not show everything, and its silence about {old.name} proves nothing.",
            "Use the session of an administrator with Manage Users, or wait some minutes and run the command again.",
        )
    if heard.old is not None:
        users = f" by {enumerated(heard.users)}" if heard.users else ""
        free = heard.old + evidence.silence
        yield LoginStepRefusal(
            "still-used",
            f"{old.label} ({old.name}) was used at {heard.old:%Y-%m-%d %H:%M} UTC{users}.",
            f"Give everyone who logs in there the new consumer key and private key. {old.name} can be ended after "
            f"{free:%Y-%m-%d %H:%M} UTC, if nobody uses it until then.",
        )
