"""Waiting: only ``done`` ends it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from provisioner.errors import StillRunningError
from provisioner.salesforce import DeployStatus, DeployUnsettled, Org
from tests.salesforce.conftest import Waits
from tests.salesforce.server import CUT, HTML_503, Answer, ScriptedOrg, deploy_result, fault, oauth_error

Connect = Callable[..., Org]
DEPLOY_ID = "0Af5g0000000001AAA"
TOO_EARLY = fault("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")


def _state(status: str, *, done: bool = False, success: bool = False) -> Answer:
    return deploy_result(done=done, id=DEPLOY_ID, status=status, success=success)


SUCCEEDED = _state("Succeeded", done=True, success=True)


def _ignore(status: DeployStatus) -> None:
    """No progress is shown."""


def test_only_done_ends_the_wait(connect: Connect, scripted: ScriptedOrg) -> None:
    names = ["Pending", "InProgress", "Succeeded", "Finalizing", "FinalizingDeploy", "SomethingNew"]
    scripted.script("checkDeployStatus", *(_state(name) for name in names), SUCCEEDED)
    seen: list[str] = []

    status = connect().wait_for(DEPLOY_ID, minutes=30, on_progress=lambda status: seen.append(status.status))

    assert status.done
    assert status.success
    assert seen == [*names, "Succeeded"]
    assert all("<includeDetails>true" in sent.body for sent in scripted.received if sent.name == "checkDeployStatus")


def test_a_success_that_is_not_done_is_none_yet(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.script("checkDeployStatus", _state("Succeeded", success=True), _state("Failed", done=True))
    assert not connect().wait_for(DEPLOY_ID, minutes=30, on_progress=_ignore).success


def test_a_status_of_no_known_name_may_be_done_too(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.script("checkDeployStatus", _state("FinalizingFailed", done=True))
    status = connect().wait_for(DEPLOY_ID, minutes=30, on_progress=_ignore)
    assert (status.done, status.success, status.status) == (True, False, "FinalizingFailed")


def test_polls_are_quick_at_first(connect: Connect, scripted: ScriptedOrg, waits: Waits) -> None:
    scripted.script("checkDeployStatus", *[_state("Pending")] * 60, SUCCEEDED)
    connect().wait_for(DEPLOY_ID, minutes=30, on_progress=_ignore)
    assert waits.slept[0] == pytest.approx(0.05)
    assert waits.slept == sorted(waits.slept)
    assert max(waits.slept) == 2.0
    assert sum(waits.slept[:5]) < 3


@pytest.mark.parametrize(
    "noise",
    [TOO_EARLY, CUT, HTML_503, Answer("<h1>Bad Message 400</h1>", 400), fault("UNKNOWN_EXCEPTION", "ErrorId: 1")],
)
def test_noise_is_borne(connect: Connect, scripted: ScriptedOrg, noise: Answer) -> None:
    scripted.script("checkDeployStatus", noise, noise, _state("Pending"), noise, SUCCEEDED)
    assert connect().wait_for(DEPLOY_ID, minutes=30, on_progress=_ignore).success
    assert scripted.count("checkDeployStatus") == 5


def test_a_session_that_ends_meanwhile_is_renewed(connect: Connect, scripted: ScriptedOrg) -> None:
    ended = fault("INVALID_SESSION_ID", "Illegal Session")
    scripted.script("checkDeployStatus", _state("Pending"), ended, SUCCEEDED)
    assert connect().wait_for(DEPLOY_ID, minutes=30, on_progress=_ignore).success
    assert scripted.count("token") == 2


def test_ninety_seconds_of_silence_end_the_wait_with_the_id(
    connect: Connect, scripted: ScriptedOrg, waits: Waits
) -> None:
    scripted.script("checkDeployStatus", _state("Pending"))
    scripted.always("checkDeployStatus", HTML_503)
    with pytest.raises(StillRunningError) as given_up:
        connect().wait_for(DEPLOY_ID, minutes=30, on_progress=_ignore)
    error = given_up.value
    assert isinstance(error, DeployUnsettled)
    assert error.deploy_id == DEPLOY_ID
    assert error.exit_status == 6
    assert f"provisioner apply --env uat --resume {DEPLOY_ID}" in error.next
    assert "Down for Maintenance" in error.message
    assert 80 < sum(waits.slept) < 95, "what a busy machine takes for its requests counts, too"


def test_a_good_answer_starts_the_ninety_seconds_anew(connect: Connect, scripted: ScriptedOrg, waits: Waits) -> None:
    for _ in range(3):
        scripted.script("checkDeployStatus", *[TOO_EARLY] * 40, _state("Pending"))
    scripted.script("checkDeployStatus", SUCCEEDED)
    assert connect().wait_for(DEPLOY_ID, minutes=30, on_progress=_ignore).success
    assert sum(waits.slept) > 180


def test_a_refused_login_is_no_verdict_on_the_deployment(connect: Connect, scripted: ScriptedOrg) -> None:
    org = connect()
    scripted.always("checkDeployStatus", fault("INVALID_SESSION_ID", "Illegal Session"))
    scripted.always("token", oauth_error("inactive_user", "user is inactive"))
    with pytest.raises(DeployUnsettled, match="inactive_user"):
        org.wait_for(DEPLOY_ID, minutes=30, on_progress=_ignore)


def test_the_wait_ends_after_the_minutes_that_were_given(connect: Connect, scripted: ScriptedOrg, waits: Waits) -> None:
    scripted.always("checkDeployStatus", _state("InProgress"))
    with pytest.raises(DeployUnsettled, match="did not finish within 2 minutes") as given_up:
        connect().wait_for(DEPLOY_ID, minutes=2, on_progress=_ignore)
    assert given_up.value.deploy_id == DEPLOY_ID
    assert 100 < sum(waits.slept) < 124  # the time that the requests take counts as well
