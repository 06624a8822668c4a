"""Help, completion and ``--version`` start quickly: they load no room that acts, and no library."""

from __future__ import annotations

import json
import resource
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
#: The processor time of each help, after the modules that ``--version`` loads, and after those of any help ("loaded").
_TIMES_OF_HELP = """
import contextlib, io, json, sys, time
from provisioner.cli.commands import VERBS
from provisioner.cli.main import main
took = {}
for name, words in {"loaded": ["version"], **{verb: verb.split() for verb in VERBS}}.items():
    began = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        assert main(["help", *words]) == 0
    took[name] = time.process_time() - began
json.dump(took, sys.stderr)
"""
MOST_SECONDS = 0.05
#: What help and the completion of commands and options may load of this program; the rest belongs to a run.
LIGHT = {
    "cli",
    "errors",
    "hidden_characters",
    "model.names",
    "names",
    "redaction",
    "report.visible",
    "untrusted",
    "words",
}
LIBRARIES = {"cryptography", "jwt", "lxml", "requests", "simple_salesforce", "ssl", "tenacity", "urllib3", "yaml"}
PYTHON = [sys.executable]
PROVISIONER = [*PYTHON, "-m", "provisioner"]


def test_help_loads_nothing_that_acts() -> None:
    done = subprocess.run([*PYTHON, "-c", _HELP_OF_ALL], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = done.stderr.split()
    ours = {name.removeprefix("provisioner.") for name in loaded if name.startswith("provisioner.")}
    heavy = {name for name in ours if not any(name == each or name.startswith(f"{each}.") for each in LIGHT)}
    assert heavy <= {"model", "report"}, "a package without the modules in it costs nothing"
    assert not {name for name in ours if name.startswith("cli.verbs") or name == "cli.context"}
    assert LIBRARIES.isdisjoint(loaded)


def seconds(*commands: list[str]) -> list[float]:
    """Return the least seconds of processor time of each command; the commands take turns in each round."""
    took: list[list[float]] = [[] for _ in commands]
    for _ in range(ROUNDS):
        for command, figures in zip(commands, took, strict=True):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(command, capture_output=True, check=True, cwd=ROOT)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            figures.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return [min(each) for each in took]


def test_every_help_costs_at_most_50_ms_more_than_the_version() -> None:
    done = subprocess.run([*PYTHON, "-c", _TIMES_OF_HELP], capture_output=True, text=True, check=True, cwd=ROOT)
    took: dict[str, float] = json.loads(done.stderr)
    assert took.keys() == {"loaded", *VERBS}
    loaded = took.pop("loaded")
    assert {verb: loaded + own for verb, own in took.items() if loaded + own > MOST_SECONDS} == {}


def test_a_command_without_a_config_loads_no_library() -> None:
    code = (
        "import sys; from provisioner.cli.main import main; main(['version']); sys.stderr.write(' '.join(sys.modules))"
    )
    done = subprocess.run([*PYTHON, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = done.stderr.split()
    assert "provisioner.cli.verbs.version" in loaded
    assert LIBRARIES.isdisjoint(loaded)
    assert not {name for name in loaded if name.startswith(("provisioner.planning", "provisioner.model.estate"))}


@pytest.mark.parametrize(
    "words", [("=pl",), ("=--", "plan"), ("=", "plan", "--env"), ("=", "plan", "--target")], ids=" ".join
)
def test_completion_is_quick(words: tuple[str, ...]) -> None:
    nothing, version, completed = seconds(
        [*PYTHON, "-c", "pass"], [*PROVISIONER, "--version"], [*PROVISIONER, "__complete", *words]
    )
    assert completed - nothing < 3 * (version - nothing)
