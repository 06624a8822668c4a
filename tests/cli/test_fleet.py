"""Ten local orgs in one run: started, planned and compared side by side, with one table and one exit status."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from provisioner import localorg
from provisioner.cli.main import main
from tests.cli.conftest import EXAMPLE, Ran

ROOT = Path(__file__).parents[2]
NAMES = [f"org_{number:02}" for number in range(1, 11)]
BROKEN, DRIFTED, UNREADABLE = NAMES[3], NAMES[6], NAMES[8]


@dataclass(frozen=True)
class Fleet:
    """A folder with the example's declaration, and ten environments with a local org each."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def org(self, name: str) -> Path:
        return self.folder / "orgs" / name

    def environment(self, name: str) -> Path:
        return self.folder / "config/environments" / f"{name}.yaml"

    def run(self, *words: str) -> Ran:
        self.capsys.readouterr()
        status = main([*words])
        out, err = self.capsys.readouterr()
        assert "Traceback" not in out + err
        return Ran(status, out, err)

    def json(self, *words: str) -> tuple[int, dict[str, Any]]:
        """The exit status, and each environment's part of the document in its order."""
        ran = self.run(*words, "--format", "json")
        assert ran.json["format_version"] == "1"
        return ran.status, {each["environment"]: each for each in ran.json["environments"]}

    def serving(self) -> list[str]:
        """The orgs that are being served."""
        return [name for name in NAMES if self.org(name).is_dir() and localorg.running(self.org(name))]


@pytest.fixture
def fleet(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Fleet]:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(EXAMPLE, tmp_path / "config")
    for file in (tmp_path / "config/environments").iterdir():
        file.unlink()
    made = Fleet(tmp_path, capsys)
    for name in NAMES:
        made.environment(name).write_text(
            f"embedded_org: {made.org(name)}\nvariables:\n  storefront_issuer: https://id.example.com\n"
        )
    yield made
    for name in NAMES:
        localorg.stop(made.org(name))


def table(text: str) -> dict[str, list[str]]:
    """The rows of the table at the end, by environment."""
    rows = (re.split(r" {2,}", line.strip()) for line in text.split("\n\n")[-1].strip().splitlines())
    return {first: rest for first, *rest in rows}


def test_ten_orgs_are_born_planned_and_stopped_in_one_run(fleet: Fleet) -> None:
    ran = fleet.run("plan", "--env", "*", "--detailed-exitcode")

    assert ran.status == 2
    assert list(table(ran.out)) == ["environment", *NAMES]
    assert {tuple(row) for row in list(table(ran.out).values())[1:]} == {
        ("3", "1", "0", "0", "disruptive", "changes pending")
    }
    assert all(re.match(r"\[org_\d\d\] (Starting|Reading) ", line) for line in ran.err.splitlines()), ran.err
    assert fleet.serving() == []


def test_one_broken_one_drifted_and_one_unreadable(fleet: Fleet) -> None:
    for name in NAMES:
        localorg.start(fleet.org(name))
        assert fleet.run("apply", "--env", name, "--yes").status == 0
    status, plans = fleet.json("plan", "--env", "*", "--detailed-exitcode")
    assert (status, list(plans)) == (0, NAMES)
    assert fleet.run("drift", "--env", "*").status == 0

    localorg.break_(fleet.org(BROKEN), "certificate-mismatch")
    localorg.break_(fleet.org(UNREADABLE), "channel-unreadable")
    environment = fleet.environment(DRIFTED)
    declared = environment.read_text()
    environment.write_text(declared + "overrides: {channels: {Web_Chat: {token_expiration_minutes: {verified: 90}}}}\n")
    assert fleet.run("apply", "--env", DRIFTED, "--yes").status == 0
    environment.write_text(declared)

    status, drifts = fleet.json("drift", "--env", f"{DRIFTED},*")
    assert status == 4, "no login is worse than drift"
    assert list(drifts) == [DRIFTED, *(name for name in NAMES if name != DRIFTED)], "as given, a name once"
    assert drifts[BROKEN]["error"]["exit_status"] == 4
    assert [each["address"] for each in drifts[DRIFTED]["drift"]] == ["channel.Web_Chat"]
    assert drifts[UNREADABLE]["unreadable"]
    for name in set(NAMES) - {BROKEN, DRIFTED, UNREADABLE}:
        assert (drifts[name]["drift"], drifts[name]["summary"]["as_declared"]) == ([], 4)

    human = fleet.run("drift", "--env", "*")
    assert human.status == 4
    states = {name: row[-1] for name, row in table(human.out).items()}
    assert states.pop("environment") == "state"
    assert list(states) == NAMES
    assert states.pop(BROKEN).startswith("error: ")
    assert states.pop(DRIFTED) == "drift"
    assert states.pop(UNREADABLE) == "not all readable"
    assert set(states.values()) == {"no drift"}

    others = ",".join(name for name in NAMES if name != BROKEN)
    assert fleet.run("drift", "--env", others).status == 2
    assert fleet.run("drift", "--env", "org_0[12]").status == 0
    status, plans = fleet.json("plan", "--env", "*")
    assert (status, list(plans)) == (4, NAMES)
    assert plans[DRIFTED]["summary"]["update"] == 1
    assert "error" in plans[BROKEN]

    expiring = fleet.run("keys", "expiring", "--env", "*", "--format", "json")
    assert expiring.status == 4
    found = expiring.json
    assert [each["environment"] for each in found["errors"]] == [BROKEN]
    orgs = {seen["environment"] for key in found["keys"] for seen in key["seen"] if seen["where"] == "org"}
    assert orgs == set(NAMES) - {BROKEN}
    assert fleet.serving() == NAMES, "who ran before runs on"


