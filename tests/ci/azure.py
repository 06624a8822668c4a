"""Runs the stages of Azure Pipelines: conditions, variable groups, environments, steps, artifacts, outputs."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.ci.bench import TEMPLATES, Bench, Done

FOLDER = TEMPLATES / "azure"
BASH = ("bash", "--noprofile", "--norc")
#: What each variable group and environment gives.
GROUPS = {"chat-sandbox": "sandbox", "chat-production": "production"}


@dataclass
class Run:
    """One run of a pipeline file. ``approved`` are the environments whose approvers said yes."""

    bench: Bench
    variables: dict[str, str]
    parameters: dict[str, str] = field(default_factory=dict)
    approved: tuple[str, ...] = ("sandbox", "production", "production-destructive")
    outputs: dict[str, str] = field(default_factory=dict)
    done: dict[str, Done] = field(default_factory=dict)
    results: list[str] = field(default_factory=list)
    summaries: list[str] = field(default_factory=list)

    def run(self, name: str) -> dict[str, Done]:
        text = (FOLDER / name).read_text()
        text = re.sub(r"\$\{\{ parameters\.(\w+) \}\}", lambda each: self.parameters[each[1]], text)
        document = yaml.safe_load(text)
        assert not re.search(r"[&*][a-z]+$", text, re.MULTILINE), "Azure Pipelines has no anchors"
        for stage in document.get("stages", [{"stage": "all", **document}]):
            needed = stage.get("dependsOn")
            if needed is not None and needed not in self.done:
                continue
            succeeded = needed is None or self.done[needed].passed
            if self._holds(stage.get("condition", "succeeded()"), succeeded):
                (job,) = stage["jobs"]
                self._job(stage["stage"], job, [*_pairs(document), *_pairs(stage)])
        return self.done

    def _job(self, stage: str, job: dict[str, Any], variables: list[dict[str, str]]) -> None:
        steps = job.get("steps")
        if steps is None:
            assert job["environment"] in self.approved
            steps = job["strategy"]["runOnce"]["deploy"]["steps"]
        assert job["timeoutInMinutes"]
        groups = [GROUPS[each["group"]] for each in variables if "group" in each]
        plain = {each["name"]: each["value"] for each in variables if "name" in each}
        passed, log = True, ""
        for cell in job.get("strategy", {}).get("matrix", {"": {}}).values():
            state = _Job(self, groups, {**plain, **cell})
            ok = state.steps(steps, f"{job.get('job')}")
            passed, log = passed and ok, log + state.log
        self.done[stage] = Done(passed, log)

    def _holds(self, condition: str, succeeded: bool) -> bool:
        """Whether a condition is true; those of these files are comparisons joined by and()."""
        inner = re.fullmatch(r"and\((.*)\)", condition)
        return all(self._one(each, succeeded) for each in _arguments(inner[1] if inner else condition))

    def _one(self, part: str, succeeded: bool) -> bool:
        if part in ("succeeded()", "succeededOrFailed()", "always()"):
            return succeeded or part != "succeeded()"
        found = re.fullmatch(r"(eq|ne)\((.+), '([^']*)'\)", part)
        assert found is not None, part
        name = re.fullmatch(r"variables\['(.+)'\]|dependencies\.\w+\.outputs\['\w+\.(.+)'\]", found[2])
        assert name is not None, part
        value = self.variables.get(name[1], "") if name[1] else self.outputs[name[2]]
        return (value == found[3]) is (found[1] == "eq")


class _Job:
    def __init__(self, run: Run, groups: list[str], variables: dict[str, str]) -> None:
        self.run, self.variables, self.log = run, variables, ""
        bench = run.bench
        self.secrets = {**bench.secrets(*groups), "System.AccessToken": "system-token", **variables, **run.variables}
        bench.clean()

    def steps(self, steps: list[dict[str, Any]], job: str) -> bool:
        passed = True
        for step in steps:
            if self.run._holds(step.get("condition", "succeeded()"), passed) and not self._step(step):
                passed = False
        return passed

    def _step(self, step: dict[str, Any]) -> bool:
        bench = self.run.bench
        if "template" in step:
            template = yaml.safe_load((FOLDER / step["template"]).read_text())["steps"]
            assert [each.get("checkout") for each in template] == ["self", "provisioner", None]
            assert 'sh "$source/.ci/venv"' in template[2]["bash"], "run for real in test_files.py"
            tool = bench.temp / "provisioner/bin"
            tool.mkdir(parents=True, exist_ok=True)
            shutil.copy(bench.bin / "python", tool)
            return True
        if "bash" in step:
            return self._bash(step)
        if "publish" in step:
            source, target = bench.checkout / step["publish"], bench.artifacts / self._text(step["artifact"])
            if source.is_dir():  # the artifact is the content of the folder
                shutil.copytree(source, target, dirs_exist_ok=True)
                return True
            return not bench.keep(target.name, [step["publish"]])
        if "download" in step:
            if step["download"] == "current":
                bench.take(step["artifact"], bench.checkout.parent / step["artifact"])
            return True
        given = {name: self._text(value) for name, value in step["inputs"].items()}
        match step["task"]:
            case "PublishTestResults@2":
                found = [each for each in bench.checkout.glob("*.xml") if each.stem in given["testResultsFiles"]]
                self.run.results += [each.read_text() for each in found]
                return bool(found)
            case "DownloadPipelineArtifact@2":
                for each in bench.artifacts.glob(given["itemPattern"].partition("/")[0]):
                    bench.take(each.name, Path(given["targetPath"]) / each.name)
                return True
            case unknown:
                raise AssertionError(unknown)

    def _bash(self, step: dict[str, Any]) -> bool:
        assert "$(" not in step["bash"], "a macro in a script is an injection"
        bench = self.run.bench
        predefined = {each.upper().replace(".", "_"): value for each, value in self.run.variables.items()}
        variables = {
            **predefined,
            **self.variables,
            "AGENT_TEMPDIRECTORY": str(bench.temp),
            "PIPELINE_WORKSPACE": str(bench.checkout.parent),
            **{name: self._text(value) for name, value in step.get("env", {}).items()},
        }
        # The agent does not set -e: without it the last command alone would decide.
        done = bench.shell(step["bash"], variables, shell=BASH)
        self.log += done.log
        for name, value in re.findall(r"^##vso\[task\.setvariable variable=(\w+);isOutput=true\](.*)$", done.log, re.M):
            self.run.outputs[f"{step['name']}.{name}"] = value
        for path in re.findall(r"^##vso\[task\.uploadsummary\](.*)$", done.log, re.M):
            self.run.summaries.append(Path(path).read_text())
        return done.passed

    def _text(self, value: object) -> str:
        known = {
            **self.secrets,
            "System.StageAttempt": "1",
            "System.TeamProject": "My Shop",
            "Pipeline.Workspace": str(self.run.bench.checkout.parent),
        }
        return re.sub(r"\$\(([\w.]+)\)", lambda each: known.get(each[1], ""), str(value))


def _pairs(part: dict[str, Any]) -> list[dict[str, str]]:
    written = part.get("variables", [])
    return [{"name": name, "value": value} for name, value in written.items()] if isinstance(written, dict) else written


def _arguments(text: str) -> list[str]:
    """Split at the commas outside of parentheses."""
    parts, depth = [""], 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [each.strip() for each in parts]
