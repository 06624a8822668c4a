"""The workflows that a team copies: their steps, run as shell, against two local orgs, with the secrets of a CI."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from provisioner import localorg
from tests.ci.runner import ROOT, Runner
from tests.faults.stage import Stage
from tests.faults.trial import with_note
from tests.localorg import material

CHANNEL = "  Web_Chat:\n    user_verification:"


@dataclass
class Team:
    """A repository with a config, a sandbox and a production org, and GitHub's secrets."""

    folder: Path
    orgs: dict[str, Path]
    runner: Runner

    @property
    def declaration(self) -> Path:
        return self.runner.workspace / "config/user-verification.yaml"

    def edit(self, old: str, new: str) -> None:
        text = self.declaration.read_text()
        assert old in text
        self.declaration.write_text(text.replace(old, new))

    def verify_a_second_channel(self, deployment: str = "Shop_App") -> None:
        """Declare App_Chat, and name it under `verify:` in both environments."""
        with self.declaration.open("a") as file:
            file.write(
                "\n  App_Chat:\n    user_verification:\n      enabled: true\n      configurations:\n"
                "        app_login: {keyset: storefront, active: true}\n"
            )
        for name in self.orgs:
            path = self.runner.workspace / f"config/environments/{name}.yaml"
            second = f"App_Chat: {{deployment: {deployment}, key_file: '${{env:SIGNER_{name.upper()}_PRIVATE_KEY}}'}}"
            path.write_text(path.read_text().replace("verify: {", f"verify: {{{second}, "))

    def pull_request(self, repository: str = "acme/shop") -> None:
        self.runner.event = {"pull_request": {"number": 7, "head": {"repo": {"full_name": repository}}}}


@pytest.fixture(scope="module")
def orgs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    made = {name: tmp_path_factory.mktemp(name) for name in ("sandbox", "production")}
    for each in made.values():
        localorg.start(each)
    yield made
    for each in made.values():
        localorg.stop(each)


