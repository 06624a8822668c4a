"""docs/sandbox.md and docs/unproven.md against the program and its experiments."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

from provisioner import localorg
from provisioner.experiments.catalogue import BY_NAME, EXPERIMENTS
from provisioner.localorg import FAULTS
from tests import forked
from tests.docs.screens import ROOT

PAGE = (ROOT / "docs/sandbox.md").read_text()


def rows() -> dict[int, list[str]]:
    """The cells of each row of the table of beliefs, by its number."""
    table = re.findall(r"^\| (\d+) (\|.*)\|$", (ROOT / "docs/unproven.md").read_text(), re.MULTILINE)
    return {int(number): cells.split("|")[1:] for number, cells in table}


def test_each_row_names_the_experiments_that_settle_it() -> None:
    named = {
        number: re.findall(r"`([\w-]+)`", match[1]) if (match := re.search(r"\(experiments? (.*)\)", cells[3])) else []
        for number, cells in rows().items()
    }
    assert {name for names in named.values() for name in names} == set(BY_NAME)
    for experiment in EXPERIMENTS:
        assert experiment.name in named[experiment.belief], experiment.name
    for number, names in named.items():
        assert all(BY_NAME[name].belief == number for name in names), number


def test_each_row_names_the_faults_of_the_other_sides() -> None:
    known = {fault.name for fault in FAULTS}
    for experiment in EXPERIMENTS:
        for side in experiment.sides:
            for fault in side.faults or ():
                name = fault.partition("=")[0]
                assert name in known
                assert f"`{name}`" in rows()[experiment.belief][2], (experiment.belief, name)


def test_the_page_counts_the_experiments() -> None:
    assert f"up to {len(EXPERIMENTS)} small experiments" in PAGE
    words = {9: "nine"}[sum(each.needs_channel for each in EXPERIMENTS)]
    assert f"settles {words} more questions" in PAGE


def test_the_commands_of_the_page_do_what_it_says(tmp_path: Path) -> None:
    """On a local org that stands in for the sandbox, with few experiments; a person at a terminal types yes."""
    org = tmp_path / "org"
    environment = {**os.environ, "HOME": str(tmp_path)}
    environment.pop("PROVISIONER_STATE_DIR", None)
    typed = re.findall(r"^ *\$ provisioner (.*)$", PAGE, re.MULTILINE)
    assert len(typed) == 7

    def run(line: str) -> subprocess.CompletedProcess[str]:
        words = shlex.split(line.replace("--channel NAME", "--channel Kiosk_Chat"))
        if words[0] == "probe":
            words += ["--yes"] if "--clean" in words else ["--yes", "--only", "x5c", "--only", "omitted-element"]
        if words[:2] == ["localorg", "start"]:
            words += ["--dir", str(org)]
        done = forked.run(forked.PRODUCT, words, cwd=tmp_path, env=environment, timeout=100)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done

    localorg.start(org)
    try:
        said = {}
        for line in typed:
            said[line] = run(line)
            file = tmp_path / "config-of-probe/environments/sandbox.yaml"
            file.write_text(f"embedded_org: {org}\nvariables: {{storefront_issuer: https://id.example.com}}\n")
        assert list(tmp_path.rglob("probe.crt"))
        without, with_channel = [text.stdout for line, text in said.items() if "--out" in line]
        assert "1 of 2 experiments settled." in without
        assert "2 of 2 experiments settled." in with_channel
        assert "Nothing to clean up." in next(text.stdout for line, text in said.items() if "--clean" in line)
        assert json.loads(said[typed[-1]].stdout)["like"] == {"broken": [], "not_taken": []}
    finally:
        localorg.stop(org)
