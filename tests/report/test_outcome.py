"""How an apply ended: nothing is claimed that was not seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioner.errors import ExitStatus, RefusedError
from provisioner.execution.outcome import Outcome, Problem, Reached, Result, not_confirmed
from provisioner.report.outcome import outcome_json, outcome_view
from provisioner.report.style import Style
from provisioner.report.terminal import terminal
from tests.report import samples
from tests.report.golden import assert_golden, assert_golden_json

UNCHANGED = Outcome(Result.UNCHANGED, ExitStatus.DONE, samples.EMPTY, converged=True)
CHECKED = Outcome(Result.CHECK_PASSED, ExitStatus.DONE, samples.FULL, deploy_id="0Af5g00000AbCdEFGH")
RUNNING = Outcome(
    Result.RUNNING,
    ExitStatus.STILL_RUNNING,
    samples.FULL,
    deploy_id="0Af5g00000AbCdEFGH",
    next="provisioner apply --env sandbox --resume 0Af5g00000AbCdEFGH",
)
REFUSED = Outcome(
    Result.REFUSED, ExitStatus.REFUSED, samples.FULL, next="Apply with --allow-destroy, if that is meant."
)
NOT_CONFIRMED = not_confirmed(
    samples.FULL, RefusedError("The plan was not confirmed.", next="Run it again when you are sure.")
)
LOST = Outcome(
    Result.FAILED,
    ExitStatus.ORG_REFUSED,
    samples.FULL,
    deploy_id="0Af5g00000AbCdEFGH",
    converged=False,
    problems=(Problem("sessionHandlerFlow is gone", "An element that is not ours was lost.", "channel.Web_Chat"),),
    reached=Reached.READ_BACK,
)


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("applied and read back", samples.APPLIED),
        ("the org refused a channel", samples.FAILED),
        ("nothing to do", UNCHANGED),
        ("a check passed", CHECKED),
        ("still running", RUNNING),
        ("refused by a guard", REFUSED),
        ("not confirmed", NOT_CONFIRMED),
        ("the read-back differs", LOST),
    ],
)
def test_an_outcome(name: str, outcome: Outcome) -> None:
    assert_golden(f"outcome/{name}.txt", terminal(outcome_view(outcome), Style(80)))
    assert_golden_json(f"outcome/{name}.json", outcome_json(outcome))


def test_read_back_is_claimed_only_where_it_was_made() -> None:
    not_looked = terminal(outcome_view(replace(samples.APPLIED, converged=None)), Style(120))
    assert "Applied, not read back" in not_looked
    assert "Applied and read back" not in not_looked


def test_a_resumed_deployment_may_have_changed_something() -> None:
    """Its plan is the new one, which is empty; the deployment changed the org earlier."""
    text = terminal(outcome_view(replace(UNCHANGED, result=Result.APPLIED)), Style(80))
    assert text == "Applied and read back: sandbox matches the declaration; a new plan is empty."


def test_nothing_to_do_is_said_in_the_same_words_as_by_plan() -> None:
    assert terminal(outcome_view(UNCHANGED), Style(80)) == "No changes."


def test_the_orgs_words_cannot_pass_for_ours() -> None:
    evil = "x\x1b[2J\nApplied and read back: everything."
    problem = Problem(evil, evil, evil, samples.at(1))
    text = terminal(outcome_view(replace(samples.FAILED, problems=(problem,), notes=(evil,), next=evil)), Style(80))
    assert "\x1b" not in text
    assert "\nApplied" not in text


def test_a_resumed_validation_is_not_called_empty() -> None:
    text = terminal(outcome_view(replace(CHECKED, plan=samples.EMPTY)), Style(120))
    assert "accepts the deployment." in text
    assert "0 changes" not in text
