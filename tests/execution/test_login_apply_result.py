"""An apply of logins that loses the org: the result names the part that the org has."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from provisioner.components.package import Name
from provisioner.components.snapshot import Component
from provisioner.components.xml import new_component, set_text
from provisioner.errors import ExitStatus, LoginError
from provisioner.execution.journal import Journal
from provisioner.execution.login_apply import APPS, ASSIGNMENTS, SETS, LoginApplying
from provisioner.execution.outcome import Result
from provisioner.execution.recorder import Recorder
from provisioner.model.login_types import HEADER
from provisioner.report.outcome import proof
from provisioner.salesforce import DeployStatus
from tests.execution.test_journal import entry
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


@pytest.mark.parametrize(("label", "deploys"), [("Deployer", 5), ("Changed by another", 1)])
def test_a_locked_setup(label: str, deploys: int, tmp_path: Path) -> None:
    """The change that locked the setup may be one of the same app: it must not be overwritten."""

    def component(text: str) -> Component:
        root = new_component(HEADER)
        set_text(root, "label", text)
        return Component(HEADER, "Deployer", root)

    sent: list[str] = []
    name: Name = (HEADER, "Deployer")
    locked = DeployStatus("0Af5g00000BBBBBAA4", True, False, "Failed", error_status_code="ALREADY_IN_PROCESS")
    org: Any = SimpleNamespace(
        recent_deploys=lambda: (), read=lambda _: {name: component(label)}, versions=SimpleNamespace(chosen="67.0"),
        deploy=lambda *_, **__: sent.append("") or locked.id, wait_for=lambda *_, **__: locked,
    )  # fmt: skip
    inputs: Any = SimpleNamespace(snapshot=SimpleNamespace(find=lambda *_: component("Deployer")))
    recorder = Recorder(Journal(tmp_path), entry(touched=()), lambda: datetime.now(UTC), lambda _: None)
    replan: Any = None
    applying = LoginApplying(org, recorder, replan, 1.0, sleep=lambda _: None)
    status = applying._deploy(inputs, {name: component("Deployer").xml})
    assert (status.setup_locked, len(sent)) == (True, deploys)


def test_a_login_lost_before_anything_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LoginError):
        lost_after(SETS, [], {}, monkeypatch)
