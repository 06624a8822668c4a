"""The rotation of a login, killed at a sample of all steps (with KILL_EVERYWHERE=1 at each): nobody is locked out."""

from __future__ import annotations

import json
import random
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from provisioner import localorg
from provisioner.workflows import login_proof
from tests.cli.logging_in import ADMIN, LOGINS
from tests.faults.stage import Stage
from tests.killed.test_killed import EVERYWHERE, SEED, killed
from tests.localorg import material
from tests.localorg.logins import private_pem

SAMPLE = 2
APPLY = ("login", "apply", "--env", "uat", *ADMIN, "--yes")
ROTATE = ("login", "rotate", "--env", "uat", *ADMIN, "--yes", "--format", "json")
RETIRE = ("login", "retire", "--env", "uat", *ADMIN, "--yes", "--allow-destroy", "--format", "json")
WITH_KEY = (*ROTATE, "--key-file", "secrets/uat_2.key")
pytestmark = pytest.mark.timeout(900)


@dataclass(frozen=True, slots=True)
class Journey:
    """``before`` are the runs that lead to the step, each with the time that passes in the org after it.

    ``old_works``: the earlier consumer key and private key must work afterwards, whatever was killed.
    """

    name: str
    before: tuple[tuple[tuple[str, ...], str], ...]
    words: tuple[str, ...]
    old_works: bool = True
    end: str = "disable"


_DECLARED = ((WITH_KEY, "1m"),)
_DEPLOYED = (*_DECLARED, (ROTATE, "16m"))
_SWITCHED = (*_DEPLOYED, (WITH_KEY, "192h"))
_OFF = (*_SWITCHED, (RETIRE, "25h"))
_HELD = (((*WITH_KEY, "--in-place"), "1m"), (WITH_KEY, "1m"))
JOURNEYS = (
    Journey("declare", (), WITH_KEY),
    Journey("deploy", _DECLARED, ROTATE),
    Journey("switch", _DEPLOYED, WITH_KEY),
    Journey("back", _SWITCHED, (*ROTATE, "--back")),
    Journey("disable", _SWITCHED, RETIRE, old_works=False, end="delete"),
    Journey("delete", _OFF, RETIRE, old_works=False, end="generate"),
    Journey("hold", _HELD[:1], WITH_KEY, end="generate"),
    Journey("exchange", _HELD, ROTATE, old_works=False, end="generate"),
    Journey("finish", (*_HELD, (ROTATE, "16m")), ROTATE, old_works=False, end="generate"),
)


@pytest.fixture
def fresh(bare_org: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.delenv("PROVISIONER_STATE_DIR", raising=False)
    monkeypatch.setattr(login_proof, "BETWEEN_SECONDS", 0.01)
    localorg.mend(bare_org, None)
    localorg.reset(bare_org)
    connection = localorg.start(bare_org)
    monkeypatch.setenv("ADMIN_TOKEN", Path(connection.admin_token_file).read_text().strip())
    made = Stage(tmp_path / "stage", bare_org)
    made.write("config/user-verification.yaml", "version: 1\n")
    made.write("config/logins.yaml", LOGINS)
    login = {
        "login_url": connection.url, "username": connection.username,
        "consumer_key": "${file:../../secrets/uat.consumer_key}", "private_key": "${file:../../secrets/uat.key}",
        "ca_bundle": connection.ca_bundle,
    }  # fmt: skip
    made.write("config/environments/uat.yaml", json.dumps(login))
    made.write("config/environments/old.yaml", json.dumps(login))
    for stem, name in (("uat", "first"), ("uat_2", "second")):
        made.write(f"secrets/{stem}.key", private_pem(name).decode())
        made.write(f"secrets/{stem}.crt", _pem(name))
    made.write("config/keys/first.crt", _pem("first"))
    return made


@pytest.fixture
def stage(fresh: Stage) -> Stage:
    """Somebody with a login that works."""
    assert fresh.run(*APPLY).status == 0
    return fresh


def _pem(name: str) -> str:
    return material.certificate(name).public_bytes(Encoding.PEM).decode()


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.name)
def test_killed_at_a_step(journey: Journey, stage: Stage) -> None:
    for words, passes in journey.before:
        ran = stage.run(*words)
        assert ran.status == 0, ran
        localorg.break_(stage.org, f"time-passes={passes}")
    stage.keep()
    before = stage.components()
    status, said = killed(stage, signal.SIGKILL, 0, *journey.words)
    assert status == 0, said
    steps = (stage.folder / "steps").read_text().splitlines()
    every = list(range(1, len(steps) + 1))
    chosen = every if EVERYWHERE else sorted(random.Random(f"{SEED} {journey.name}").sample(every, SAMPLE))
    for step in chosen:
        stage.put_back(before)
        stage.restore()
        where = f"FAULT_SEED={SEED}: {journey.name}, killed at step {step} of {len(steps)} ({steps[step - 1]})"
        status, said = killed(stage, signal.SIGKILL, step, *journey.words)
        assert status in (-signal.SIGKILL, 0), f"{where}: {status}\n{said}"
        assert "Traceback" not in said, f"{where}\n{said}"
        stage.settled()
        assert works(stage, "uat"), where
        assert not journey.old_works or works(stage, "old"), where
        goes_on(stage, journey, where)


def test_killed_while_a_login_is_made(fresh: Stage) -> None:
    fresh.keep()
    before = fresh.components()
    status, said = killed(fresh, signal.SIGKILL, 0, *APPLY)
    assert status == 0, said
    steps = (fresh.folder / "steps").read_text().splitlines()
    every = list(range(1, len(steps) + 1))
    for step in every if EVERYWHERE else sorted(random.Random(f"{SEED} login apply").sample(every, 2 * SAMPLE)):
        fresh.put_back(before)
        fresh.restore()
        where = f"FAULT_SEED={SEED}: login apply, killed at step {step} of {len(steps)} ({steps[step - 1]})"
        status, said = killed(fresh, signal.SIGKILL, step, *APPLY)
        assert status in (-signal.SIGKILL, 0), f"{where}: {status}\n{said}"
        fresh.settled()
        again = fresh.run(*APPLY)
        assert again.status == 0, f"{where}\n{again}"
        assert works(fresh, "uat"), where


def works(stage: Stage, environment: str) -> bool:
    """Whether the login of an environment file works, with its fallback."""
    return stage.run("plan", "--env", environment).status == 0


def goes_on(stage: Stage, journey: Journey, where: str) -> None:
    """The commands that a person types again lead to the end of the rotation, and the login works all the way."""
    words = RETIRE if journey.words is RETIRE else WITH_KEY if "--back" not in journey.words else ROTATE
    for _ in range(6):
        ran = stage.run(*ROTATE[:4], *ADMIN, "--status", "--format", "json")
        assert ran.status == 0, f"{where}\n{ran}"
        if ran.json["step"] == journey.end:
            return
        localorg.break_(stage.org, "time-passes=16m")
        ran = stage.run(*words)
        assert ran.status == 0, f"{where}\n{ran}"
        assert works(stage, "uat"), where
    pytest.fail(f"{where}: the rotation does not end")
