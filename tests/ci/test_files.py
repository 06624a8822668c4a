"""The files that other people's programs read: the action, the workflows, the pre-commit hook."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.utils import canonicalize_name

from tests.locks import pinned_versions

ROOT = Path(__file__).parents[2]
#: Those that a team copies, and our own.
WORKFLOWS = [*sorted((ROOT / "docs/ci").glob("*.yml")), *sorted((ROOT / ".github/workflows").glob("*.yml"))]
DEPENDABOT = ROOT / ".github/dependabot.yml"
BIN = Path(sys.executable).parent


def run(*words: str | Path, folder: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*map(str, words)], cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, timeout=110
    )


def test_the_workflows_are_what_github_takes() -> None:
    assert len(WORKFLOWS) == 6
    checked = run(BIN / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_action_is_what_github_takes() -> None:
    checked = run(BIN / "check-jsonschema", "--builtin-schema", "vendor.github-actions", ROOT / "action.yml")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_dependabot_takes_its_configuration() -> None:
    checked = run(BIN / "check-jsonschema", "--builtin-schema", "vendor.dependabot", DEPENDABOT)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_nobody_can_inject_anything() -> None:
    """zizmor: unpinned actions, template injection, credentials that stay, permissions, dangerous triggers, …"""
    inputs = (ROOT / "action.yml", *WORKFLOWS, DEPENDABOT)
    audited = run(BIN / "zizmor", "--offline", "--no-progress", "--format", "json", *inputs)
    assert json.loads(audited.stdout) == [], audited.stdout
    assert audited.returncode == 0, audited.stderr


def test_the_job_that_forks_run_is_untrusted() -> None:
    jobs = yaml.safe_load((ROOT / "docs/ci/pull-request.yml").read_text())["jobs"]
    for name, job in jobs.items():
        commands = [step["run"] for step in job["steps"] if "provisioner " in step.get("run", "")]
        assert commands, name
        if "if" not in job:
            lines = [line for command in commands for line in command.splitlines() if "provisioner " in line]
            assert all("--untrusted" in line for line in lines)
            assert "environment" not in job


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_secrets_go_to_no_code_of_a_fork(path: Path) -> None:
    text = path.read_text()
    document = yaml.safe_load(text)
    triggers = document[True]  # YAML 1.1 reads `on` so
    assert "pull_request_target" not in triggers
    assert document["permissions"] == {}
    for name, job in document["jobs"].items():
        asks = "secrets." in json.dumps(job)
        if asks and "pull_request" in triggers:
            assert job["if"] == "github.event.pull_request.head.repo.full_name == github.repository", name
        if asks:
            assert job["environment"], "its secrets belong to an environment, with its own protections"
    assert not re.search(r"(?:key|secret|token|password): *[A-Za-z0-9+/=_-]{16,}$", text, re.MULTILINE | re.IGNORECASE)


@pytest.mark.parametrize("path", [*WORKFLOWS, ROOT / "action.yml"], ids=lambda path: path.name)
def test_actions_of_others_are_pinned_to_a_commit(path: Path) -> None:
    for uses, comment in re.findall(r"uses: (\S+)(.*)", path.read_text()):
        name, _, commit = uses.partition("@")
        assert re.fullmatch(r"[0-9a-f]{40}", commit), uses
        if not name.startswith("your-org/"):
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), "Dependabot reads the version there"


def test_the_hook_is_what_pre_commit_takes() -> None:
    checked = run(BIN / "pre-commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_hooks_command_is_one_of_ours(tmp_path: Path) -> None:
    """Run as pre-commit runs it: in the repository's folder, without names of files."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert hook["pass_filenames"] is False
    shutil.copytree(ROOT / "config", tmp_path / "config")
    words = hook["entry"].split()
    assert words[0] == "provisioner"
    good = run(sys.executable, "-m", "provisioner", *words[1:], folder=tmp_path, PYTHONPATH=str(ROOT))
    assert good.returncode == 0, good.stderr
    path = tmp_path / "config/user-verification.yaml"
    path.write_text(path.read_text().replace("keyset: storefront", "keyset: storefrnt"))
    bad = run(sys.executable, "-m", "provisioner", *words[1:], folder=tmp_path, PYTHONPATH=str(ROOT))
    assert bad.returncode == 1
    assert re.match(hook["files"], "config/environments/local.yaml")
    assert not re.match(hook["files"], "src/config.py")


@dataclass
class Action:
    """The steps of action.yml, run for real in a folder that stands for a stranger's checkout."""

    folder: Path
    name_downloads: dict[str, Any] = field(init=False)
    keep_downloads: dict[str, Any] = field(init=False)
    install: dict[str, Any] = field(init=False)
    command: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        steps = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
        self.name_downloads, self.keep_downloads, self.install, self.command = steps
        self.files = {name: self.folder / name for name in ("GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")}
        for each in self.files.values():
            each.touch()

    def run(self, step: dict[str, Any], **environment: str) -> subprocess.CompletedProcess[str]:
        self.files["GITHUB_OUTPUT"].write_text("")
        return run(
            "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"], folder=self.folder,
            **{
                "PYTHONPATH": "", "RUNNER_TEMP": str(self.folder), "GITHUB_ACTION_PATH": str(ROOT),
                "PYTHON": sys.executable, "PIP_CACHE_DIR": str(self.folder / "provisioner-downloads"),
                "SUMMARY": "false",
                **{name: str(path) for name, path in self.files.items()}, **environment,
            },
        )  # fmt: skip

    @property
    def status(self) -> str:
        """What the step gave as its output ``status``."""
        lines = self.files["GITHUB_OUTPUT"].read_text().splitlines()
        return dict(line.partition("=")[::2] for line in lines)["status"]


