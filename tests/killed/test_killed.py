"""Killed at a sample of all steps, with its seed printed; at every step with KILL_EVERYWHERE=1 (`make test-all`)."""

from __future__ import annotations

import os
import random
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from provisioner import localorg
from provisioner.declaration.load import ConfigDirectory
from tests import forked
from tests.faults.stage import Stage
from tests.faults.wire import Wire, tapped

SEED = int(os.environ.get("FAULT_SEED", "0"))
SAMPLE = 4
EVERYWHERE = bool(os.environ.get("KILL_EVERYWHERE"))


@dataclass(frozen=True, slots=True)
class Journey:
    """``converges``: the same command again ends well by itself. Else it may say what lies in its way."""

    name: str
    prepare: Callable[[Stage], tuple[str, ...]]
    converges: bool = True
    standing: tuple[str, ...] = ()
    status: int = 0


def _apply(stage: Stage) -> tuple[str, ...]:
    return ("apply", "--env", "local", "--yes")


def _remove(stage: Stage) -> tuple[str, ...]:
    assert stage.run("apply", "--env", "local", "--yes").status == 0
    stage.edit("  legacy:\n    jwk: keys/legacy.jwk.json\n", "")
    stage.edit("[storefront_2026_11, legacy]", "[storefront_2026_11]")
    stage.edit("keysets:\n", "removed: {keys: [legacy]}\nkeysets:\n")
    return ("apply", "--env", "local", "--yes", "--allow-destroy")


def _create_channel(stage: Stage) -> tuple[str, ...]:
    from tests.faults import journeys

    journeys.BY_NAME["create a channel"].prepare(stage)
    return ("apply", "--env", "local", "--yes", "--allow-permanent")


def _create_everything(stage: Stage) -> tuple[str, ...]:
    from tests.faults import journeys

    journeys.BY_NAME["create everything"].prepare(stage)
    return ("apply", "--env", "local", "--yes", "--allow-permanent")


def _publish(stage: Stage) -> tuple[str, ...]:
    """Verification is switched on, and visitors get it with the next publication only."""
    with (stage.here / "config/user-verification.yaml").open("a") as file:
        file.write("\ndeployments:\n  Shop_Web: {channel: Web_Chat}\n")
    return ("apply", "--env", "local", "--yes")


def _generate(stage: Stage) -> tuple[str, ...]:
    return ("keys", "generate", "next_one", "--keyset", "storefront")


def _import(stage: Stage) -> tuple[str, ...]:
    assert stage.run("apply", "--env", "local", "--yes").status == 0
    stage.edit("  legacy:\n    jwk: keys/legacy.jwk.json\n", "")
    stage.edit("[storefront_2026_11, legacy]", "[storefront_2026_11]")
    return ("import", "--env", "local")


def _import_anew(stage: Stage) -> tuple[str, ...]:
    assert stage.run("apply", "--env", "local", "--yes").status == 0
    return ("import", "--env", "local", "--out", "new")


def _export(stage: Stage) -> tuple[str, ...]:
    return ("export", "--env", "local", "project")


def _save(stage: Stage) -> tuple[str, ...]:
    stage.write("plan.json", "an older plan")
    return ("plan", "--env", "local", "--out", "plan.json")


def _init(stage: Stage) -> tuple[str, ...]:
    return ("init", "fresh")


def _rotate(stage: Stage) -> tuple[str, ...]:
    """The last step: the old key is switched off, in the declaration and in the org."""
    assert stage.run("apply", "--env", "local", "--yes").status == 0
    return (
        "keys", "rotate", "storefront", "--env", "local", "--yes", "--revoke", "legacy", "--confirm", "legacy",
    )  # fmt: skip


def _retire(stage: Stage) -> tuple[str, ...]:
    """The old key of a rotation, proven and switched: inactive in the declaration, and in the org."""
    from tests.faults import journeys

    words = journeys.BY_NAME["rotate: publish and prove"].prepare(stage)
    assert stage.run(*words).status == 0
    switched = datetime.now(UTC) - timedelta(hours=2)
    return (*words, "--retire", "--switched-at", f"{switched:%Y-%m-%dT%H:%M:%SZ}")


def _repair(stage: Stage) -> tuple[str, ...]:
    return ("diagnose", "key", "config/keys/storefront-2026-11.crt", "--kid", "k", "--repair", "repaired.jwk.json")


def _restore(stage: Stage) -> tuple[str, ...]:
    assert stage.run("apply", "--env", "local", "--yes").status == 0
    entry = stage.run("restore", "--format", "json").json["entries"][0]["id"]
    return ("restore", entry, "--env", "local", "--yes", "--allow-destroy")


JOURNEYS = (
    Journey("retire", _retire),
    Journey("repair", _repair, converges=False, status=1),  # the file that was judged is as it was
    Journey("restore", _restore),
    Journey("apply", _apply),
    Journey("remove", _remove),
    Journey("create a channel", _create_channel),
    Journey("create everything", _create_everything, standing=("setup-duplicate",)),
    Journey("publish", _publish, standing=("chat-config-snapshot",)),
    Journey("revoke", _rotate),
    Journey("import", _import),
    Journey("import anew", _import_anew),
    Journey("generate", _generate, converges=False),
    Journey("export", _export, converges=False),
    Journey("init", _init, converges=False),
    Journey("save a plan", _save),
    Journey("apply in phases", _apply, standing=("keyset-same-package",)),
)
INTERRUPTED = tuple(
    journey for journey in JOURNEYS if journey.name in ("apply", "remove", "apply in phases", "import", "generate")
)


