"""Runs a workflow's jobs here: each ``run:`` as shell, our own action for real, the few others as what they come to.

What GitHub's runner does is done as far as these workflows need it: expressions of one comparison, contexts, files for
outputs, the PATH and the summary, secrets masked by nobody. `gh` is a program that keeps comments and issues in a file.
"""

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

import yaml

from tests import forked

ROOT = Path(__file__).parents[2]
OURS = "your-org/salesforce-verification-provisioner@"
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Done:
    """How a job ended: None for one that was skipped. ``failed`` names the step."""

    passed: bool | None
    outputs: dict[str, str]
    log: str
    summary: str
    failed: str | None = None


@dataclass
class Runner:
    """``workspace`` is the repository's checkout; ``secrets`` by environment (of GitHub), and under "" everybody's.

    ``base`` is a checkout of a pull request's target branch. ``inputs`` are those of a run that was started by hand.
    """

    folder: Path
    workspace: Path
    secrets: dict[str, dict[str, str]]
    event: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    base: Path | None = None
    artifacts: Path = field(init=False)

    def __post_init__(self) -> None:
        self.artifacts = self.folder / "artifacts"
        self.bin = self.folder / "bin"
        for each in (self.artifacts, self.bin, self.temp, self.folder / "home"):
            each.mkdir(parents=True, exist_ok=True)
        gh = self.bin / "gh"
        gh.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).with_name("gh.py")}" "$@"\n')
        gh.chmod(0o755)
        # The action finds the program installed: its own installing is tested apart, for it takes its time.
        installed = self.temp / "provisioner/path/provisioner"
        installed.parent.mkdir(parents=True, exist_ok=True)
        forked.program(installed)

    @property
    def temp(self) -> Path:
        return self.folder / "temp"

    @property
    def hub(self) -> dict[str, Any]:
        """What `gh` was used for: comments, issues, and every call."""
        path = self.folder / "hub.json"
        found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        return {"comments": [], "issues": [], "calls": [], **found}

    def workflow(self, name: str) -> dict[str, Done]:
        """Run a workflow's jobs in their order."""
        document = yaml.safe_load((ROOT / "docs/ci" / name).read_text())
        done: dict[str, Done] = {}
        for job_name, job in document["jobs"].items():
            needs = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
            context = {
                "github": self.github,
                "inputs": self.inputs,
                "needs": {each: {"outputs": done[each].outputs} for each in needs},
            }
            wanted = all(done[each].passed for each in needs) and _holds(job.get("if"), context)
            if not wanted:
                done[job_name] = Done(None, {}, "", "")
                continue
            for cell in _matrix(job, context):
                variables = {**document.get("env", {}), **job.get("env", {})}
                found = self._job({**job, "env": variables}, {**context, "matrix": cell})
                before = done.get(job_name)
                if before is None or before.passed:
                    done[job_name] = found
        return done

    @property
    def github(self) -> dict[str, Any]:
        return {"token": "ghs_token", "repository": "acme/shop", "event": self.event}

    def _job(self, job: dict[str, Any], context: dict[str, Any]) -> Done:
        own = self.secrets.get(_text(job.get("environment", ""), context), {})
        context = {**context, "secrets": {**self.secrets.get("", {}), **own}, "steps": {}}
        if self.is_fork:
            context["secrets"] = {}
        variables = _resolved(job.get("env", {}), context)
        state = _State(self, variables, context)
        failed = None
        for step in job["steps"]:
            wanted = step.get("if") == "always()" or (failed is None and _holds(step.get("if"), context))
            if wanted and not state.step(step):
                failed = failed or str(step.get("name") or step.get("uses"))
        outputs = {name: _text(value, context) for name, value in job.get("outputs", {}).items()}
        return Done(failed is None, outputs, state.log, state.summary.read_text(), failed)

    @property
    def is_fork(self) -> bool:
        request = self.event.get("pull_request")
        return request is not None and request["head"]["repo"]["full_name"] != "acme/shop"


