"""What only a process of its own shows: signals, pipes, streams, exit statuses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import Person

PROGRAM = [sys.executable, "-m", "provisioner"]
ROOT = Path(__file__).parents[2]


def start(person: Person, *words: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [*PROGRAM, *words],
        cwd=person.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_apply_names_the_deployment(person: Person, number: signal.Signals) -> None:
    person.breaks("deploy-queued=100000")
    process = start(person, "apply", "--env", "local", "--yes", "--format", "json")
    assert process.stderr is not None
    deploy_id = ""
    for line in process.stderr:
        if "accepted" in line:
            deploy_id = line.split()[1]
            break
    assert deploy_id.startswith("0Af")
    time.sleep(0.3)  # it polls now
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    error = json.loads(out)["error"]
    assert (error["code"], error["exit_status"]) == ("interrupted", 130)
    assert deploy_id in error["message"]
    assert error["next"] == f"provisioner apply --env local --resume {deploy_id}"
    person.mends()
    assert person.apply("--resume", deploy_id).status == 0


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["plan", "--help"]])
def test_help_and_version_do_without_the_trust_store(person: Person, words: list[str]) -> None:
    code = (
        "import atexit, sys; atexit.register(lambda: print('truststore' in sys.modules, file=sys.stderr));"
        f"sys.argv[1:] = {words}; from provisioner.cli.main import entry; entry()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=person.folder, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "False\n")


def test_a_reader_that_goes_away_gets_no_message(person: Person) -> None:
    """Nothing is printed about it; the exit status says that the result was lost."""
    with start(person, "rules") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(timeout=60) == 1


def test_piped_output_has_no_colour_and_stdout_is_the_result(person: Person) -> None:
    out, err = start(person, "plan", "--env", "local").communicate(timeout=60)
    assert "\x1b" not in out + err
    assert out.startswith("Plan for local")
    assert "Reading" in err
    assert "Reading" not in out


def test_an_error_is_a_junit_document_and_in_the_log(person: Person) -> None:
    out, err = start(person, "plan", "--env", "nowhere", "--format", "junit").communicate(timeout=60)
    (error,) = ElementTree.fromstring(out).iter("error")
    assert "nowhere" in (error.get("message") or "")
    assert "nowhere" in err


def test_json_is_one_document_even_when_it_fails(person: Person) -> None:
    for words in (["plan", "--env", "nowhere"], ["plan"], ["nonsense"], ["plan", "--wat"], ["apply", "--env", "*"]):
        out, _ = start(person, *words, "--format", "json").communicate(timeout=60)
        document = json.loads(out)
        if words[-1] == "*":  # one environment, and no terminal to confirm at
            assert document["outcome"] == "refused"
        else:
            assert document["error"]["exit_status"] == 64
            assert document["error"]["next"]


def test_one_failing_environment_hides_no_other(person: Person) -> None:
    environments = person.folder / "config/environments"
    (environments / "second.yaml").write_text((environments / "local.yaml").read_text())
    (environments / "away.yaml").write_text(
        "login_url: https://localhost:9\nusername: a@b.c\nconsumer_key: k\nprivate_key: ${env:NOT_SET_ANYWHERE}\n"
        "variables: {storefront_issuer: https://id.example.com}\n"
    )
    ran = person.run("plan", "--env", "local,second,away", "--format", "json")
    assert ran.status == 1
    local, second, away = ran.json["environments"]
    assert local["summary"] == second["summary"]
    assert "NOT_SET_ANYWHERE" in away["error"]["message"]
    human = person.run("plan", "--env", "local,second,away")
    assert "NOT_SET_ANYWHERE" in human.out
    assert [line for line in human.out.splitlines() if line.startswith("Plan for")] == [
        "Plan for local",
        "Plan for second",
        "Plan for away",
    ]
