"""An org that reports a failure and applied something all the same: it is told, and can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Person

RESTORE = ("--env", "local", "--yes", "--format", "json", "--allow-destroy")


def test_a_partial_success_is_told_and_can_be_restored(person: Person) -> None:
    person.breaks("partial-success")
    ran = person.apply()
    assert (ran.status, ran.json["outcome"]) == (5, "failed")
    assert "changed nothing" not in ran.out
    assert "channel.Web_Chat changed in it" in ran.json["problems"][0]["meaning"]
    assert any("provisioner restore" in note for note in ran.json["notes"])
    person.mends()
    assert person.plan()["changes"] == []
    entry = person.run("restore", "--format", "json").json["entries"][0]["id"]
    taken = person.run("restore", entry, *RESTORE)
    assert (taken.status, taken.json["outcome"]) == (0, "applied")


def test_a_failure_that_applied_nothing_says_so(person: Person) -> None:
    person.breaks("component-refused")
    ran = person.apply()
    assert ran.status == 5
    assert "changed in it" not in ran.out
    assert person.run("restore", "latest", *RESTORE).status == 1


def test_a_failed_deployment_of_this_machine(person: Person) -> None:
    person.breaks("partial-success")
    deploy_id = person.apply().json["deploy_id"]
    ran = person.run("apply", "--env", "local", "--resume", deploy_id, "--format", "json")
    assert ran.status == 5
    assert "changed in it" in ran.json["problems"][0]["meaning"]


def test_a_failed_deployment_of_another_machine(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.breaks("partial-success")
    deploy_id = person.apply().json["deploy_id"]
    monkeypatch.setenv("PROVISIONER_STATE_DIR", str(tmp_path / "elsewhere"))
    ran = person.run("apply", "--env", "local", "--resume", deploy_id, "--format", "json")
    assert ran.status == 5
    assert "did not send the deployment" in ran.json["problems"][0]["meaning"]
