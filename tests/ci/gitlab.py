"""Runs the component of GitLab: which jobs a pipeline has, their scripts, their artifacts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from tests.ci.bench import TEMPLATES, Bench, Done

COMPONENT = TEMPLATES / "gitlab/chat-user-verification.yml"
PREFIX = "chat-user-verification:"
BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail")


def interpolated() -> str:
    """The jobs of the component, with its inputs put in as GitLab does."""
    head, body = COMPONENT.read_text().split("\n---\n")
    inputs = {name: each.get("default") for name, each in yaml.safe_load(head)["spec"]["inputs"].items()}
    inputs["image"] = "registry.example.com/provisioner@sha256:" + "0" * 64

    def value(match: re.Match[str]) -> str:
        found = inputs[match[1]]
        assert isinstance(found, str)
        return found

    return re.sub(r"\$\[\[ inputs\.(\w+) \]\]", value, body)


def jobs() -> dict[str, dict[str, Any]]:
    """Every job with what it extends."""
    written: dict[str, dict[str, Any]] = yaml.safe_load(interpolated())

    def whole(job: dict[str, Any]) -> dict[str, Any]:
        if "extends" not in job:
            return job
        base = whole(written[job["extends"]])
        variables = {**base.get("variables", {}), **job.get("variables", {})}
        return {**base, **job, "variables": variables}

    return {name.removeprefix(PREFIX): whole(job) for name, job in written.items() if not name.startswith(".")}


@dataclass
class Pipeline:
    """One pipeline. ``started`` are the manual jobs that a person starts, in this order, after the others."""

    bench: Bench
    predefined: dict[str, str]
    done: dict[str, Done] = field(default_factory=dict)
    manual: list[str] = field(default_factory=list)
    reports: dict[str, dict[str, str]] = field(default_factory=dict)

    def run(self, *started: str) -> dict[str, Done]:
        all_jobs = jobs()
        for name, job in all_jobs.items():
            rule = self._rule(job)
            if rule is None:
                continue
            if rule.get("when") == "manual":
                self.manual.append(name)
            elif self._ready(job):
                self._run(name, job)
        for name in started:
            assert name in self.manual
            self._run(name, all_jobs[name])
        return self.done

    def _rule(self, job: dict[str, Any]) -> dict[str, Any] | None:
        found: dict[str, Any] | None = next((each for each in job["rules"] if holds(each["if"], self.predefined)), None)
        return found

    def _ready(self, job: dict[str, Any]) -> bool:
        return all(needed in self.done and self.done[needed].passed for needed in _needs(job))

    def _run(self, name: str, job: dict[str, Any]) -> None:
        for cell in job.get("parallel", {}).get("matrix", [{}]):
            for values in [{key: each} for key, listed in cell.items() for each in listed] or [{}]:
                self._one(name, job, values)

    def _one(self, name: str, job: dict[str, Any], values: dict[str, str]) -> None:
        place = re.sub(r"\$(\w+)", lambda each: values[each[1]], job.get("environment", {}).get("name", ""))
        bench = self.bench
        bench.clean(_needs(job))
        variables = {**self.predefined, **job["variables"], **values, **(bench.secrets(place) if place else {})}
        done = bench.shell("\n".join(job["script"]), variables, shell=BASH)
        kept = job.get("artifacts", {})
        if done.passed or kept.get("when") == "always":
            missing = bench.keep(name, kept.get("paths", ()))
            assert not done.passed or missing in ([], ["provisioner-state"]), "without changes there is no journal"
            for kind, files in kept.get("reports", {}).items():
                for path in [files] if isinstance(files, str) else files:
                    self.reports.setdefault(name, {})[kind] = (bench.checkout / path).read_text()
        before = self.done.get(name)
        self.done[name] = done if before is None else Done(before.passed and done.passed, before.log + done.log)


def _needs(job: dict[str, Any]) -> list[str]:
    names = [each["job"] if isinstance(each, dict) else each for each in job.get("needs", [])]
    return [each.removeprefix(PREFIX) for each in names]


def holds(condition: str, variables: dict[str, str]) -> bool:
    """Whether a rule's condition is true: comparisons and single variables, joined by &&."""

    def value(word: str) -> str:
        return variables.get(word[1:], "") if word.startswith("$") else word.strip('"')

    def one(part: str) -> bool:
        compared = re.fullmatch(r"(\S+) (==|!=) (\S+)", part)
        if compared is None:
            assert re.fullmatch(r"\$\w+", part), part
            return bool(value(part))
        return (value(compared[1]) == value(compared[3])) is (compared[2] == "==")

    return all(one(part.strip()) for part in condition.split("&&"))
