"""What a person sees of an apply's outcome."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from provisioner.execution.outcome import Outcome, Result, refused
from provisioner.workflows.apply import show_outcome
from tests.report import samples
from tests.workflows.test_send import Seen


def shown(outcome: Outcome) -> str:
    console: Any = Seen()
    show_outcome(console, outcome)
    return " ".join(" ".join(console.shown).split())


BLOCKED = replace(samples.FULL, blocked=(samples.NEEDS_ALLOW_DESTROY,))


def test_the_problems_of_a_shown_plan_are_not_repeated() -> None:
    assert samples.NEEDS_ALLOW_DESTROY.message not in shown(refused(BLOCKED))


@pytest.mark.parametrize("result", [Result.FAILED, Result.REFUSED])
def test_other_problems_show_though_the_plan_is_blocked(result: Result) -> None:
    """A deployment that was resumed failed; or the plan differs from the approved one."""
    ended = replace(samples.FAILED, result=result, plan=BLOCKED)
    assert ended.problems[0].meaning in shown(ended)