def test_the_action_installs_the_program_and_runs_it(tmp_path: Path) -> None:
    """Its steps for real, installing included: as a stranger's repository would use it."""
    action = Action(tmp_path)
    shutil.copytree(ROOT / "config", tmp_path / "config")
    for module in ("venv", "pip", "ensurepip", "subprocess", "hatchling", "sitecustomize"):
        (tmp_path / f"{module}.py").write_text(f"open({str(tmp_path / 'imported')!r}, 'w')\n")
    installed = action.run(action.install)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    assert not (tmp_path / "imported").exists(), "a Python file of the checkout ran"
    (on_path,) = action.files["GITHUB_PATH"].read_text().split()
    assert sorted(each.name for each in Path(on_path).iterdir()) == ["provisioner"]
    said = run(Path(on_path) / "provisioner", "--version", folder=tmp_path, PYTHONPATH="")
    assert said.stdout.startswith("provisioner ")
    assert installed_versions(tmp_path / "provisioner") <= pinned_versions("runtime")

    good = action.run(action.command, COMMAND="validate --env 'local'", SUMMARY="true")
    assert good.returncode == 0, good.stderr
    assert action.status == "0"
    assert "No findings." in action.files["GITHUB_STEP_SUMMARY"].read_text()
    injected = action.run(action.command, COMMAND='validate --env "$(touch injected)`touch injected`; touch injected"')
    assert injected.returncode != 0
    assert not (tmp_path / "injected").exists(), "nothing in the words is expanded"
    assert action.run(action.command, COMMAND="rules").returncode == 0


def test_the_action_where_python_is_as_on_windows(tmp_path: Path) -> None:
    """A virtual environment has Scripts in place of bin there; RUNNER_TEMP has a blank here."""
    temp = tmp_path / "a b"
    temp.mkdir()
    python = tmp_path / "python"
    python.write_text(
        f'#!/bin/sh\n"{sys.executable}" "$@" || exit\n'
        'case "$*" in "-I -m venv "*)\n'
        f'  cd "{temp}/provisioner" && mv bin Scripts && ln -s Scripts bin;; # pip on POSIX writes into bin\n'
        "esac\n"
    )
    python.chmod(0o755)
    action = Action(temp)
    installed = action.run(action.install, PYTHON=str(python))
    assert installed.returncode == 0, installed.stdout + installed.stderr
    (on_path,) = action.files["GITHUB_PATH"].read_text().splitlines()
    assert run(Path(on_path) / "provisioner", "--version", PYTHONPATH="").stdout.startswith("provisioner ")
    assert action.run(action.install, PYTHON=str(python)).returncode == 0, "a second step of the same job"
    assert action.run(action.command, COMMAND="version").returncode == 0


def test_downloads_are_kept_by_the_lock(tmp_path: Path) -> None:
    action = Action(tmp_path)
    assert action.run(action.name_downloads).returncode == 0
    named = action.files["GITHUB_OUTPUT"].read_text()
    assert re.fullmatch(r"lock=[0-9a-f]{40}\n", named)
    assert "steps.downloads.outputs.lock" in action.keep_downloads["with"]["key"]
    assert action.install["env"]["PIP_CACHE_DIR"] == action.keep_downloads["with"]["path"]


def installed_versions(venv: Path) -> set[tuple[str, str]]:
    """Every distribution in a virtual environment, but those that every one has, and our own."""
    listed = run(venv / "bin/python", "-m", "pip", "list", "--format", "json", PYTHONPATH="")
    own = ("pip", "setuptools", "salesforce-verification-provisioner")
    return {
        (canonicalize_name(each["name"]), each["version"])
        for each in json.loads(listed.stdout)
        if each["name"] not in own
    }


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("plan --env 'a b' \"c d\"", ["plan", "--env", "a b", "c d"]),
        ("plan\n  --env\n  local\n", ["plan", "--env", "local"]),
        ("plan --env ''", ["plan", "--env", ""]),
        (r"plan a\ b '$HOME' *", ["plan", "a b", "$HOME", "*"]),
        ('apply --env sandbox --yes "--check-only', None),
        ("apply --env it's --check-only", None),
        ("apply 'a\nb' --check-only", None),
    ],
)
def test_the_action_runs_all_words_or_none(command: str, words: list[str] | None, tmp_path: Path) -> None:
    action = Action(tmp_path)
    program = tmp_path / "provisioner/path/provisioner"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\nprintf '%s\\0' \"$@\" > '{tmp_path / 'words'}'\n")
    program.chmod(0o755)

    done = action.run(action.command, COMMAND=command)

    if words is None:
        assert (done.returncode, action.status) == (64, "64")
        assert "Close each quote" in done.stdout
        assert not (tmp_path / "words").exists()
    else:
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "words").read_text().split("\0")[:-1] == words


def test_the_action_needs_nothing_newer_than_bash_3() -> None:
    """macOS has bash 3.2."""
    for step in (each for each in yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"] if "run" in each):
        newer = r"mapfile|readarray|declare -A|\$\{\w+(?:\^|,,|@[A-Za-z])|&>>|\|&|coproc|\[\[ -v|wait -n"
        assert not re.search(newer, step["run"]), step["name"]
