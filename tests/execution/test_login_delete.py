"""The deletion of an app: what the org still has, or does not show, is no success."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from provisioner.components.snapshot import Component, OrgFacts, Unreadable
from provisioner.components.xml import new_component
from provisioner.errors import ExitStatus, LoginError
from provisioner.execution.interruption import Stage
from provisioner.execution.login_delete import AppDeleting
from provisioner.execution.outcome import Outcome, Result
from provisioner.model.login_types import HEADER
from provisioner.planning.plan import Plan
from provisioner.report.outcome import proof

APP = (HEADER, "Deployer")
ORG = OrgFacts("00D5g000000ABCdEAM", "https://shop.my.salesforce.com", is_sandbox=True, is_production=False)
PLAN = Plan("sandbox", ORG, "67.0", "67.0", "")


class Fake:
    """An org in which the deletion succeeded, and that reads as it is told."""

    def __init__(self, found: Component | Unreadable | None) -> None:
        self.found = found

    def read(self, names: object) -> object:
        return {APP: self.found}


def read_back(found: Component | Unreadable | None, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    deleting = AppDeleting(Fake(found), None, PLAN, 1.0)  # type: ignore[arg-type]
    monkeypatch.setattr(deleting.deploying, "deploy_id", "0Af5g00000BBBBBAA4")
    return deleting._read_back([APP])


def test_an_absent_app_is_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = read_back(None, monkeypatch)
    assert (outcome.result, outcome.converged, outcome.problems) == (Result.APPLIED, True, ())


def test_a_login_lost_after_the_deletion(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = LoginError("The session has expired.", next="Check the login.")
    journal: list[str] = []
    recorder = SimpleNamespace(ended=lambda outcome, problems: journal.append(outcome))
    deleting = AppDeleting(Fake(None), recorder, PLAN, 1.0)  # type: ignore[arg-type]

    def deletes(parts: object) -> Outcome:
        deleting.deploying.stage = Stage.SUCCEEDED
        raise lost

    monkeypatch.setattr(AppDeleting, "_run", lambda self, parts: deletes(parts))
    outcome = deleting.run(SimpleNamespace(parts={}))  # type: ignore[arg-type]
    assert (outcome.result, outcome.exit_status, outcome.converged) == (Result.FAILED, ExitStatus.NO_LOGIN, None)
    assert proof(outcome) == "Failed: sandbox accepted the changes, but they were not read back."
    assert "`provisioner login retire` again" in " ".join(outcome.notes)
    assert journal == ["interrupted"]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Component(HEADER, "Deployer", new_component(HEADER)), "is still in the org"),
        (Unreadable("It is hidden.", "View Setup"), "could not be read: It is hidden."),
    ],
)
def test_an_app_that_is_left_or_hidden_is_no_success(
    found: Component | Unreadable, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = read_back(found, monkeypatch)
    assert (outcome.result, outcome.exit_status, outcome.converged) == (Result.FAILED, ExitStatus.ORG_REFUSED, False)
    (problem,) = outcome.problems
    assert said in problem.problem
