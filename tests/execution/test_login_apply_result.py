"""An apply of logins that loses the org: the result names the part that the org has."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from provisioner.errors import ExitStatus, LoginError
from provisioner.execution.login_apply import APPS, ASSIGNMENTS, SETS, LoginApplying
from provisioner.execution.outcome import Result
from provisioner.report.outcome import proof
from tests.execution.test_login_delete import PLAN

LOST = LoginError("The session has expired.", next="Check the login.")
APP: Any = ("ExternalClientApplication", "Deployer")


def lost_after(phase: str | None, applied: list[str], sent: dict[Any, Any], monkeypatch: pytest.MonkeyPatch) -> str:
    def run(applying: LoginApplying, *_: object) -> None:
        applying.phase, applying.applied, applying.sent = phase, applied, sent
        raise LOST

    monkeypatch.setattr(LoginApplying, "_run", run)
    recorder: Any = SimpleNamespace(ended=lambda *_: None)
    org: Any = None
    shown: Any = SimpleNamespace(plan=PLAN)
    outcome = LoginApplying(org, recorder, lambda: shown, 1.0).run(shown, asked=False)
    assert (outcome.result, outcome.exit_status, outcome.converged) == (Result.FAILED, ExitStatus.NO_LOGIN, None)
    return proof(outcome)


@pytest.mark.parametrize(
    ("phase", "applied", "said"),
    [
        (None, [SETS, ASSIGNMENTS, APPS], "Failed: sandbox accepted the changes, but they were not read back."),
        (
            ASSIGNMENTS,
            [SETS],
            "Failed (phase: assignments): this phase is not complete in sandbox. The earlier phases were applied.",
        ),
        (APPS, [], "Failed (phase: apps): sandbox holds, or may hold, parts of the changes."),
    ],
)
def test_a_login_lost(phase: str | None, applied: list[str], said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lost_after(phase, applied, {APP: None}, monkeypatch) == said


def test_a_login_lost_before_anything_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LoginError):
        lost_after(SETS, [], {}, monkeypatch)
