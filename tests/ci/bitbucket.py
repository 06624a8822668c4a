"""Runs the steps of Bitbucket Pipelines: deployments with their variables, manual steps, artifacts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from tests.ci.bench import TEMPLATES, Bench, Done

FILE = TEMPLATES / "bitbucket/bitbucket-pipelines.yml"
BASH = ("bash", "--noprofile", "--norc", "-e")
#: The secrets of each deployment.
DEPLOYMENTS = {
    "sandbox-plan": "sandbox", "sandbox": "sandbox", "production-plan": "production", "production": "production",
    "production-rollback": "production",
}  # fmt: skip


def steps(*path: str) -> list[dict[str, Any]]:
    """The steps of a pipeline such as ``branches``, ``main``."""
    found: Any = yaml.safe_load(FILE.read_text())["pipelines"]
    for part in path:
        found = found[part]
    return [each["step"] for each in found]


@dataclass
class Pipeline:
    """One run: it stops at a failure, and at a manual step that nobody starts."""

    bench: Bench
    started: tuple[str, ...] = ()
    done: dict[str, Done] = field(default_factory=dict)

    def run(self, *path: str) -> dict[str, Done]:
        kept: list[str] = []
        places = [each["deployment"] for each in steps(*path) if "deployment" in each]
        assert len(set(places)) == len(places), "a pipeline has one step a deployment"
        for step in steps(*path):
            if step.get("trigger") == "manual" and step["name"] not in self.started:
                break
            place = step.get("deployment")
            self.bench.clean(kept)
            secrets = self.bench.secrets(DEPLOYMENTS[place]) if place else {}
            done = self.done[step["name"]] = self.bench.shell("\n".join(step["script"]), secrets, shell=BASH)
            if not done.passed:
                break
            self.bench.keep(step["name"], [each.removesuffix("/**") for each in step.get("artifacts", [])])
            kept.append(step["name"])
        return self.done
