"""The rotation of a login: its state, the next steps, and the way back."""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.errors import ExitStatus
from provisioner.execution.outcome import Outcome
from provisioner.planning.login_rotation_state import (
    Heard,
    LoginRotationStep,
    LoginStepRefusal,
    RotatingApp,
    RotatingLogin,
    Side,
    StepKind,
    Way,
)
from provisioner.planning.login_rotation_words import Words
from provisioner.report.document import GAP, Block, heading, line, table
from provisioner.report.json import FORMAT_VERSION, Json, members
from provisioner.report.login import proof_lines
from provisioner.report.outcome import outcome_json, outcome_view
from provisioner.report.rotation import refusals, refusals_json, step_head, ways
from provisioner.report.style import Look, Row, Span


@dataclass(frozen=True, slots=True)
class LoginRotated:
    """A run of ``login rotate`` or ``login retire``. ``done`` are sentences about what this run did.

    ``proven`` is None if no login was tried; ``problem`` is why it did not work. ``refused`` is what stood in the way.
    """

    environment: str
    org_id: str
    view: RotatingLogin
    step: LoginRotationStep
    words: Words
    exit_status: ExitStatus
    done: tuple[str, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    refused: tuple[LoginStepRefusal, ...] = ()
    proven: bool | None = None
    problem: str | None = None
    heard: Heard | None = None


_LOOKS = {StepKind.GENERATE: Look.GOOD, StepKind.BLOCKED: Look.DANGER, StepKind.SWITCH: Look.CAREFUL}
_USES = {
    Side.NEW: "the new half",
    Side.OLD: "the earlier half",
    Side.MIXED: "values of two apps",
    Side.OTHER: "a key of neither side",
    Side.NONE: "-",
}


def login_rotated_view(rotated: LoginRotated) -> list[Block]:
    """Return the outcomes, the state, the refusals, the next steps, and the way back."""
    blocks: list[Block] = []
    for outcome in rotated.outcomes:
        blocks += [*outcome_view(outcome), GAP]
    blocks += [line(each) for each in rotated.done]
    blocks += proof_lines(rotated.proven, rotated.problem)
    blocks += [GAP] if rotated.done or rotated.proven is not None else []
    step = rotated.step
    name = Span(rotated.words.name, _LOOKS.get(step.kind, Look.CHANGED))
    blocks += step_head(f"login.{rotated.view.login}", rotated.environment, name, rotated.words.title)
    blocks += [GAP, _state(rotated)]
    blocks += refusals("Refused:", rotated.refused)
    return [*blocks, *ways(rotated.words.next, rotated.words.back)]


def login_rotation_status_view(rotated: LoginRotated) -> list[Block]:
    """Return the state alone."""
    return [heading(f"Rotation in {rotated.environment}"), GAP, *login_rotated_view(rotated)]


def _state(rotated: LoginRotated) -> Block:
    view = rotated.view
    rows: list[Row] = []
    if view.old is None:
        rows.append(["app", _app(view.new)])
    else:
        rows.append(["way", "a second app" if view.way is Way.SECOND_APP else "in place, with two private keys"])
        rows += [["new app" if view.way is Way.SECOND_APP else "app", _app(view.new)]]
        rows += [["earlier app", _app(view.old)]] if view.way is Way.SECOND_APP else []
    uses = "the declared key" if view.old is None and view.uses is Side.NEW else _USES[view.uses]
    rows.append(["environment uses", uses])
    rows.append(["fallback", _USES[view.fallback]])
    if rotated.heard is not None:
        rows.append(["login history", _heard(rotated)])
    return table(rows, indent=2)


def _app(app: RotatingApp) -> str:
    if not app.present:
        return f"{app.name}, which the org does not have"
    since = f", changed {app.changed:%Y-%m-%d %H:%M} UTC" if app.changed is not None else ""
    return f"{app.name}{'' if app.enabled else ', switched off'}{since}"


def _heard(rotated: LoginRotated) -> str:
    found = rotated.heard
    assert found is not None
    if found.problem is not None:
        return f"cannot be read: {found.problem}"
    since = f"since {found.since:%Y-%m-%d %H:%M} UTC"
    if found.old is None:
        return f"nobody used the earlier app {since}"
    return f"the earlier app was used last at {found.old:%Y-%m-%d %H:%M} UTC"


def login_rotated_json(rotated: LoginRotated) -> Json:
    """Return the JSON of ``login rotate|retire --format json``."""
    view = rotated.view
    return {
        "format_version": FORMAT_VERSION,
        "environment": rotated.environment,
        "org": members(rotated, "id=org_id"),
        **members(view, "login", "way"),
        **members(rotated, "step=step.kind", "title=words.title", "not_before=step.until"),
        "new": _app_json(view.new),
        "old": _app_json(view.old) if view.old is not None else None,
        **members(view, "uses", "fallback"),
        "history": members(rotated.heard, "since", "old", "new", "users", "problem") if rotated.heard else None,
        "done": list(rotated.done),
        "proof": members(rotated, "proven", "problem"),
        "outcomes": [outcome_json(each) for each in rotated.outcomes],
        "refused": refusals_json(rotated.refused),
        **members(rotated, "next=words.next", "back=words.back", "exit_status"),
    }


def _app_json(app: RotatingApp) -> Json:
    named = members(app, "name", "label", "in_org=present")
    enabled = app.enabled if app.present else None
    return {**named, "enabled": enabled, **members(app, "changed", "differences")}
