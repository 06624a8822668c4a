"""The files that other people's programs read: the action, the workflows, the pre-commit hook."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

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
    assert len(WORKFLOWS) == 5
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


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
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


def test_the_action_installs_the_program_and_runs_it(tmp_path: Path) -> None:
    """Its steps for real, installing included: as a stranger's repository would use it."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    install, command = action["runs"]["steps"]
    shutil.copytree(ROOT / "config", tmp_path / "config")
    files = {name: tmp_path / name for name in ("GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")}
    for each in files.values():
        each.touch()
    environment = {
        **{name: str(path) for name, path in files.items()},
        "RUNNER_TEMP": str(tmp_path), "GITHUB_ACTION_PATH": str(ROOT), "PYTHON": sys.executable,
    }  # fmt: skip
    bash = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")
    installed = run(*bash, install["run"], folder=tmp_path, **environment)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    (on_path,) = files["GITHUB_PATH"].read_text().split()
    assert sorted(each.name for each in Path(on_path).iterdir()) == ["provisioner"]
    said = run(Path(on_path) / "provisioner", "--version", folder=tmp_path, PYTHONPATH="")
    assert said.stdout.startswith("provisioner ")

    def runs(words: str, summary: str = "false") -> subprocess.CompletedProcess[str]:
        files["GITHUB_OUTPUT"].write_text("")
        return run(*bash, command["run"], folder=tmp_path, PYTHONPATH="", COMMAND=words, SUMMARY=summary, **environment)

    good = runs("validate --env 'local'", "true")
    assert good.returncode == 0, good.stderr
    assert "status=0" in files["GITHUB_OUTPUT"].read_text()
    assert "No findings." in files["GITHUB_STEP_SUMMARY"].read_text()
    injected = runs('validate --env "$(touch injected)`touch injected`; touch injected"')
    assert injected.returncode != 0
    assert not (tmp_path / "injected").exists(), "nothing in the words is expanded"
    assert runs("rules").returncode == 0
