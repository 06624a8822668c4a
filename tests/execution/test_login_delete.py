"""The deletion of an app: what the org still has, or does not show, is no success."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from provisioner.components.login_app import ObservedApp
from provisioner.components.snapshot import Component, OrgFacts, Unreadable
from provisioner.components.xml import new_component
from provisioner.errors import ExitStatus, LoginError
from provisioner.execution.journal import Journal
from provisioner.execution.login_delete import AppDeleting
from provisioner.execution.outcome import Outcome, Result
from provisioner.execution.recorder import Recorder
from provisioner.model.login_types import HEADER, OAUTH
from provisioner.model.logins import AppType
from provisioner.planning.plan import Plan
from provisioner.report.outcome import proof
from provisioner.salesforce import DeployStatus
from tests.execution.test_journal import entry

APP, PART = (HEADER, "Deployer"), (OAUTH, "Deployer_oauth")
LOST = LoginError("The session has expired.", next="Check the login.")
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


class Losing(Fake):
    """An org that keeps a part of the app, and loses the login when it is read, or at the second deployment."""

    def __init__(self, *, reading: bool) -> None:
        self.reading = reading
        self.deploys = 0
        self.versions = SimpleNamespace(chosen="67.0")

    def recent_deploys(self) -> tuple[()]:
        return ()

    def deploy(self, *_: object, **__: object) -> str:
        if self.deploys:
            raise LOST
        self.deploys += 1
        return "0Af5g00000BBBBBAA4"

    def wait_for(self, deploy_id: str, **_: object) -> DeployStatus:
        return DeployStatus(deploy_id, True, True, "Succeeded")

    def read(self, names: object) -> object:
        if self.reading:
            raise LOST
        return {APP: None, PART: Component(*PART, new_component(OAUTH))}


@pytest.mark.parametrize("reading", [True, False])
def test_a_login_lost_after_the_deletion(reading: bool, tmp_path: Path) -> None:
    recorder = Recorder(Journal(tmp_path), entry(touched=()), lambda: datetime.now(UTC), lambda _: None)
    deleting = AppDeleting(Losing(reading=reading), recorder, PLAN, 1.0)  # type: ignore[arg-type]
    parts = {kind: Component(kind, name, new_component(kind)) for kind, name in (APP, PART)}
    outcome = deleting.run(ObservedApp(AppType.EXTERNAL, "Deployer", parts))
    assert (outcome.result, outcome.exit_status, outcome.converged) == (Result.FAILED, ExitStatus.NO_LOGIN, None)
    assert proof(outcome) == "Failed: sandbox accepted the changes, but they were not read back."
    assert "`provisioner login retire` again" in " ".join(outcome.notes)
    assert recorder.entry.outcome == "interrupted"


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
