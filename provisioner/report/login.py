"""Logins: their plan, the result of an apply, and their status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from provisioner.errors import ExitStatus
from provisioner.execution.outcome import Outcome, Result
from provisioner.planning.plan import Plan
from provisioner.report.document import GAP, Block, heading, labelled, line, table
from provisioner.report.json import FORMAT_VERSION, Json, members
from provisioner.report.outcome import outcome_json, outcome_view
from provisioner.report.plan_view import plan_view
from provisioner.report.style import Look, Row, Span


@dataclass(frozen=True, slots=True)
class LoginResult:
    """The result of an apply of logins. ``proven`` is None if there was nothing to prove.

    ``keys`` are consumer keys by the login's name; ``written`` is the file that got the environment's consumer key.
    """

    outcome: Outcome
    exit_status: ExitStatus
    keys: Mapping[str, str] = field(default_factory=dict)
    written: str | None = None
    todo: tuple[str, ...] = ()
    proven: bool | None = None
    attempts: int = 0
    seconds: float = 0.0
    problem: str | None = None
    next: str | None = None


@dataclass(frozen=True, slots=True)
class LoginState:
    """A login as an org has it. ``login`` is a sentence about its proof, None if it was not tried.

    ``rotation`` is the command that shows the rotation in progress.
    """

    name: str
    app: str
    in_org: bool
    differences: tuple[str, ...]
    certificate: str
    fingerprint: str | None
    expires: str | None
    user: str | None
    holders: tuple[str, ...]
    changed: str | None
    key: str
    rotation: str | None = None
    works: bool | None = None
    problem: str | None = None

    @property
    def login(self) -> str | None:
        """Return the proof in words."""
        if self.works is None:
            return None
        return "works" if self.works else f"does not work: {self.problem}"


@dataclass(frozen=True, slots=True)
class LoginStatus:
    """The logins of an environment. ``admin`` are the options of the administrator's session."""

    environment: str
    org_id: str
    instance_url: str
    logins: tuple[LoginState, ...]
    admin: str = ""

    @property
    def is_good(self) -> bool:
        return all(not each.differences and each.works is not False for each in self.logins)

    @property
    def verdict(self) -> str:
        if any(each.differences for each in self.logins):
            return "The org differs from logins.yaml."
        if any(each.works is False for each in self.logins):
            return "The org is as declared, but a login does not work."
        return "The org is as declared."

    @property
    def next(self) -> str | None:
        """Return the next command."""
        rotations = [each.rotation for each in self.logins if each.rotation is not None]
        if any(each.differences and each.rotation is None for each in self.logins):
            return f"provisioner login plan --env {self.environment}{self.admin}"
        if any(each.works is False for each in self.logins):
            return f"provisioner diagnose login --env {self.environment}"
        return rotations[0] if rotations else None


def login_plan_view(plan: Plan) -> list[Block]:
    """Return the plan of logins."""
    return plan_view(plan, "Login plan for", "those who use the app")


def login_applied_view(result: LoginResult) -> list[Block]:
    """Return the result of an apply of logins: the outcome, the consumer key, the proof."""
    outcome = result.outcome
    quiet = outcome.result is Result.UNCHANGED and not outcome.notes
    blocks = [] if quiet else [*outcome_view(outcome), GAP]
    if result.written is not None:
        blocks.append(line("The consumer key was written to ", Span(result.written, Look.STRONG, whole=True), "."))
    blocks += [labelled("To do:", each, look=Look.CAREFUL) for each in result.todo]
    blocks += proof_lines(result.proven, result.problem)
    if result.proven is not None:
        following = f"provisioner plan --env {outcome.plan.environment}" if result.proven else result.next or ""
        blocks.append(labelled("Next:", following))
    return blocks[:-1] if blocks and blocks[-1] is GAP else blocks


def proof_lines(proven: bool | None, problem: str | None) -> list[Block]:
    """Return whether a login works; nothing if no login was tried."""
    if proven is None:
        return []
    if proven:
        return [line(Span("Proven: the login works (token, REST API, Metadata API).", Look.GOOD))]
    return [line(Span(f"Not proven: {problem}", Look.DANGER), hang=2)]


def login_applied_json(result: LoginResult) -> Json:
    """Return the JSON of ``login apply --format json``: that of ``apply``, the consumer keys and the proof."""
    return {
        **outcome_json(result.outcome),
        **members(result, "exit_status", "consumer_keys=keys", "written", "to_do=todo"),
        "proof": {**members(result, "proven", "attempts"), "seconds": round(result.seconds), "problem": result.problem},
    }


def login_status_view(status: LoginStatus) -> list[Block]:
    """Return the state of each login in an org."""
    blocks: list[Block] = [
        heading(f"Logins of {status.environment}"),
        line(Span(f"org {status.org_id} at {status.instance_url}", Look.FAINT), indent=2),
        GAP,
    ]
    for each in status.logins:
        blocks += [*_state(each), GAP]
    look = Look.GOOD if status.is_good else Look.DANGER
    blocks.append(line(Span(status.verdict, look)))
    if status.next is not None:
        blocks.append(labelled("Next:", status.next))
    return blocks


def _state(state: LoginState) -> list[Block]:
    rows: list[Row] = [
        ["app", state.app],
        ["differences", ", ".join(state.differences) or "none"],
        ["certificate", state.certificate],
        ["user", state.user or "(not declared)"],
        ["may use the app", ", ".join(state.holders) or "nobody"],
        ["changed last", state.changed or "(not known)"],
        ["consumer key", state.key],
    ]
    if state.rotation is not None:
        rows.append(["rotation", "in progress"])
    if state.login is not None:
        rows.append(["login", state.login])
    return [line(Span(f"login.{state.name}", Look.STRONG, whole=True)), table(rows, indent=2)]


def login_status_json(status: LoginStatus) -> Json:
    """Return the JSON of ``login status --format json``."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": status.environment,
        "org": members(status, "id=org_id", "instance_url"),
        **members(status, "good=is_good", "next"),
        "logins": [_state_json(each) for each in status.logins],
    }


def _state_json(state: LoginState) -> Json:
    app = ("login=name", "app", "in_org", "differences", "certificate=fingerprint", "certificate_expires=expires")
    return members(state, *app, "user", "holders", "changed", "consumer_key=key", "rotation", "works", "problem")