def killed(stage: Stage, number: int, step: int, *words: str) -> tuple[int, str]:
    """One run in a process of its own; what it ended with, and what it said."""
    environment = {
        **os.environ,
        "HOME": str(stage.folder / "home"),
        "XDG_STATE_HOME": str(stage.folder / "state"),
        "XDG_CONFIG_HOME": str(stage.folder / "home/.config"),
    }
    words = (str(int(number)), str(step), str(stage.folder / "steps"), *words)
    done = forked.run("tests.killed.killer:main", words, cwd=stage.here, env=environment, timeout=120)
    return done.returncode, done.stdout + done.stderr


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.name)
def test_killed_at_a_step(journey: Journey, shared_org: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    struck(signal.SIGKILL, journey, shared_org, tmp_path, monkeypatch)


@pytest.mark.parametrize("journey", INTERRUPTED, ids=lambda journey: journey.name)
def test_interrupted_at_a_step(
    journey: Journey, shared_org: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C, as a terminal sends it: 130, and a plain word about what is true."""
    struck(signal.SIGINT, journey, shared_org, tmp_path, monkeypatch)


def struck(
    number: signal.Signals, journey: Journey, org: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROVISIONER_STATE_DIR", raising=False)
    stage = Stage(tmp_path / "stage", org)
    stage.begin()
    words = journey.prepare(stage)
    stage.keep()
    before, begun = stage.components(), files(stage.here)
    for fault in journey.standing:
        localorg.break_(org, fault)
    status, said = killed(stage, number, 0, *words)
    assert status == journey.status, said
    steps = (stage.folder / "steps").read_text().splitlines()
    ended = files(stage.here)
    every = list(range(1, len(steps) + 1))
    chosen = (
        every if EVERYWHERE else sorted(random.Random(f"{SEED} {journey.name}").sample(every, min(SAMPLE, len(every))))
    )
    assert len(steps) > 2
    for step in chosen:
        stage.put_back(before)
        stage.restore()
        where = f"FAULT_SEED={SEED}: {journey.name}, {number.name} at step {step} of {len(steps)} ({steps[step - 1]})"
        status, said = killed(stage, number, step, *words)
        assert status in (-number if number is signal.SIGKILL else 130, journey.status), f"{where}: {status}\n{said}"
        assert "Traceback" not in said, f"{where}\n{said}"
        if status == 130:
            assert "nterrupted" in said, f"{where}\n{said}"
        stage.settled()
        whole(stage, begun, ended, where)
        goes_on(stage, journey, words, where)


def whole(stage: Stage, begun: dict[str, bytes], ended: dict[str, bytes], where: str) -> None:
    """Each file that was there is what it was or what it shall be; nothing that is named is half written."""
    now = files(stage.here)
    for name, content in begun.items():
        assert now[name] in (content, ended.get(name, content)) or name.endswith(".yaml"), f"{where}: {name}"
    declaration = stage.here / "config/user-verification.yaml"
    assert yaml.safe_load(declaration.read_text())["version"] == 1, where
    loaded = ConfigDirectory(stage.here / "config").load("local")
    missing = [finding.message for finding in loaded.findings if finding.is_error]
    assert missing == [], where
    for key in loaded.estate.keys.values():
        assert key.source is not None
        assert key.source.file.content, f"{where}: {key.name} refers to nothing"


def goes_on(stage: Stage, journey: Journey, words: tuple[str, ...], where: str) -> None:
    """The same command again ends well; or says which files lie in the way, and does once they are moved."""
    with tapped(Wire()):  # a web deployment that may be on its way is looked for over five minutes
        ran = stage.run(*words)
    webs = [name for _, name in stage.components() if name.startswith("New_Web")]
    assert webs in ([], ["New_Web"]), f"{where}: {webs}"
    if ran.status == 3 and not journey.converges:
        said = " ".join(ran.err.split())
        assert any(each in said for each in ("already exist", "is not empty", "already declared")), (
            f"{where}\n{ran.err}"
        )
        if "already declared" in said:
            return  # it was done
        (stage.here / "repaired.jwk.json").unlink(missing_ok=True)
        for path in (stage.here / "fresh", stage.here / "project", stage.here / "new"):
            shutil.rmtree(path, ignore_errors=True)
        for path in (*(stage.here / "config/keys").glob("next*"), *(stage.folder / "home").rglob("next_one*")):
            path.unlink()
        for schema in stage.here.glob("provisioner*.schema.json"):
            schema.unlink()
        ran = stage.run(*words)
    if ran.status == journey.status or (not journey.converges and "already declared" in ran.err):
        return
    pytest.fail(f"{where}: then {ran.status}\n{ran.out}{ran.err}")
