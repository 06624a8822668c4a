"""An apply that is cut off, by real signals to real processes; and what the next one makes of it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner import localorg
from tests.cli.conftest import Person
from tests.cli.test_process import start

APPLY = ("apply", "--env", "local", "--yes", "--format", "json")


def state() -> Path:
    return Path(os.environ["PROVISIONER_STATE_DIR"])


def entries(person: Person) -> list[dict[str, object]]:
    found: list[dict[str, object]] = person.run("restore", "--format", "json").json["entries"]
    return found


@pytest.fixture
def running(person: Person) -> Iterator[list[subprocess.Popen[str]]]:
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        process.kill()
        process.communicate()


def until(process: subprocess.Popen[str], words: str) -> str:
    """The line of its stderr that holds these words."""
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return line
    raise AssertionError(f"it ended without saying {words!r}")


def deploying(person: Person, *words: str) -> tuple[subprocess.Popen[str], str]:
    """An apply whose deployment the org holds back, and its deployment's id."""
    person.breaks("deploy-queued=100000")
    process = start(person, *APPLY, *words)
    found = re.search(r"0Af\w{15}", until(process, "accepted"))
    assert found is not None
    return process, found[0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_wait_and_prints_the_id(person: Person, number: signal.Signals) -> None:
    process, deploy_id = deploying(person)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert json.loads(out)["error"]["deploy_id"] == deploy_id


def test_cancel_on_interrupt_calls_the_deployment_off(person: Person) -> None:
    process, deploy_id = deploying(person, "--cancel-on-interrupt")
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    error = json.loads(out)["error"]
    assert process.returncode == 130
    assert "was cancelled (status Canceled)" in error["message"]
    assert error["deploy_id"] == deploy_id
    person.mends()
    (entry,) = entries(person)
    assert (entry["outcome"], entry["settled"]) == ("interrupted", True)
    resumed = person.apply("--resume", deploy_id)
    assert resumed.status == 5
    assert resumed.json["problems"][0]["problem"] == "The deployment was cancelled by Ada Admin."


def test_the_next_apply_continues_a_killed_run(person: Person) -> None:
    process, deploy_id = deploying(person)
    process.kill()
    process.communicate(timeout=60)
    (entry,) = entries(person)
    assert (entry["outcome"], entry["settled"], entry["deploy_ids"]) == (None, False, [deploy_id])
    person.mends()
    ran = person.apply()
    assert ran.status == 0, ran.out
    assert "was interrupted" in ran.err
    assert deploy_id in ran.err
    assert ran.json["outcome"] == "unchanged"
    assert all(each["settled"] for each in entries(person))


def test_a_run_killed_before_the_answer_is_found_in_the_org(person: Person) -> None:
    """The journal's mark "about to send" is all that is left of it."""
    assert person.apply().status == 0
    (path,) = state().glob("journal/*/*.json")
    document = json.loads(path.read_text())
    deploy_id = document["deployments"][0]["deploy_id"]
    document |= {"settled": False, "outcome": None, "ended": None}
    document["deployments"][0] |= {"deploy_id": None, "ended": None, "success": None}
    path.write_text(json.dumps(document, indent=1))
    ran = person.apply()
    assert ran.status == 0, ran.out
    assert f"Its deployment {deploy_id} has the status Succeeded." in ran.err
    document = json.loads(path.read_text())
    assert document["settled"] is True
    assert document["deployments"][0]["deploy_id"] == deploy_id


def test_a_forgotten_deployment_is_looked_up_once(person: Person) -> None:
    process, deploy_id = deploying(person)
    process.kill()
    process.communicate(timeout=60)
    person.mends()
    localorg.reset(person.org)
    first = person.apply()
    assert first.status == 0, first.out
    assert f"The org knows no deployment {deploy_id}" in first.err
    assert "cut off" not in person.apply().err


def test_a_damaged_entry_is_named_and_stops_nothing(person: Person) -> None:
    assert person.apply().status == 0
    (path,) = state().glob("journal/*/*.json")
    (path.parent / "20000101T000000Z-abcdef.json").write_text('{"format_version": "1", "set')
    person.edit("label: Storefront November 2026", "label: Another label")
    ran = person.apply()
    assert ran.status == 0
    assert "20000101T000000Z-abcdef.json is damaged" in ran.err
    assert len(person.run("restore", "--format", "json").json["damaged"]) == 1
    assert person.run("restore", "20000101T000000Z-abcdef", "--env", "local", "--yes").status == 1


def test_resume_reads_back_what_the_journal_knows_and_settles_it(person: Person) -> None:
    process, deploy_id = deploying(person)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    person.mends()
    assert person.apply("--resume", deploy_id[:15]).json["converged"] is True
    (entry,) = entries(person)
    assert (entry["outcome"], entry["settled"]) == ("applied", True)


@pytest.mark.parametrize(("wrong", "status"), [("0Af5g00000ABCDEAA4", 5), ("09S5g00000ABCDE", 1), ("latest", 1)])
def test_a_wrong_id_is_told_apart_at_once(person: Person, wrong: str, status: int) -> None:
    ran = person.apply("--resume", wrong)
    assert ran.status == status
    assert ran.json["error"]["code"] == ("deployment-unknown" if status == 5 else "no-deployment-id")


def test_the_second_of_two_applies_names_the_first(person: Person, running: list[subprocess.Popen[str]]) -> None:
    process, _ = deploying(person)
    running.append(process)
    ran = person.apply()
    assert ran.status == 3, ran.out
    assert f"process {process.pid}" in ran.json["problems"][0]["problem"]
    assert person.run("plan", "--env", "local").status == 0, "a plan is never kept waiting"


def test_a_deployment_of_another_machine_is_waited_for(
    person: Person, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    process, deploy_id = deploying(person)
    process.kill()
    process.communicate(timeout=60)
    monkeypatch.setenv("PROVISIONER_STATE_DIR", str(tmp_path_factory.mktemp("another-machine")))
    person.breaks("deploy-queued=4")
    ran = person.apply()
    assert ran.status == 0, ran.out
    assert f"Deployment {deploy_id}" in ran.err
    assert "waiting for it" in ran.err
    assert ran.json["outcome"] == "unchanged"


def test_it_is_waited_for_no_longer_than_asked(
    person: Person, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    process, deploy_id = deploying(person)
    process.kill()
    process.communicate(timeout=60)
    monkeypatch.setenv("PROVISIONER_STATE_DIR", str(tmp_path_factory.mktemp("another-machine")))
    ran = person.apply("--wait", "0.01")
    assert ran.status == 6
    assert deploy_id in ran.json["error"]["message"]
    assert "Nothing was sent" in ran.json["error"]["message"]


def test_a_journal_that_cannot_be_written_stops_nothing(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    (person.folder / "a-file").write_text("")
    monkeypatch.setenv("PROVISIONER_STATE_DIR", str(person.folder / "a-file" / "state"))
    ran = person.apply()
    assert ran.status == 0
    assert "The journal cannot be written" in ran.err
    assert ran.err.count("journal") == 1


def test_a_closed_stderr_loses_no_id(person: Person) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    words = [sys.executable, "-m", "provisioner", *APPLY]
    with subprocess.Popen(
        words, cwd=person.folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stderr.close()
        assert process.wait(timeout=60) == 1  # the result was lost; the work was not
    (entry,) = entries(person)
    assert entry["outcome"] == "applied"
    assert len(entry["deploy_ids"]) == 1  # type: ignore[arg-type]
    assert person.plan()["changes"] == []


def test_the_journal_is_for_its_owner_alone_and_holds_no_token(person: Person) -> None:
    assert person.apply().status == 0
    (path,) = state().glob("journal/*/*.json")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert not re.search(r"00D\w{12,15}!|PRIVATE KEY|eyJ", path.read_text())


def test_a_key_with_private_members_is_never_written_down(person: Person) -> None:
    from provisioner.components.xml import new_component, set_text
    from provisioner.execution.journal_entry import SavedComponent
    from provisioner.model.types import MetadataType

    key = new_component(MetadataType.KEY)
    set_text(key, "jsonWebKey", json.dumps({"kty": "RSA", "n": "AQAB", "e": "AQAB", "d": "c2VjcmV0LXByaXZhdGU"}))
    kept = SavedComponent.of(key)
    assert kept.xml is None
    assert kept.withheld is not None
    assert "d" in kept.withheld
    assert "c2VjcmV0" not in repr(kept)
