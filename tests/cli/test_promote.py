"""``provisioner promote``: from one local org to another, over real HTTPS."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from provisioner import localorg
from provisioner.errors import UnreachableError
from provisioner.planning.saved_plan import sealed
from provisioner.workflows import promote as promoting
from tests.cli.chatting import with_own_key
from tests.cli.conftest import Person, Ran
from tests.cli.test_terminal import at_a_terminal

VARIABLES = "variables: {storefront_issuer: https://id.example.com}\n"


@dataclass
class Team:
    """A person with two orgs: ``sandbox`` is theirs, ``production`` the other."""

    person: Person
    production: Path

    def environment(self, name: str, org: Path, more: str = "") -> Path:
        path = self.person.folder / f"config/environments/{name}.yaml"
        path.write_text(f"embedded_org: {org}\n{VARIABLES}{more}")
        return path

    def apply(self, name: str, *words: str) -> Ran:
        return self.person.run("apply", "--env", name, "--yes", "--format", "json", *words)

    def promote(self, *words: str, to: str = "production") -> Ran:
        ran = self.person.run(
            "promote", "--from", "sandbox", "--to", to, "--out", "record.json", "--format", "json", *words
        )
        if "verdict" in ran.json:
            assert ran.json == self.record, "what is printed is what is recorded"
        return ran

    @property
    def record(self) -> Any:
        return json.loads((self.person.folder / "record.json").read_text())

    @property
    def page(self) -> str:
        return (self.person.folder / "record.md").read_text()

    def changes(self, name: str) -> list[str]:
        ran = self.person.run("plan", "--env", name, "--format", "json")
        return [each["address"] for each in ran.json["changes"]]


@pytest.fixture
def team(person: Person, second_org: Path) -> Team:
    localorg.mend(second_org, None)
    localorg.reset(second_org)
    made = Team(person, second_org)
    (person.folder / "config/environments/local.yaml").unlink()
    made.environment("sandbox", person.org)
    made.environment("production", second_org, "production: true\n")
    return made


def steps(ran: Ran) -> dict[str, bool]:
    return {each["step"]: each["passed"] for each in ran.json["steps"]}


def test_what_runs_in_one_is_brought_to_the_other(team: Team) -> None:
    team.apply("sandbox")
    ran = team.promote("--yes")
    assert (ran.status, ran.json["verdict"]) == (0, "promoted"), ran.out
    assert steps(ran) == {"two orgs": True, "source": True, "apply": True, "target": True}
    assert team.changes("production") == []
    again = team.promote("--yes")
    assert (again.status, again.json["verdict"], again.json["apply"]["outcome"]) == (0, "unchanged", "unchanged")


@pytest.mark.parametrize(
    ("fault", "status", "passed"),
    [("chat-history=verified", 0, True), ("chat-history=mixed", 3, False), ("sessions-not-shared", 3, False)],
)
def test_the_sessions_of_the_source_are_looked_at_if_asked(team: Team, fault: str, status: int, passed: bool) -> None:
    assert team.apply("sandbox").status == 0
    team.person.breaks(fault)
    ran = team.promote("--yes", "--guests")
    assert (ran.status, steps(ran)["guests"]) == (status, passed), ran.out
    assert bool(team.changes("production")) is not passed


def test_a_permanent_channel_is_handed_over_in_production(team: Team) -> None:
    team.environment("production", team.production, "production: true\n")
    localorg.break_(team.production, "production")
    with team.person.declaration.open("a") as file:
        file.write(
            "  Shop_Chat:\n    create: {routing: {queue: Support}}\n    user_verification:\n      enabled: true\n"
            "      configurations: {shop_login: {keyset: storefront}}\n"
        )
    assert team.apply("sandbox", "--allow-permanent").status == 0
    ran = team.promote("--yes")
    assert ran.status == 3, ran.out
    assert "--allow-permanent" in ran.json["next"]
    assert "channel.Shop_Chat" in ran.json["message"]


def test_the_record_has_the_deployments(team: Team) -> None:
    with team.person.declaration.open("a") as file:
        file.write("deployments:\n  Shop_Api: {type: custom_client, channel: Web_Chat, create: {label: Shop}}\n")
    team.environment("production", team.production)  # `apply` in production asks at a terminal
    for name in ("sandbox", "production"):
        assert team.apply(name, "--allow-permanent").status == 0
    record = team.promote("--yes").json
    assert record["verdict"] == "unchanged"
    digest = record["from"]["components"]["deployment.Shop_Api"]
    assert digest == record["to"]["components"]["deployment.Shop_Api"]
    assert digest is not None


def test_the_record_says_what_was_proven_of_what(team: Team) -> None:
    team.apply("sandbox")
    record = team.promote("--yes").json
    assert sealed({name: value for name, value in record.items() if name != "digest"}) == record
    source, target, after = record["from"], record["to"], record["to_afterwards"]
    assert source["org"]["id"] != target["org"]["id"] == after["org"]["id"]
    assert source["declaration_digest"].startswith("sha256:")
    assert (source["differs"], len(target["differs"]), after["differs"]) == ([], 4, [])
    assert source["components"] == after["components"], "the same, to the last element"
    assert set(target["components"].values()) == {None, target["components"]["channel.Web_Chat"]}
    assert record["apply"]["deploy_id"].startswith("0Af")
    assert source["user_id"].startswith("005")
    page = team.page
    for said in (record["digest"], source["declaration_digest"], record["apply"]["deploy_id"], "(production)"):
        assert said in page
    assert "PRIVATE" not in page


def test_the_other_modes_expiration_does_not_matter(team: Team) -> None:
    """One org keeps it, with another value than the declared one; the other org drops it."""
    team.person.breaks("other-expiration-kept")
    team.apply("sandbox")
    team.person.edit("unverified: 360", "unverified: 120")
    ran = team.promote("--yes")
    assert (ran.status, ran.json["verdict"]) == (0, "promoted"), ran.out
    assert team.changes("production") == team.changes("sandbox") == []


def test_nothing_goes_where_the_source_does_not_run_it(team: Team) -> None:
    ran = team.promote("--yes")
    assert (ran.status, ran.json["verdict"], ran.json["exit_status"]) == (3, "refused", 3)
    assert "4 components differ there" in ran.json["message"]
    assert "provisioner plan --env sandbox" in ran.json["next"]
    assert len(team.changes("production")) == 4


def test_a_source_that_drifted(team: Team) -> None:
    team.apply("sandbox")
    team.person.edit("verified: 60", "verified: 90")
    ran = team.promote("--yes")
    assert (ran.status, ran.json["from"]["differs"]) == (3, ["channel.Web_Chat"])
    assert len(team.changes("production")) == 4


def test_a_source_of_which_not_all_can_be_read(team: Team) -> None:
    team.apply("sandbox")
    team.person.breaks("channel-unreadable")
    ran = team.promote("--yes")
    assert ran.status == 3
    assert "could not be read" in ran.json["message"]
    assert len(team.changes("production")) == 4


def test_a_destructive_plan_that_is_incomplete_is_not_saved(team: Team) -> None:
    team.apply("sandbox")
    assert team.promote("--yes").status == 0
    team.person.edit("    keys: [storefront_2026_11, legacy]", "    keys: [storefront_2026_11]")
    assert team.person.run("apply", "--env", "sandbox", "--yes", "--allow-destroy").status == 0
    localorg.break_(team.production, "channel-unreadable")
    ran = team.promote("--yes")
    assert (ran.status, ran.json["plan_file"]) == (3, None)
    assert "could not be read" in ran.json["message"]


def test_a_target_that_is_unreadable_after_apply(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    team.apply("sandbox")
    applying = promoting.apply_plan

    def apply_plan(*words: Any, **more: Any) -> Any:
        outcome = applying(*words, **more)
        localorg.break_(team.production, "channel-unreadable")
        return outcome

    monkeypatch.setattr(promoting, "apply_plan", apply_plan)
    ran = team.promote("--yes")
    assert (ran.status, ran.json["verdict"]) == (5, "failed")
    assert "production could not be compared with the declaration." in ran.json["message"]


@pytest.mark.parametrize(
    ("raised", "status", "verdict"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (UnreachableError("production does not answer.", next="Check the network."), 4, "failed"),
        (RuntimeError("a defect"), 1, "failed"),
    ],
    ids=["ctrl-c", "unreachable", "defect"],
)
def test_what_is_cut_off_after_the_apply_is_recorded(
    team: Team, monkeypatch: pytest.MonkeyPatch, raised: BaseException, status: int, verdict: str
) -> None:
    team.apply("sandbox")

    def cut_off(run: promoting.PromotionRun, side: Any) -> None:
        raise raised

    monkeypatch.setattr(promoting.PromotionRun, "_check_target", cut_off)
    ran = team.person.run("promote", "--from", "sandbox", "--to", "production", "--yes", "--out", "record.json")
    assert ran.status == status, ran.out + ran.err
    assert team.record["verdict"] == verdict
    for text in (ran.err, team.record["message"]):
        assert "production was changed and read back" in " ".join(text.split())
    assert "provisioner plan --env production" in ran.err
    assert team.changes("production") == []


def test_an_interrupt_before_the_apply_is_recorded(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    team.apply("sandbox")

    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(promoting, "apply_plan", interrupted)
    ran = team.person.run("promote", "--from", "sandbox", "--to", "production", "--yes", "--out", "record.json")
    assert (ran.status, team.record["verdict"]) == (130, "interrupted")
    assert "production was changed" not in ran.err


def test_an_apply_with_an_open_end_is_no_unchanged_org(team: Team) -> None:
    team.apply("sandbox")
    localorg.break_(team.production, "element-dropped=sessionHandlerQueue")
    ran = team.promote("--yes")
    assert (ran.status, ran.json["verdict"]) == (5, "failed")
    assert "was not changed" not in ran.json["message"]
    assert "The deployment succeeded, but the org differs from the plan after read-back." in ran.json["message"]


def test_each_end_has_its_own_overlay(team: Team) -> None:
    team.apply("sandbox")
    team.environment(
        "production", team.production,
        "production: true\noverrides: {channels: {Web_Chat: {token_expiration_minutes: {verified: 30}}}}\n",
    )  # fmt: skip
    record = team.promote("--yes").json
    assert record["verdict"] == "promoted"
    assert record["from"]["declaration_digest"] != record["to"]["declaration_digest"]


class TestProtections:
    def test_without_a_terminal_it_takes_a_yes(self, team: Team) -> None:
        team.apply("sandbox")
        ran = team.promote()
        assert (ran.status, ran.json["verdict"]) == (3, "refused")
        assert "--yes" in ran.json["next"]
        assert len(team.changes("production")) == 4

    @pytest.mark.parametrize(("answer", "status"), [("production", 0), ("yes", 3)])
    def test_at_a_terminal_productions_name_is_typed(self, team: Team, answer: str, status: int) -> None:
        team.apply("sandbox")
        words = ("promote", "--from", "sandbox", "--to", "production", "--yes")
        ended, screen = at_a_terminal(
            team.person, *words, answers={"Type the environment name": answer}, environment={}
        )
        assert ended == status, screen
        assert list(team.person.folder.glob("promotion-sandbox-to-production-*.md"))

    def test_production_is_given_nothing_destructive(self, team: Team) -> None:
        team.apply("sandbox")
        assert team.promote("--yes").status == 0
        team.person.edit("enabled: true", "enabled: false")
        assert team.apply("sandbox", "--allow-destroy").status == 0
        ran = team.promote("--yes", "--allow-destroy")
        assert (ran.status, ran.json["verdict"], ran.json["apply"]) == (3, "refused", None)
        assert team.changes("production") == ["channel.Web_Chat"]
        command = ran.json["next"].partition("then: provisioner ")[2].split()
        assert command[-1] == ran.json["plan_file"] == "record.plan.json"
        assert team.person.run(*command).status == 0
        assert team.changes("production") == []
        assert team.promote("--yes").json["verdict"] == "unchanged"

    def test_elsewhere_a_removal_needs_its_flag(self, team: Team) -> None:
        team.environment("staging", team.production)
        team.apply("sandbox")
        team.promote("--yes", to="staging")
        team.person.edit("enabled: true", "enabled: false")
        team.apply("sandbox", "--allow-destroy")
        refused = team.promote("--yes", to="staging")
        assert (refused.status, steps(refused)["apply"]) == (3, False)
        assert team.promote("--yes", "--allow-destroy", to="staging").status == 0

    def test_one_org_under_two_names(self, team: Team) -> None:
        team.environment("twin", team.person.org)
        team.apply("sandbox")
        ran = team.promote("--yes", to="twin")
        assert (ran.status, steps(ran)) == (3, {"two orgs": False})

    def test_another_org_than_the_file_names(self, team: Team) -> None:
        team.apply("sandbox")
        team.environment("production", team.production, "production: true\norg_id: 00D000000000AAA\n")
        ran = team.promote("--yes")
        assert (ran.status, ran.json["error"]["code"]) == (3, "another-org")

    def test_a_production_org_whose_file_does_not_say_so(self, team: Team) -> None:
        team.apply("sandbox")
        team.environment("production", team.production)
        localorg.break_(team.production, "production")
        ran = team.promote("--yes")
        assert (ran.status, ran.json["verdict"]) == (3, "refused")

    def test_a_target_out_of_reach(self, team: Team) -> None:
        team.apply("sandbox")
        localorg.break_(team.production, "maintenance")
        ran = team.person.run(
            "promote", "--from", "sandbox", "--to", "production", "--yes", "--format", "json", "--timeout", "1"
        )
        assert (ran.status, ran.json["error"]["exit_status"]) == (4, 4)

    def test_an_org_that_refuses(self, team: Team) -> None:
        team.apply("sandbox")
        localorg.break_(team.production, "component-refused")
        ran = team.promote("--yes")
        assert (ran.status, ran.json["verdict"], steps(ran)["apply"]) == (5, "failed", False)
        localorg.mend(team.production, None)
        assert team.promote("--yes").json["verdict"] == "promoted"


class TestVerify:
    @pytest.fixture
    def signing(self, team: Team) -> Team:
        """The declared key is the team's own, and both ends know how to verify."""
        file = with_own_key(team.person)
        verify = f'verify: {{Web_Chat: {{deployment: Shop_Web, key_file: "${{file:{file}}}"}}}}\n'
        team.environment("sandbox", team.person.org, verify)
        team.environment("production", team.production, f"production: true\n{verify}")
        team.apply("sandbox")
        return team

    def test_tokens_verify_before_and_after(self, signing: Team) -> None:
        ran = signing.promote("--yes", "--verify")
        assert (ran.status, ran.json["verdict"]) == (0, "promoted"), ran.out + ran.err
        assert steps(ran) == {
            "two orgs": True, "source": True, "verify before": True, "apply": True, "target": True,
            "verify after": True,
        }  # fmt: skip
        (before,), (after,) = ran.json["verify"]["before"], ran.json["verify"]["after"]
        assert (before["environment"], after["environment"]) == ("sandbox", "production")
        for proof in (before, after):
            assert (proof["verified"], proof["negative_control"], proof["revoked"]) == (True, "refused", True)
        assert "| after | production | `Web_Chat` | `Shop_Web` | yes |" in signing.page

    def test_where_they_do_not_verify_at_the_source_nothing_is_sent(self, signing: Team) -> None:
        signing.person.breaks("chat-wrong-subject")
        ran = signing.promote("--yes", "--verify")
        assert (ran.status, ran.json["verdict"], steps(ran)["verify before"]) == (3, "refused", False)
        assert "Nothing was sent to production" in ran.json["message"]
        assert "provisioner verify --env sandbox --channel Web_Chat" in ran.json["next"]
        assert len(signing.changes("production")) == 4

    def test_where_they_do_not_verify_at_the_target_it_is_said_aloud(self, signing: Team) -> None:
        localorg.break_(signing.production, "chat-wrong-subject")
        ran = signing.promote("--yes", "--verify")
        assert (ran.status, ran.json["verdict"]) == (1, "not-verified")
        assert "its customers may currently be guests" in ran.json["message"]
        assert "provisioner restore latest --env production" in ran.json["next"]
        words = ran.json["next"].partition("provisioner restore")[2].split()
        ended, screen = at_a_terminal(
            signing.person, "restore", *words, "--allow-destroy",
            answers={"Type the environment name": "production"}, environment={},
        )  # fmt: skip
        assert ended == 0, screen
        assert len(signing.changes("production")) == 4, "as it was before"

    @pytest.mark.parametrize("name", ["sandbox", "production"])
    def test_both_ends_must_say_how(self, signing: Team, name: str) -> None:
        org = signing.person.org if name == "sandbox" else signing.production
        signing.environment(name, org, "production: true\n" if name == "production" else "")
        ran = signing.promote("--yes", "--verify")
        assert (ran.status, ran.json["error"]["code"]) == (1, "verify-target-missing")
        assert f"in {name}" in ran.json["error"]["message"]
        assert not (signing.person.folder / "record.json").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("--from", "sandbox"),
        ("--from", "sandbox", "--to", "production", "--env", "sandbox"),
    ],
)
def test_wrong_usage(team: Team, words: tuple[str, ...]) -> None:
    assert team.person.run("promote", *words).status == 64


def test_a_name_that_is_not_there(team: Team) -> None:
    ran = team.promote("--yes", to="prodution")
    assert ran.status in (1, 64)
    assert "production" in ran.json["error"]["message"] + ran.json["error"]["next"]


def test_a_record_that_cannot_be_written_hides_nothing(team: Team) -> None:
    team.apply("sandbox")
    ran = team.person.run("promote", "--from", "sandbox", "--to", "production", "--yes", "--out", "nowhere/record.json")
    assert ran.status == 0
    assert "Promoted: production runs the configuration that was verified in sandbox." in ran.out
    assert "The record was not written: nowhere/record.json cannot be written" in ran.err