class _State:
    """A job under way."""

    def __init__(self, runner: Runner, variables: dict[str, str], context: dict[str, Any]) -> None:
        self.runner, self.variables, self.context = runner, variables, context
        self.log = ""
        self.summary = runner.folder / f"summary-{len(list(runner.folder.glob('summary-*')))}"
        self.summary.touch()
        self.path = [str(runner.bin)]

    def step(self, step: dict[str, Any]) -> bool:
        uses = str(step.get("uses", ""))
        if "run" in step:
            return self._run(step, self.context, step.get("id"))
        if uses.startswith(OURS):
            return self._our_action(step)
        action, given = (
            uses.partition("@")[0],
            {each: _text(value, self.context) for each, value in step["with"].items()},
        )
        workspace = self.runner.workspace
        match action:
            case "actions/upload-artifact":
                _upload(
                    workspace / given["path"],
                    self.runner.artifacts / given["name"],
                    given.get("if-no-files-found", "error"),
                )
            case "actions/download-artifact":
                target = workspace / given.get("path", ".")
                shutil.copytree(self.runner.artifacts / given["name"], target, dirs_exist_ok=True)
            case "actions/checkout" if "path" in given:
                assert self.runner.base is not None
                assert given["ref"] == self.runner.event["pull_request"]["base"]["sha"]
                shutil.copytree(self.runner.base, workspace / given["path"], dirs_exist_ok=True)
            case "actions/checkout":
                assert given == {"persist-credentials": "false"}
                for each in ("plan.json", "comment.md", "drift.md"):  # a checkout is clean
                    (workspace / each).unlink(missing_ok=True)
                for each in ("provisioner-state", "base"):
                    shutil.rmtree(workspace / each, ignore_errors=True)
            case _:
                raise AssertionError(uses)
        return True

    def _our_action(self, step: dict[str, Any]) -> bool:
        action = yaml.safe_load((ROOT / "action.yml").read_text())
        given = {name: _text(value, self.context) for name, value in step.get("with", {}).items()}
        inputs = {name: given.get(name, each.get("default", "")) for name, each in action["inputs"].items()}
        context = {**self.context, "inputs": inputs, "steps": {}}
        for each in action["runs"]["steps"]:
            if each.get("uses", "").startswith("actions/cache@"):
                continue  # nothing was kept
            if _holds(each.get("if"), context) and not self._run(each, context, each.get("id")):
                return False
        if step.get("id"):
            values = {name: _text(each["value"], context) for name, each in action["outputs"].items()}
            self.context["steps"][step["id"]] = {"outputs": values}
        return True

    def _run(self, step: dict[str, Any], context: dict[str, Any], step_id: str | None) -> bool:
        files = {name: self.runner.temp / f"{name}-{os.urandom(4).hex()}" for name in ("GITHUB_OUTPUT", "GITHUB_PATH")}
        for each in files.values():
            each.touch()
        environment = {
            **{name: value for name, value in os.environ.items() if name in ("LANG", "SSL_CERT_FILE")},
            "PATH": ":".join([*self.path, "/usr/local/bin:/usr/bin:/bin"]),
            "HOME": str(self.runner.folder / "home"),
            "PYTHONPATH": str(ROOT),
            "CI": "true",
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "RUNNER_TEMP": str(self.runner.temp),
            "HUB": str(self.runner.folder / "hub.json"),
            **{name: str(path) for name, path in files.items()},
            **self.variables,
            **_resolved(step.get("env", {}), context),
        }
        script = _text(step["run"], context)
        assert "${{" not in str(step["run"]), "an expression in a script is an injection"
        ran = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.runner.workspace, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=100,
        )  # fmt: skip
        self.log += f"## {step.get('name')}\n{ran.stdout}{ran.stderr}\n"
        outputs = dict(line.partition("=")[::2] for line in files["GITHUB_OUTPUT"].read_text().splitlines())
        if step_id:
            context["steps"][step_id] = {"outputs": outputs}
        self.path = [*files["GITHUB_PATH"].read_text().split(), *self.path]
        return ran.returncode == 0


def _upload(source: Path, target: Path, if_missing: str) -> None:
    if source.is_dir():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)
    elif source.exists():
        target.mkdir(exist_ok=True)
        shutil.copy(source, target)
    else:
        assert if_missing == "ignore", source


def _matrix(job: dict[str, Any], context: dict[str, Any]) -> list[dict[str, Any]]:
    if "strategy" not in job:
        return [{}]
    wanted = _EXPRESSION.fullmatch(job["strategy"]["matrix"])
    assert wanted is not None
    inner = re.fullmatch(r"fromJSON\((.*)\)", wanted[1])
    assert inner is not None
    cells: list[dict[str, Any]] = json.loads(_value(inner[1], context))["include"]
    return cells


def _holds(condition: str | None, context: dict[str, Any]) -> bool:
    if condition is None:
        return True
    left, sign, right = re.split(r"\s*(==|!=)\s*", condition)
    return (_value(left, context) == _value(right, context)) is (sign == "==")


def _resolved(values: dict[str, Any], context: dict[str, Any]) -> dict[str, str]:
    return {name: _text(value, context) for name, value in values.items()}


def _text(value: object, context: dict[str, Any]) -> str:
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    return _EXPRESSION.sub(lambda match: _value(match[1], context), shown)


def _value(expression: str, context: dict[str, Any]) -> str:
    if expression.startswith("'"):
        return expression.strip("'")
    found: Any = context
    for part in expression.split("."):
        found = found.get(part, "") if isinstance(found, dict) else ""
    return str(found)