def test_a_declaration_that_is_wrong_everywhere_is_listed_once(fleet: Fleet) -> None:
    declaration = fleet.folder / "config/user-verification.yaml"
    declaration.write_text(declaration.read_text().replace("storefront_2026_11, legacy]", "nobody]"))
    for verb in ("plan", "drift"):
        ran = fleet.run(verb, "--env", "*")
        assert ran.status == 1
        assert ran.out.count("keyset-unknown-key") == 1
        assert ran.out.count("are the same as those of org_01") == 9
        status, each = fleet.json(verb, "--env", "*")
        assert status == 1
        assert all("keyset-unknown-key" in [found["rule"] for found in part["findings"]] for part in each.values())
    assert fleet.serving() == []


def test_one_environment_file_that_is_broken_hides_no_other(fleet: Fleet) -> None:
    fleet.environment("org_02").write_text("login_url: [\n")
    fleet.environment("org_03").with_suffix(".yml").write_text("embedded_org: x\n")
    for name in NAMES[3:]:
        fleet.environment(name).unlink()
    for given in ("*", "org_01,org_02,org_03"):
        status, plans = fleet.json("plan", "--env", given)
        assert (status, list(plans)) == (1, NAMES[:3])
        assert plans["org_01"]["summary"]["create"] == 3
        assert plans["org_02"]["error"]["code"] == "invalid-declaration"
        assert plans["org_03"]["error"]["code"] == "ambiguous-environment"


def test_a_glob_s_document_has_one_shape_however_many_it_matches(fleet: Fleet) -> None:
    for name in NAMES[1:]:
        fleet.environment(name).unlink()
    for verb in ("plan", "drift"):
        assert list(fleet.json(verb, "--env", "*")[1]) == ["org_01"]
        assert fleet.run(verb, "--env", "org_01", "--format", "json").json["environment"] == "org_01"
    assert fleet.run("plan", "--env", "*").out == fleet.run("plan", "--env", "org_01").out
    fleet.environment("org_01").write_text("login_url: [\n")
    for verb in ("plan", "drift"):
        assert fleet.json(verb, "--env", "org_0?")[1]["org_01"]["error"]["exit_status"] == 1
    expiring = fleet.run("keys", "expiring", "--env", "*", "--format", "json")
    assert (expiring.status, [each["environment"] for each in expiring.json["errors"]]) == (1, ["org_01"])


def test_environments_that_share_an_org_start_it_once(fleet: Fleet) -> None:
    for name in NAMES:
        fleet.environment(name).write_text(fleet.environment("org_01").read_text())
    ran = fleet.run("plan", "--env", "*")
    assert ran.status == 0
    assert ran.err.count("Starting the local org.") == 1
    assert fleet.serving() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_shows_results_and_stops_local_orgs(fleet: Fleet, number: signal.Signals) -> None:
    localorg.start(fleet.org("org_01"))
    for name in NAMES[1:3]:
        localorg.start(fleet.org(name))
        localorg.break_(fleet.org(name), "slow=20000ms")
        localorg.stop(fleet.org(name))
    process = subprocess.Popen(
        [sys.executable, "-m", "provisioner", "drift", "--env", "org_01,org_02,org_03", "--format", "json"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    waiting = {"[org_01] Reading", "[org_02] Starting", "[org_03] Starting"}
    for line in process.stderr:
        waiting -= {each for each in waiting if line.startswith(each)}
        if not waiting:
            break
    while len(fleet.serving()) < 3:
        assert process.poll() is None
    process.send_signal(number)
    out, err = process.communicate(timeout=60)

    assert process.returncode == 130, err
    assert "Traceback" not in err
    found = {each["environment"]: each for each in json.loads(out)["environments"]}
    assert list(found) == NAMES[:3]
    for name in NAMES[1:3]:
        assert (found[name]["error"]["code"], found[name]["error"]["exit_status"]) == ("interrupted", 130)
    assert fleet.serving() == ["org_01"]
