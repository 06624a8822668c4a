"""The pipelines of Azure DevOps: their steps, run as shell, against two local orgs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from provisioner import localorg
from tests.ci.azure import FOLDER, Run
from tests.ci.bench import Bench
from tests.ci.forge import forge
from tests.ci.runner import ROOT
from tests.ci.team import Team

MAIN = {"Build.Reason": "IndividualCI", "Build.SourceBranch": "refs/heads/main"}
CHECK = Path(sys.executable).parent / "check-jsonschema"
REQUEST = {
    "Build.Reason": "PullRequest", "Build.SourceBranch": "refs/pull/3/merge", "Build.Repository.Provider": "TfsGit",
    "System.PullRequest.IsFork": "False", "Build.Repository.Id": "9b1", "System.PullRequest.PullRequestId": "3",
    "System.TeamProject": "My Shop",
}  # fmt: skip


@pytest.fixture
def bench(team: Team) -> Bench:
    return Bench(team)


def test_the_files_are_what_azure_takes(tmp_path: Path) -> None:
    """Azure reads every scalar as text, and so does its schema."""
    files = []
    for path in FOLDER.glob("*.yml"):
        files.append(tmp_path / f"{path.stem}.json")
        files[-1].write_text(json.dumps(yaml.load(path.read_text(), yaml.BaseLoader)))
    words = [CHECK, "--builtin-schema", "vendor.azure-pipelines", "--regex-variant", "nonunicode", *files]
    checked = subprocess.run(words, capture_output=True, text=True, timeout=100)
    assert checked.returncode == 0, checked.stdout[:2000]


def test_the_first_failing_command_ends_a_step() -> None:
    """The agent runs bash without -e."""
    for path in FOLDER.glob("*.yml"):
        text = path.read_text()
        assert text.count("- bash: |") == text.count("set -eu"), path.name


def test_the_program_is_installed_from_the_lock(tmp_path: Path) -> None:
    (tmp_path / "provisioner").symlink_to(ROOT)
    step = yaml.safe_load((FOLDER / "install.yml").read_text())["steps"][2]
    environment = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(tmp_path), "PIP_COMPILE": "0",
        "AGENT_TEMPDIRECTORY": str(tmp_path / "temp"), "AGENT_BUILDDIRECTORY": str(tmp_path),
    }  # fmt: skip
    done = subprocess.run(
        ["bash", "-c", step["bash"]], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=110
    )
    assert done.returncode == 0, done.stdout + done.stderr
    folder = done.stdout.strip().removeprefix("##vso[task.prependpath]")
    said = subprocess.run([f"{folder}/provisioner", "--version"], capture_output=True, text=True, timeout=30)
    assert said.stdout.startswith("provisioner ")


class TestPullRequest:
    def test_reports_and_one_comment(self, bench: Bench) -> None:
        with forge() as hub:
            hub.threads.append({"id": 1, "comments": [{"id": 1, "content": None}]})
            variables = {**REQUEST, "System.CollectionUri": f"{hub.url}/acme/"}
            for changed in (("verified: 60", "verified: 60"), ("verified: 60", "verified: 90")):
                bench.team.edit(*changed)
                run = Run(bench, variables)
                done = run.run("azure-pipelines.yml")
                assert {name: each.passed for name, each in done.items()} == {"validate": True, "plan_sandbox": True}, (
                    done
                )
                assert "### Plan for `sandbox`" in run.summaries[0]
            assert len(hub.threads) == 2
            assert "90" in hub.threads[1]["comments"][0]["content"]
            assert hub.threads[1]["status"] == "closed"

    def test_a_fork_is_validated_and_sees_no_secret(self, bench: Bench) -> None:
        run = Run(bench, {**REQUEST, "System.PullRequest.IsFork": "True"}, approved=())
        assert list(run.run("azure-pipelines.yml")) == ["validate"]
        (stage, *_) = yaml.safe_load((FOLDER / "azure-pipelines.yml").read_text())["stages"]
        assert "variables" not in stage

    def test_a_bad_declaration_goes_no_further(self, bench: Bench) -> None:
        bench.team.edit("{keyset: storefront, active: true}", "{keyset: storefrnt, active: true}")
        run = Run(bench, REQUEST)
        assert run.run("azure-pipelines.yml")["validate"].passed is False
        assert "plan_sandbox" not in run.done
        assert "channel-unknown-keyset" in run.results[0]


class TestMain:
    def test_to_production_and_back(self, bench: Bench) -> None:
        run = Run(bench, MAIN)
        done = run.run("azure-pipelines.yml")
        assert {name: each.passed for name, each in done.items()} == {
            "validate": True, "sandbox": True, "plan_production": True, "production": True,
        }, "".join(each.log for each in done.values())  # fmt: skip
        assert "### Plan for `production`" in run.summaries[0]
        night = Run(bench, MAIN).run("nightly.yml")
        assert night["all"].passed is True, night["all"].log
        back = Run(bench, MAIN, parameters={"environment": "production", "run": "7", "pipeline": "1"})
        assert back.run("rollback.yml")["rollback"].passed is True, back.done["rollback"].log
        night = Run(bench, MAIN).run("nightly.yml")
        assert night["all"].passed is False

    def test_something_destructive_has_approvers_of_its_own(self, bench: Bench) -> None:
        Run(bench, MAIN).run("azure-pipelines.yml")
        bench.team.edit("storefront_login:", "storefront_token:")
        run = Run(bench, MAIN, approved=("sandbox", "production-destructive"))
        done = run.run("azure-pipelines.yml")
        assert list(done) == ["validate", "sandbox", "plan_production", "production_destructive"]
        assert done["production_destructive"].passed is True, done["production_destructive"].log
        again = Run(bench, MAIN, approved=("sandbox",)).run("azure-pipelines.yml")
        assert list(again) == ["validate", "sandbox", "plan_production"], "nothing to approve"

    def test_a_failure_is_never_green(self, bench: Bench) -> None:
        localorg.break_(bench.team.orgs["production"], "metadata-permission-missing")
        done = Run(bench, MAIN).run("azure-pipelines.yml")
        assert (done["sandbox"].passed, done["plan_production"].passed) == (True, False)
        assert "production" not in done
        localorg.break_(bench.team.orgs["sandbox"], "metadata-permission-missing")
        done = Run(bench, MAIN).run("azure-pipelines.yml")
        assert done["sandbox"].passed is False, "verify would pass"
