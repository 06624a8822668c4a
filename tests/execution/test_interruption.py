"""The messages of an interrupted apply: they name the state of the deployment and the phases that are applied."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from provisioner.execution.aftermath import NOTHING, Aftermath
from provisioner.execution.interruption import Stage, cancel, interrupted
from provisioner.execution.progress import Silent
from provisioner.salesforce import DeployStatus

ID = "0Af5g000000ABCdEAM"
APPLIED = "Applied before that: keys."


@dataclass
class FakeOrg:
    status: DeployStatus = field(default_factory=lambda: DeployStatus(ID, True, False, "Canceled"))

    def cancel_deploy(self, deploy_id: str) -> None:
        """Accept the cancellation."""

    def wait_for(self, deploy_id: str, **_: object) -> DeployStatus:
        return self.status


def cancelled(org: FakeOrg, settle: Any, applied: list[str]) -> str:
    fake: Any = org
    return cancel(fake, "prod", ID, Silent(), settle, applied)[0].message


@pytest.mark.parametrize("stage", [Stage.SENDING, Stage.ACCEPTED, Stage.FAILED, Stage.NOT_SENT])
def test_applied_phases_are_named(stage: Stage) -> None:
    error = interrupted(stage, "prod", ID, ["keys"], check_only=False)
    assert "keys" in error.message
    assert "keys" not in interrupted(stage, "prod", ID, [], check_only=False).message


@pytest.mark.parametrize("success", [True, False])
def test_a_cancellation_names_the_applied_phases(success: bool) -> None:
    org = FakeOrg(DeployStatus(ID, True, success, "Succeeded" if success else "Canceled"))
    assert APPLIED in cancelled(org, lambda _: NOTHING, ["keys"])
    assert APPLIED not in cancelled(org, lambda _: NOTHING, [])


def test_a_second_interrupt_after_the_cancellation() -> None:
    """The deployment has finished, so it does not continue in the org."""

    def settle(_: DeployStatus) -> Aftermath:
        raise KeyboardInterrupt

    said = cancelled(FakeOrg(), settle, [])
    assert "continues in the org" not in said
    assert f"Deployment {ID} has finished (Canceled)" in said