@pytest.fixture
def team(orgs: dict[str, Path], tmp_path: Path) -> Team:
    workspace = tmp_path / "workspace"
    shutil.copytree(ROOT / "config", workspace / "config")
    (workspace / "config/environments/local.yaml").unlink()
    secrets: dict[str, dict[str, str]] = {"plan": {}, "sandbox": {}, "production": {}}
    signer = material.private_key("storefront", 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for name, org in orgs.items():
        localorg.mend(org, None)
        localorg.reset(org)
        served = localorg.running(org)
        assert served is not None
        upper = name.upper()
        (workspace / f"config/environments/{name}.yaml").write_text(
            f"login_url: {served.url}\naudience: {served.audience or served.url}\nusername: {served.username}\n"
            f"consumer_key: ${{env:SF_{upper}_CONSUMER_KEY}}\nprivate_key: ${{env:SF_{upper}_PRIVATE_KEY}}\n"
            f"ca_bundle: {org / served.ca_bundle}\nchat_url: {served.chat_url}\n"
            f"org_id: {served.org_id}\nproduction: {str(name == 'production').lower()}\n"
            "variables: {storefront_issuer: https://id.example.com}\n"
            f"verify: {{Web_Chat: {{deployment: Shop_Web, key_file: '${{env:SIGNER_{upper}_PRIVATE_KEY}}'}}}}\n"
        )
        login = {
            f"SF_{upper}_CONSUMER_KEY": served.consumer_key,
            f"SF_{upper}_PRIVATE_KEY": (org / served.private_key_file).read_text(),
        }
        secrets["plan"] |= login
        secrets[name] = {**login, f"SIGNER_{upper}_PRIVATE_KEY": signer.decode()}
    made = Team(tmp_path, orgs, Runner(tmp_path / "runner", workspace, secrets))
    (workspace / "config/keys/own.jwk.json").write_text(json.dumps(material.members("storefront", "mine-1")))
    text = made.declaration.read_text()
    begin, end = text.index("    label: Storefront November"), text.index("  legacy:")
    made.declaration.write_text(text[:begin] + "    jwk: keys/own.jwk.json\n" + text[end:])
    return made


class TestPullRequest:
    def test_a_good_change_gets_one_comment_that_is_kept_up_to_date(self, team: Team) -> None:
        team.pull_request()
        done = team.runner.workflow("pull-request.yml")
        assert [each.passed for each in done.values()] == [True, True], done["plan"].log
        (comment,) = team.runner.hub["comments"]
        assert comment["body"].startswith("<!-- provisioner: plan -->\n### Plan for `sandbox`")
        assert "### Plan for `production`" in comment["body"]
        assert "Guests can no longer chat on Web\\_Chat" in comment["body"]
        assert "### Plan for `production`" in done["plan"].summary
        team.edit("verified: 60", "verified: 90")
        team.runner.workflow("pull-request.yml")
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

    def test_guests_and_silence_fail_a_job(self, team: Team) -> None:
        team.runner.workflow("deploy.yml")
        assert team.runner.workflow("nightly.yml")["guests"].passed is True
        localorg.break_(team.orgs["production"], "chat-history=silent")
        done = team.runner.workflow("nightly.yml")
        assert done["guests"].failed == "Count guests and silent channels"
        assert "Web\\_Chat fell silent" in done["guests"].log

    def test_an_org_out_of_reach_fails_the_job_and_is_in_the_comment(self, team: Team) -> None:
        team.pull_request()
        localorg.break_(team.orgs["production"], "wrong-certificate")
        done = team.runner.workflow("pull-request.yml")
        assert (done["plan"].passed, done["plan"].failed) == (False, "Fail where a plan failed")
        (comment,) = team.runner.hub["comments"]
        assert "### Plan for `sandbox`" in comment["body"]
        assert "login-failed" in comment["body"]

    def test_no_secret_stands_in_the_log(self, team: Team) -> None:
        team.pull_request()
        done = team.runner.workflow("pull-request.yml")
        said = "".join(each.log + each.summary for each in done.values())
        assert "PRIVATE KEY" not in said
        assert team.runner.secrets["plan"]["SF_SANDBOX_CONSUMER_KEY"] not in said

    @pytest.mark.parametrize("fault", ["metadata-permission-missing", "channel-unreadable"])
    def test_an_unreadable_org_fails_the_check(self, team: Team, fault: str) -> None:
        team.pull_request()
        localorg.break_(team.orgs["production"], fault)
        done = team.runner.workflow("pull-request.yml")
        assert (done["plan"].passed, done["plan"].failed) == (False, "Fail where a plan failed")
        assert "**Incomplete plan: " in done["plan"].summary
        (comment,) = team.runner.hub["comments"]
        assert "**Incomplete plan: " in comment["body"]


class TestDeploy:
    def test_a_merge_goes_to_the_sandbox_and_after_approval_to_production(self, team: Team) -> None:
        done = team.runner.workflow("deploy.yml")
        assert [each.passed for each in done.values()] == [True, True, True], "".join(
            each.log for each in done.values()
        )
        assert "Applied and read back" in done["sandbox"].log
        assert "customers with a token of" in done["sandbox"].log
        assert "### Plan for `production`" in done["plan"].summary
        assert "Applied and read back" in done["production"].log
        again = team.runner.workflow("deploy.yml")
        assert (again["plan"].outputs["status"], again["production"].passed) == ("0", None), "nothing to approve"

    def test_a_production_that_moved_since_the_plan_is_left_alone(self, team: Team) -> None:
        team.runner.workflow("deploy.yml")
        team.edit("verified: 60", "verified: 90")
        wanted = team.runner._job
        moved = []

        def somebody_first(job: dict[str, object], context: dict[str, object]) -> object:
            if job.get("environment") == "production":
                stage = Stage(team.folder / "stage", team.orgs["production"])
                with stage.store() as store, store.transaction():
                    for (_, name), each in store.components().items():
                        if name == "Web_Chat":
                            store.put_components([replace(each, xml=with_note(each.xml))])
                            moved.append(name)
            return wanted(job, context)

        team.runner._job = somebody_first  # type: ignore[method-assign,assignment]
        done = team.runner.workflow("deploy.yml")
        assert moved == ["Web_Chat"]
        assert (done["production"].passed, done["production"].failed) == (
            False, "Apply the plan that was approved, or nothing",
        )  # fmt: skip
        assert "channel.Web_Chat was changed in the org since" in done["production"].log

    def test_what_does_not_verify_in_the_sandbox_never_reaches_production(self, team: Team) -> None:
        localorg.break_(team.orgs["sandbox"], "chat-wrong-subject")
        done = team.runner.workflow("deploy.yml")
        assert (done["sandbox"].failed, done["plan"].passed, done["production"].passed) == (
            "Prove that customers are not guests there", None, None,
        )  # fmt: skip

    def test_something_destructive_waits_for_a_person(self, team: Team) -> None:
        team.runner.workflow("deploy.yml")
        team.edit("enabled: true", "enabled: false")
        done = team.runner.workflow("deploy.yml")
        assert done["sandbox"].failed == "Apply to the sandbox"
        assert "--allow-destroy" in done["sandbox"].log

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
        assert [each.passed for each in done.values()] == [True, True, True], "".join(
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
    def test_an_unreadable_org_keeps_its_issue_open(self, team: Team, fault: str) -> None:
        team.runner.workflow("deploy.yml")
        localorg.break_(team.orgs["production"], fault)
        team.runner.workflow("nightly.yml")
        (issue,) = team.runner.hub["issues"]
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

    def test_a_page_is_kept_also_if_an_org_is_out_of_reach(self, team: Team) -> None:
        team.runner.workflow("deploy.yml")
        localorg.break_(team.orgs["production"], "wrong-certificate")
        done = team.runner.workflow("nightly.yml")
        assert done["page"].passed is True, done["page"].log
        page = next(team.runner.artifacts.rglob("status.html")).read_text()
        assert "error: " in page
        assert '<section id="e1"' in page

    def test_a_certificate_that_ends_soon_fails_the_job(self, team: Team) -> None:
        team.runner.workflow("deploy.yml")
        path = team.runner.workspace / "config/keys/own.jwk.json"
        path.write_text(json.dumps(material.members("storefront", "mine-1", 20)))
        done = team.runner.workflow("nightly.yml")
        assert done["drift"].failed == "Look for what expires within 30 days"

    def test_an_org_out_of_reach_fails_the_job_and_opens_no_issue(self, team: Team) -> None:
        team.runner.workflow("deploy.yml")
        localorg.break_(team.orgs["production"], "wrong-certificate")
        done = team.runner.workflow("nightly.yml")
        assert done["drift"].failed == "Look for drift"
        assert team.runner.hub["issues"] == []
