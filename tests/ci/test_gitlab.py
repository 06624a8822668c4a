"""The component of GitLab: its jobs, run as shell, against two local orgs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from provisioner import localorg
from tests.ci.bench import TEMPLATES, Bench
from tests.ci.forge import forge
from tests.ci.gitlab import Pipeline, holds, interpolated, jobs
from tests.ci.team import Team

BRANCH = {"CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main", "CI_PIPELINE_SOURCE": "push", "CI_PROJECT_ID": "7"}
REQUEST = {
    "CI_PIPELINE_SOURCE": "merge_request_event", "CI_DEFAULT_BRANCH": "main", "CI_PROJECT_ID": "7",
    "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "7", "CI_MERGE_REQUEST_IID": "3",
}  # fmt: skip
CHECK = Path(sys.executable).parent / "check-jsonschema"
PRODUCTION = ("apply-production", "apply-production-destructive", "rollback-production")


@pytest.fixture
def bench(team: Team) -> Bench:
    return Bench(team)


def test_the_files_are_what_gitlab_takes(tmp_path: Path) -> None:
    (tmp_path / "jobs.yml").write_text(interpolated())
    files = (tmp_path / "jobs.yml", TEMPLATES / "gitlab/.gitlab-ci.yml")
    words = [CHECK, "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", *files]
    checked = subprocess.run(words, capture_output=True, text=True, timeout=100)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_job_has_a_limit_and_production_a_lock() -> None:
    for name, job in jobs().items():
        assert job["timeout"], name
        place = job.get("environment", {})
        if place and place.get("action") != "access":
            assert job["resource_group"].removeprefix("chat-user-verification-") in place["name"], name
        if "production" in place.get("name", ""):
            assert holds("$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH", BRANCH)
            assert all("$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH" in rule["if"] for rule in job["rules"]), name


class TestMergeRequest:
    def test_reports_and_one_note(self, bench: Bench) -> None:
        with forge() as hub:
            variables = {**REQUEST, "CI_API_V4_URL": f"{hub.url}/api/v4", "PROVISIONER_NOTE_TOKEN": "glpat-token"}
            stranger = {"author": {"id": 1}, "body": "<!-- provisioner: plan -->\nmine"}
            hub.notes += [{"id": 1, **stranger}, {"id": 2, **stranger}]
            pipeline = Pipeline(bench, variables)
            done = pipeline.run()
            assert {name: each.passed for name, each in done.items()} == {
                "validate": True, "plan-sandbox": True, "note": True,
            }, "".join(each.log for each in done.values())  # fmt: skip
            sums = json.loads(pipeline.reports["plan-sandbox"]["terraform"])
            assert sums == {"create": 3, "update": 1, "delete": 0}
            assert json.loads(pipeline.reports["validate"]["codequality"]) == []
            assert hub.notes[2]["body"].startswith("<!-- provisioner: plan -->\n### Plan for `sandbox`")
            bench.team.edit("verified: 60", "verified: 90")
            Pipeline(bench, variables).run()
            assert len(hub.notes) == 3
            assert "90" in hub.notes[2]["body"]

    def test_a_bad_declaration_is_reported_and_goes_no_further(self, bench: Bench) -> None:
        bench.team.edit("{keyset: storefront, active: true}", "{keyset: storefrnt, active: true}")
        pipeline = Pipeline(bench, REQUEST)
        assert {name: each.passed for name, each in pipeline.run().items()} == {"validate": False}
        issues = json.loads(pipeline.reports["validate"]["codequality"])
        assert issues[0]["location"]["path"].endswith("config/user-verification.yaml")
        assert issues[0]["check_name"] == "channel-unknown-keyset"
        assert ElementTree.fromstring(pipeline.reports["validate"]["junit"]).find(".//failure") is not None

    def test_a_fork_is_validated_and_sees_no_secret(self, bench: Bench) -> None:
        variables = {**REQUEST, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "8", "PROVISIONER_NOTE_TOKEN": "glpat-token"}
        assert list(Pipeline(bench, variables).run()) == ["validate"]
        assert "environment" not in jobs()["validate"]

    def test_an_unreadable_org_fails_the_job(self, bench: Bench) -> None:
        localorg.break_(bench.team.orgs["sandbox"], "channel-unreadable")
        pipeline = Pipeline(bench, REQUEST)
        assert pipeline.run()["plan-sandbox"].passed is False
        assert "plan-sandbox" not in pipeline.reports


class TestDefaultBranch:
    def test_to_the_sandbox_and_after_approval_to_production(self, bench: Bench) -> None:
        pipeline = Pipeline(bench, BRANCH)
        done = pipeline.run("apply-production", "rollback-production", "rollback-sandbox")
        assert all(each.passed for each in done.values()), "".join(each.log for each in done.values())
        assert list(done) == [
            "validate", "apply-sandbox", "plan-production", "apply-production", "rollback-production",
            "rollback-sandbox",
        ]  # fmt: skip
        assert set(PRODUCTION) <= set(pipeline.manual)
        assert "customers with a token of" in done["apply-production"].log
        drift = Pipeline(bench, {**BRANCH, "CI_PIPELINE_SOURCE": "schedule"})
        assert drift.run()["watch"].passed is False, "production is as it was before"

    def test_something_destructive_takes_another_job(self, bench: Bench) -> None:
        Pipeline(bench, BRANCH).run("apply-production")
        bench.team.edit("storefront_login:", "storefront_token:")
        refused = Pipeline(bench, BRANCH).run("apply-production")["apply-production"]
        assert (refused.passed, "--allow-destroy" in refused.log) == (False, True)
        done = Pipeline(bench, BRANCH).run("apply-production-destructive", "rollback-production")
        assert all(each.passed for each in done.values()), done["rollback-production"].log
        assert jobs()["apply-production-destructive"]["environment"]["name"] == "production-destructive"

    def test_what_does_not_verify_in_the_sandbox_goes_no_further(self, bench: Bench) -> None:
        localorg.break_(bench.team.orgs["sandbox"], "chat-wrong-subject")
        done = Pipeline(bench, BRANCH).run()
        assert {name: each.passed for name, each in done.items()} == {"validate": True, "apply-sandbox": False}
        assert list(bench.artifacts.joinpath("apply-sandbox").rglob("*.json")), "the journal is kept all the same"

    def test_an_unreadable_production_is_never_green(self, bench: Bench) -> None:
        localorg.break_(bench.team.orgs["production"], "metadata-permission-missing")
        done = Pipeline(bench, BRANCH).run()
        assert done["plan-production"].passed is False
        assert not list(bench.artifacts.joinpath("plan-production").glob("*"))


def test_each_night_drift_and_guests_fail_the_job(bench: Bench) -> None:
    Pipeline(bench, BRANCH).run("apply-production")
    night = {**BRANCH, "CI_PIPELINE_SOURCE": "schedule"}
    done = Pipeline(bench, night).run()
    assert (list(done), done["watch"].passed) == (["watch"], True), done["watch"].log
    localorg.break_(bench.team.orgs["production"], "chat-history=silent")
    silent = Pipeline(bench, night)
    assert silent.run()["watch"].passed is False
    assert "fell silent" in silent.done["watch"].log
