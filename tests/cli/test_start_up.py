"""Help, completion and ``--version`` start quickly: they load no room that acts, and no library."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from provisioner.cli.commands import VERBS

ROOT = Path(__file__).parents[2]
ROUNDS = 5
_HELP_OF_ALL = """
import sys
from provisioner.cli.commands import VERBS
from provisioner.cli.main import main
for verb in VERBS:
    assert main(["help", *verb.split()]) == 0
assert main(["__complete", "=pl"]) == main(["__complete", "=--", "plan"]) == 0
sys.stderr.write("\\n".join(sys.modules))
"""
#: What help and the completion of commands and options may load of this program; the rest belongs to a run.
LIGHT = {"cli", "errors", "model.names", "names", "redaction", "words"}
LIBRARIES = {"cryptography", "jwt", "lxml", "requests", "simple_salesforce", "ssl", "tenacity", "urllib3", "yaml"}
PYTHON = [sys.executable]
PROVISIONER = [*PYTHON, "-m", "provisioner"]


def test_help_loads_nothing_that_acts() -> None:
    done = subprocess.run([*PYTHON, "-c", _HELP_OF_ALL], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = done.stderr.split()
    ours = {name.removeprefix("provisioner.") for name in loaded if name.startswith("provisioner.")}
    heavy = {name for name in ours if not any(name == each or name.startswith(f"{each}.") for each in LIGHT)}
    assert heavy <= {"model"}, "a package without the modules in it costs nothing"
    assert not {name for name in ours if name.startswith("cli.verbs") or name == "cli.context"}
    assert LIBRARIES.isdisjoint(loaded)


def seconds(*commands: list[str]) -> list[float]:
    """Return the median seconds of processor time of each command; the commands take turns in each round."""
    took: list[list[float]] = [[] for _ in commands]
    for _ in range(ROUNDS):
        for command, figures in zip(commands, took, strict=True):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(command, capture_output=True, check=True, cwd=ROOT)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            figures.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return [statistics.median(each) for each in took]


def test_help_costs_no_more_than_the_version_again() -> None:
    verbs = ("plan", "keys rotate", "diagnose login", "envs")
    assert set(verbs) <= VERBS.keys()
    version, *helps = seconds([*PROVISIONER, "--version"], *([*PROVISIONER, *verb.split(), "--help"] for verb in verbs))
    assert {verb: took for verb, took in zip(verbs, helps, strict=True) if took > 2 * version} == {}


@pytest.mark.parametrize(
    "words", [("=pl",), ("=--", "plan"), ("=", "plan", "--env"), ("=", "plan", "--target")], ids=" ".join
)
def test_completion_is_quick(words: tuple[str, ...]) -> None:
    nothing, version, completed = seconds(
        [*PYTHON, "-c", "pass"], [*PROVISIONER, "--version"], [*PROVISIONER, "__complete", *words]
    )
    assert completed - nothing < 3 * (version - nothing)
