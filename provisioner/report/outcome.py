"""The outcome of an apply (problems and notes first, the proof last), and the progress of its deployment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import assert_never

from provisioner.execution.outcome import NOTHING_SENT, Outcome, Problem, Reached, Result
from provisioner.planning.plan import Action
from provisioner.report import plan_words
from provisioner.report.document import GAP, Block, at, labelled, line
from provisioner.report.github import command
from provisioner.report.json import FORMAT_VERSION, Json, members
from provisioner.report.plan_view import ACTION_LOOKS
from provisioner.report.style import Look, Span
from provisioner.report.visible import visible
from provisioner.words import counted, enumerated

_DONE = {Action.CREATE: "created", Action.UPDATE: "updated", Action.DELETE: "deleted"}
_LOOKS = {
    Result.APPLIED: Look.GOOD,
    Result.UNCHANGED: Look.GOOD,
    Result.CHECK_PASSED: Look.GOOD,
    Result.RUNNING: Look.CAREFUL,
    Result.REFUSED: Look.DANGER,
    Result.FAILED: Look.DANGER,
}
_LEVELS = {
    Result.APPLIED: "notice",
    Result.UNCHANGED: "notice",
    Result.CHECK_PASSED: "notice",
    Result.RUNNING: "warning",
    Result.REFUSED: "error",
    Result.FAILED: "error",
}


def outcome_view(outcome: Outcome) -> list[Block]:
    """Return the problems, the notes, the deployment's id, the proof, and the next command."""
    lines: list[Block] = []
    if outcome.result is Result.APPLIED and outcome.plan.changes:
        for change in outcome.plan.changes:
            sign = Span(plan_words.SIGNS[change.action], ACTION_LOOKS[change.action])
            lines.append(line(Span(change.address, whole=True), f"  {_DONE[change.action]}", mark=sign))
        lines.append(GAP)
    for problem in outcome.problems:
        if problem.meaning == NOTHING_SENT:  # the last lines report it
            lines.append(line(problem.problem, mark=Span("!", Look.DANGER), hang=2))
        else:
            lines += [*_problem(problem), GAP]
    for note in outcome.notes:
        lines += [labelled("Note:", note), GAP]
    if outcome.deploy_id is not None:
        lines.append(line("Deployment: ", Span(outcome.deploy_id, Look.STRONG, whole=True)))
    lines.append(line(Span(proof(outcome), _LOOKS[outcome.result]), hang=2))
    if outcome.next is not None:
        lines.append(labelled("Next:", outcome.next))
    return lines


def _problem(problem: Problem) -> list[Block]:
    address = Span(problem.address or "the deployment", Look.STRONG, whole=True)
    return [
        line(address, *at(problem.declared_at), mark=Span("!", Look.DANGER), hang=4),
        line(f"Problem: {problem.problem}", indent=4, hang=6),
        line(f"Meaning: {problem.meaning}", indent=4, hang=6),
    ]


def proof(outcome: Outcome) -> str:
    """Return the sentence about the proven state."""
    where = outcome.plan.environment
    match outcome.result:
        case Result.UNCHANGED:
            return plan_words.NOTHING_TO_DO
        case Result.CHECK_PASSED:
            accepted = counted(len(outcome.plan.changes), "change") if outcome.plan.changes else "the deployment"
            return f"Check passed: {where} accepts {accepted}. Nothing was changed."
        case Result.RUNNING:
            return f"Still running: the deployment continues in {where}{_phase(outcome)}; its result is not known yet."
        case Result.REFUSED:
            return f"Refused: nothing was sent to {where}."
        case Result.FAILED:
            return f"Failed{_phase(outcome)}: {_failure(outcome)}"
        case Result.APPLIED:
            empty = "; a new plan is empty" if outcome.converged else ""
            done = f"{_done(outcome)} in {where}" if outcome.plan.changes else f"{where} matches the declaration"
            return f"{_applied(outcome.converged)}: {done}{empty}."
        case _:
            assert_never(outcome.result)


def _phase(outcome: Outcome) -> str:
    return f" (phase: {outcome.phase})" if outcome.phase is not None else ""


def _done(outcome: Outcome) -> str:
    done = [f"{number} {_DONE[action]}" for action in Action if (number := outcome.plan.count(action))]
    return enumerated(done)


def _applied(converged: bool | None) -> str:
    """Return the claim; it names a read-back only if one was made and agreed."""
    if converged:
        return "Applied and read back"
    return "Applied, not read back" if converged is None else "Applied, but what was read back differs"


def _failure(outcome: Outcome) -> str:
    """Return the sentence about the state of the org; it names a read-back only if one was made."""
    where = outcome.plan.environment
    match outcome.reached:
        case Reached.NOTHING:
            return f"{where} was not changed to match the declaration."
        case Reached.PART:
            return f"{where} holds, or may hold, parts of the changes."
        case Reached.PHASES:
            return f"this phase is not complete in {where}. The earlier phases were applied."
        case Reached.DEPLOYED:
            return f"{where} accepted the changes, but they were not read back."
        case Reached.READ_BACK if outcome.converged is False:
            return f"what was read back from {where} is not what was sent."
        case Reached.READ_BACK:
            return f"the remaining steps were not completed in {where}. The deployed changes were read back."
        case _:
            assert_never(outcome.reached)


def outcome_json(outcome: Outcome) -> Json:
    """Return the JSON of ``apply --format json``; ``summary`` is that of the applied plan."""
    return {
        "format_version": FORMAT_VERSION,
        **members(outcome, "outcome=result", "environment=plan.environment"),
        "org": members(outcome.plan.org, "id", "instance_url"),
        **members(outcome, "deploy_id", "phase", "converged"),
        "problems": [members(each, "address", "problem", "meaning", "declared_at") for each in outcome.problems],
        "summary": dict(outcome.plan.summary),
        "changes": [members(each, "address", "action", "risk") for each in outcome.plan.changes],
        **members(outcome, "notes", "next", "exit_status"),
        "by": outcome.by.to_json() if outcome.by is not None else None,
    }


def deploying(deploy_id: str, status: str, done: int, total: int, seconds: float) -> str:
    """Return the line for a running deployment. ``status`` is the org's own word."""
    counted = f", {done} of {total} components" if total else ""
    return f"Deployment {visible(deploy_id)}: {visible(status)}{counted}, {_elapsed(seconds)}"


def _elapsed(seconds: float) -> str:
    """Return ``7 s``, ``2 min 05 s``."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def outcome_github(outcome: Outcome, relative: Callable[[str], str]) -> str:
    """Return a command for each problem and note, and one for the result with the deployment's id and the next step."""
    return "\n".join(_commands(outcome, relative))


def _commands(outcome: Outcome, relative: Callable[[str], str]) -> Iterator[str]:
    for problem in outcome.problems:
        yield _problem_command(problem, relative)
    for note in outcome.notes:
        yield command("notice", "Note", note)
    lines = [proof(outcome)]
    if outcome.deploy_id is not None:
        lines.append(f"Deployment: {outcome.deploy_id}")
    if outcome.next is not None:
        lines.append(f"Next: {outcome.next}")
    yield command(_LEVELS[outcome.result], f"provisioner apply: {outcome.result.value}", *lines)


def _problem_command(problem: Problem, relative: Callable[[str], str]) -> str:
    title = problem.address or "the deployment"
    return command("error", title, problem.problem, problem.meaning, place=problem.declared_at, relative=relative)
