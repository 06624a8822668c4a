"""The outcome of an apply as GitHub workflow commands: an error for each problem at its line, and the result."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from provisioner.execution.outcome import Outcome, Problem, Result
from provisioner.report.findings_github import command
from provisioner.report.outcome_view import proof

_LEVELS = {
    Result.APPLIED: "notice",
    Result.UNCHANGED: "notice",
    Result.CHECK_PASSED: "notice",
    Result.RUNNING: "warning",
    Result.REFUSED: "error",
    Result.FAILED: "error",
}


def outcome_github(outcome: Outcome, relative: Callable[[str], str]) -> str:
    """Return a command for each problem and note, and one for the result with the deployment's id and the next step."""
    return "\n".join(_commands(outcome, relative))


def _commands(outcome: Outcome, relative: Callable[[str], str]) -> Iterator[str]:
    for problem in outcome.problems:
        yield _problem(problem, relative)
    for note in outcome.notes:
        yield command("notice", "Note", note)
    lines = [proof(outcome)]
    if outcome.deploy_id is not None:
        lines.append(f"Deployment: {outcome.deploy_id}")
    if outcome.next is not None:
        lines.append(f"Next: {outcome.next}")
    yield command(_LEVELS[outcome.result], f"provisioner apply: {outcome.result.value}", *lines)


def _problem(problem: Problem, relative: Callable[[str], str]) -> str:
    title = problem.address or "the deployment"
    return command("error", title, problem.problem, problem.meaning, place=problem.declared_at, relative=relative)
