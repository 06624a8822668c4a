"""The workflows that a team copies: their steps, run as shell, against two local orgs, with the secrets of a CI."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest
import yaml

from provisioner import localorg
from tests.ci.runner import ROOT
from tests.ci.team import Team
from tests.faults.stage import Stage
from tests.faults.trial import with_note
from tests.localorg import material


class TestPullRequest:
    def test_a_good_change_gets_one_comment_that_is_kept_up_to_date(self, team: Team) -> None:
        team.pull_request()
        done = team.runner.workflow("pull-request.yml")
        assert [each.passed for each in done.values()] == [True, True], done["plan"].log
        (comment,) = team.runner.hub["comments"]
        assert comment["body"].startswith("<!-- provisioner: plan -->\n### Plan for `sandbox`")
        assert "Guests can no longer chat on Web\\_Chat" in comment["body"]
        assert "### Plan for `sandbox`" in done["plan"].summary
        assert "production" not in comment["body"], "no pull request has its login"
        team.edit("verified: 60", "verified: 90")
        again = team.runner.workflow("pull-request.yml")
        assert "### Plan for `production`" in again["validate"].summary, "compared with the target branch"
        assert "90" in again["validate"].summary
        (again,) = team.runner.hub["comments"]
        assert again["id"] == comment["id"]
        assert "90" in again["body"]

    def test_a_bad_declaration_is_annotated_and_goes_no_further(self, team: Team) -> None:
        team.pull_request()
        team.edit("{keyset: storefront, active: true}", "{keyset: storefrnt, active: true}")
        done = team.runner.workflow("pull-request.yml")
        assert (done["validate"].passed, done["plan"].passed) == (False, None)
        assert "::error file=config/user-verification.yaml,line=" in done["validate"].log
        assert team.runner.hub["calls"] == []

    def test_a_fork_is_validated_and_sees_no_secret(self, team: Team) -> None:
        team.pull_request("stranger/shop")
        done = team.runner.workflow("pull-request.yml")
        assert (done["validate"].passed, done["plan"].passed) == (True, None)
        assert team.runner.hub["calls"] == []

    def test_guests_and_silence_fail_a_job(self, deployed: Team) -> None:
        assert deployed.runner.workflow("nightly.yml")["guests"].passed is True
        localorg.break_(deployed.orgs["production"], "chat-history=silent")
        done = deployed.runner.workflow("nightly.yml")
        assert done["guests"].failed == "Count guests and silent channels"
        assert "Web\\_Chat fell silent" in done["guests"].log

    def test_an_org_out_of_reach_fails_the_job_and_is_in_the_comment(self, team: Team) -> None:
        team.pull_request()
        localorg.break_(team.orgs["sandbox"], "wrong-certificate")
        done = team.runner.workflow("pull-request.yml")
        assert (done["plan"].passed, done["plan"].failed) == (False, "Fail where a plan failed")
        (comment,) = team.runner.hub["comments"]
        assert "login-failed" in comment["body"] or "did not log" in comment["body"]

    def test_no_secret_stands_in_the_log(self, team: Team) -> None:
        team.pull_request()
        done = team.runner.workflow("pull-request.yml")
        said = "".join(each.log + each.summary for each in done.values())
        assert "PRIVATE KEY" not in said
        assert team.runner.secrets["plan"]["SF_SANDBOX_CONSUMER_KEY"] not in said

    @pytest.mark.parametrize("fault", ["metadata-permission-missing", "channel-unreadable"])
    def test_an_unreadable_org_fails_the_check(self, team: Team, fault: str) -> None:
        team.pull_request()
        localorg.break_(team.orgs["sandbox"], fault)
        done = team.runner.workflow("pull-request.yml")
        assert (done["plan"].passed, done["plan"].failed) == (False, "Fail where a plan failed")
        assert "**Incomplete plan: " in done["plan"].summary
        (comment,) = team.runner.hub["comments"]
        assert "**Incomplete plan: " in comment["body"]


class TestDeploy:
    def test_a_merge_reaches_production_after_an_approval(self, team: Team) -> None:
        done = team.runner.workflow("deploy.yml")
        assert [each.passed for each in done.values()] == [True, True, True, None], "".join(
            each.log for each in done.values()
        )
        assert "Applied and read back" in done["sandbox"].log
        assert "customers with a token of" in done["sandbox"].log
        assert "### Plan for `production`" in done["plan"].summary
        assert "Applied and read back" in done["production"].log
        assert "::notice title=provisioner apply%3A applied::Applied and read back" in done["production"].log
        again = team.runner.workflow("deploy.yml")
        assert (again["plan"].outputs["kind"], again["production"].passed) == ("nothing", None), "nothing to approve"

    def test_a_production_that_moved_since_the_plan_is_left_alone(self, deployed: Team) -> None:
        deployed.edit("verified: 60", "verified: 90")
        wanted = deployed.runner._job
        moved = []

        def somebody_first(job: dict[str, object], context: dict[str, object]) -> object:
            if job.get("environment") == "production":
                stage = Stage(deployed.folder / "stage", deployed.orgs["production"])
                with stage.store() as store, store.transaction():
                    for (_, name), each in store.components().items():
                        if name == "Web_Chat":
                            store.put_components([replace(each, xml=with_note(each.xml))])
                            moved.append(name)
            return wanted(job, context)

        deployed.runner._job = somebody_first  # type: ignore[method-assign,assignment]
        done = deployed.runner.workflow("deploy.yml")
        assert moved == ["Web_Chat"]
        assert (done["production"].passed, done["production"].failed) == (
            False, "Apply the plan that was approved, or nothing",
        )  # fmt: skip
        assert "channel.Web_Chat was changed in the org since" in done["production"].log

    def test_an_unverified_sandbox_stops_the_promotion(self, team: Team) -> None:
        localorg.break_(team.orgs["sandbox"], "chat-wrong-subject")
        done = team.runner.workflow("deploy.yml")
        assert (done["sandbox"].failed, done["plan"].passed, done["production"].passed) == (
            "Prove that customers are not guests there", None, None,
        )  # fmt: skip

    def test_something_destructive_has_reviewers_of_its_own(self, deployed: Team) -> None:
        deployed.edit("storefront_login:", "storefront_token:")
        done = deployed.runner.workflow("deploy.yml")
        assert [each.passed for each in done.values()] == [True, True, None, True], done["plan"].log
        assert "destructive" in done["plan"].summary
        jobs = yaml.safe_load((ROOT / "docs/ci/deploy.yml").read_text())["jobs"]
        assert jobs["production-destructive"]["environment"] == "production-destructive"

    def test_a_rollback_with_the_journal_of_a_run(self, deployed: Team) -> None:
        deployed.edit("verified: 60", "verified: 90")
        assert deployed.runner.workflow("deploy.yml")["production"].passed is True
        shutil.rmtree(deployed.runner.workspace / "provisioner-state")
        for name in ("production", "sandbox"):
            deployed.runner.inputs = {"environment": name, "run": "17"}
            done = deployed.runner.workflow("rollback.yml")
            assert done["rollback"].passed is True, done["rollback"].log
            deployed.pull_request()
        plan = deployed.runner.workflow("pull-request.yml")["plan"]
        assert "60" in plan.summary
        assert "90" in plan.summary, "what the declaration still wants"

    @pytest.mark.parametrize("fault", ["metadata-permission-missing", "channel-unreadable"])
    def test_an_unreadable_production_is_never_green(self, team: Team, fault: str) -> None:
        localorg.break_(team.orgs["production"], fault)
        done = team.runner.workflow("deploy.yml")
        assert (done["sandbox"].passed, done["production"].passed) == (True, None)
        assert (done["plan"].passed, done["plan"].failed) == (False, "Save production's plan")
        assert done["plan"].outputs["status"] == "3"
        assert "**Incomplete plan: " in done["plan"].summary
        assert "Not saved to plan.json" in done["plan"].log
        assert not (team.runner.artifacts / "plan").exists()

    def test_an_unreadable_production_after_approval(self, team: Team) -> None:
        """What could be read for the plan can no longer be read when it is applied."""
        wanted = team.runner._job

        def broken_meanwhile(job: dict[str, object], context: dict[str, object]) -> object:
            if job.get("environment") == "production":
                localorg.break_(team.orgs["production"], "channel-unreadable")
            return wanted(job, context)

        team.runner._job = broken_meanwhile  # type: ignore[method-assign,assignment]
        done = team.runner.workflow("deploy.yml")
        assert (done["plan"].outputs["status"], done["production"].failed) == (
            "2", "Apply the plan that was approved, or nothing",
        )  # fmt: skip

    def test_every_channel_under_verify_is_proven(self, team: Team) -> None:
        team.verify_a_second_channel()
        done = team.runner.workflow("deploy.yml")
        assert [each.passed for each in done.values()] == [True, True, True, None], "".join(
            each.log for each in done.values()
        )
        assert [done[each].log.count("Verified on 2 of 2 channels.") for each in ("sandbox", "production")] == [1, 1]

    def test_a_second_channel_that_is_not_proven_stops_it(self, team: Team) -> None:
        team.verify_a_second_channel("Shop_Web")
        done = team.runner.workflow("deploy.yml")
        assert (done["sandbox"].failed, done["plan"].passed) == ("Prove that customers are not guests there", None)
        assert "Verified on 1 of 2 channels." in done["sandbox"].log


class TestNightly:
    @pytest.mark.parametrize("fault", ["metadata-permission-missing", "channel-unreadable"])
    def test_an_unreadable_org_keeps_its_issue_open(self, deployed: Team, fault: str) -> None:
        localorg.break_(deployed.orgs["production"], fault)
        deployed.runner.workflow("nightly.yml")
        (issue,) = deployed.runner.hub["issues"]
        assert (issue["title"], issue["state"]) == ("Drift of production", "open")
        assert "could not be read" in issue["body"]

    def test_drift_becomes_one_issue_which_is_closed_when_it_is_gone(self, team: Team) -> None:
        done = team.runner.workflow("nightly.yml")
        assert done["drift"].passed is True, done["drift"].log
        assert [(each["title"], each["state"]) for each in team.runner.hub["issues"]] == [
            ("Drift of sandbox", "open"), ("Drift of production", "open"),
        ]  # fmt: skip
        assert "### Drift of `production`" in team.runner.hub["issues"][1]["body"]
        team.runner.workflow("nightly.yml")
        assert len(team.runner.hub["issues"]) == 2, "the same issue, kept up to date"
        team.runner.workflow("deploy.yml")
        team.runner.workflow("nightly.yml")
        assert {each["state"] for each in team.runner.hub["issues"]} == {"closed"}

    def test_a_page_is_kept_also_if_an_org_is_out_of_reach(self, deployed: Team) -> None:
        localorg.break_(deployed.orgs["production"], "wrong-certificate")
        done = deployed.runner.workflow("nightly.yml")
        assert done["page"].passed is True, done["page"].log
        page = next(deployed.runner.artifacts.rglob("status.html")).read_text()
        assert "error: " in page
        assert '<section id="e1"' in page

    def test_a_certificate_that_ends_soon_fails_the_job(self, deployed: Team) -> None:
        path = deployed.runner.workspace / "config/keys/own.jwk.json"
        path.write_text(json.dumps(material.members("storefront", "mine-1", 20)))
        done = deployed.runner.workflow("nightly.yml")
        assert done["drift"].failed == "Look for what expires within 30 days"

    def test_an_org_out_of_reach_fails_the_job_and_opens_no_issue(self, deployed: Team) -> None:
        localorg.break_(deployed.orgs["production"], "wrong-certificate")
        done = deployed.runner.workflow("nightly.yml")
        assert done["drift"].failed == "Look for drift"
        assert deployed.runner.hub["issues"] == []
