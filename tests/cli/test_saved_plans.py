"""A plan is saved, approved, and applied as it is or not at all: against a local org over real HTTPS."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from provisioner import localorg
from provisioner.planning import saved_plan
from provisioner.planning.saved_plan import sealed
from tests.cli.conftest import Person, Ran
from tests.cli.test_terminal import at_a_terminal

LOCAL = ("--env", "local")


def save(person: Person, *words: str, name: str = "plan.json") -> dict[str, Any]:
    ran = person.run("plan", *LOCAL, "--out", name, *words)
    assert ran.status == 0, ran.err
    document: dict[str, Any] = json.loads((person.folder / name).read_text())
    return document


def apply(person: Person, *words: str, name: str = "plan.json") -> Ran:
    """Without --yes: the saved plan is what somebody said yes to."""
    return person.run("apply", *LOCAL, name, "--format", "json", *words)


def deployments(person: Person) -> int:
    from provisioner.localorg.layout import Layout
    from provisioner.localorg.store import Store

    store = Store(Layout.of(person.org).database)
    try:
        return len(store.deployments())
    finally:
        store.close()


def change_elsewhere(person: Person, declaration: str) -> None:
    """Somebody else brings something about in the same org."""
    other = person.folder / "other"
    shutil.copytree(person.folder / "config", other)
    (other / "user-verification.yaml").write_text(declaration)
    ran = person.run("apply", "--config", "other", *LOCAL, "--yes", "--allow-destroy")
    assert ran.status == 0, ran.out + ran.err


def production(person: Person) -> None:
    person.breaks("production")
    path = person.folder / "config/environments/local.yaml"
    path.write_text(path.read_text() + "production: true\n")


def test_what_was_saved_is_applied(person: Person) -> None:
    document = save(person)
    assert document["digest"].startswith("sha256:")
    assert (document["tool_version"], document["targets"], document["complete"]) == (document["tool_version"], [], True)
    assert document["components"] == {
        "key.storefront_2026_11": None,
        "key.legacy": None,
        "keyset.storefront": None,
        "channel.Web_Chat": document["components"]["channel.Web_Chat"],
    }
    printed = person.plan()
    assert {name: document[name] for name in printed} == printed, "the JSON plan, and more"
    ran = apply(person)
    assert (ran.status, ran.json["outcome"], ran.json["converged"]) == (0, "applied", True), ran.out
    assert person.plan()["changes"] == []


def test_the_command_to_apply_it_is_said(person: Person) -> None:
    ran = person.run("plan", *LOCAL, "--out", "my plan.json")
    assert "  provisioner apply --env local 'my plan.json'" in ran.err
    person.apply()
    person.edit("enabled: true", "enabled: false")
    ran = person.run("plan", *LOCAL, "--out", "plan.json")
    assert "  provisioner apply --env local --allow-destroy plan.json" in ran.err


def test_an_empty_plan_changes_nothing(person: Person) -> None:
    person.apply()
    save(person)
    assert (apply(person).status, apply(person).json["outcome"]) == (0, "unchanged")


def test_what_it_was_before_is_a_digest_of_everything(person: Person) -> None:
    """Also of what is not ours: an administrator's description."""
    person.apply()
    person.edit("{verified: 60, unverified: 360}", "{verified: 90, unverified: 360}")
    save(person)
    from tests.cli.test_diagnose_chat import alter

    alter(person, "MessagingChannel", "Web_Chat", "<description>", "<description>Seasonal: ")
    ran = apply(person)
    assert (ran.status, ran.json["outcome"]) == (3, "refused")
    (problem,) = ran.json["problems"]
    assert (problem["address"], problem["declared_at"] is not None) == ("channel.Web_Chat", True)
    assert "was changed in the org since: its content differs" in problem["problem"]


def declaration_edited(person: Person) -> None:
    person.edit("verified: 60", "verified: 61")


def key_file_edited(person: Person) -> None:
    path = person.folder / "config/keys/legacy.jwk.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"kid": "legacy-2024"}))


def variable_edited(person: Person) -> None:
    path = person.folder / "config/environments/local.yaml"
    path.write_text(path.read_text().replace("https://id.example.com", "https://other.example.com"))


def another_made_it(person: Person) -> None:
    change_elsewhere(person, (person.folder / "config/user-verification.yaml").read_text())


def another_made_a_part(person: Person) -> None:
    change_elsewhere(person, "version: 1\nkeys:\n  legacy:\n    jwk: keys/legacy.jwk.json\n")


def another_changed_the_channel(person: Person) -> None:
    change_elsewhere(person, "version: 1\nchannels:\n  Web_Chat:\n    token_expiration_minutes: {unverified: 200}\n")


def a_newer_version(person: Person) -> None:
    person.breaks("new-api")


def tampered(person: Person) -> None:
    path = person.folder / "plan.json"
    path.write_text(path.read_text().replace('"disruptive"', '"none"'))


def sealed_by_another_program(person: Person) -> None:
    path = person.folder / "plan.json"
    path.write_text(json.dumps(sealed(json.loads(path.read_text()) | {"tool_version": "0.0.1"})))


def cut_off(person: Person) -> None:
    path = person.folder / "plan.json"
    path.write_bytes(path.read_bytes()[:1000])


def of_the_future(person: Person) -> None:
    path = person.folder / "plan.json"
    path.write_text(path.read_text().replace('"format_version": "1"', '"format_version": "9"'))


def only_printed(person: Person) -> None:
    (person.folder / "plan.json").write_text(json.dumps(person.plan()))


def of_several(person: Person) -> None:
    assert person.run("plan", "--env", "loc*", "--out", "plan.json").status == 0


@pytest.mark.parametrize(
    ("meanwhile", "words"),
    [
        (declaration_edited, "The declaration, or a key file that it names, has changed since."),
        (key_file_edited, "The declaration, or a key file that it names, has changed since."),
        (variable_edited, "The declaration, or a key file that it names, has changed since."),
        (another_made_it, "key.legacy no longer needs this change"),
        (another_made_a_part, "key.legacy no longer needs this change"),
        (another_changed_the_channel, "channel.Web_Chat was changed in the org since"),
        (a_newer_version, "It was made at API version 67.0; now it is 68.0."),
        (tampered, "was changed after it was saved"),
        (sealed_by_another_program, "Version 0.0.1 of provisioner saved it"),
        (cut_off, "was cut off or damaged"),
        (of_the_future, 'has the format "9"'),
        (only_printed, "the output of `plan --format json`"),
        (of_several, "holds the plans of several environments"),
    ],
)
def test_what_differs_is_refused_and_nothing_is_sent(
    person: Person, meanwhile: Callable[[Person], None], words: str
) -> None:
    save(person)
    meanwhile(person)
    before = deployments(person)
    ran = apply(person, "--yes", "--allow-destroy")
    assert ran.status == 3, ran.out
    document = ran.json
    said = json.dumps(document, ensure_ascii=False)
    assert words in said.replace('\\"', '"')
    following = document["error"]["next"] if "error" in document else document["next"]
    assert "provisioner plan --env" in following or "version" in following
    assert deployments(person) == before
    human = person.run("apply", *LOCAL, "plan.json", "--yes")
    assert human.status == 3
    assert "Next: " in human.out + human.err


def test_everything_that_differs_is_said_at_once(person: Person) -> None:
    save(person)
    another_made_a_part(person)
    person.breaks("new-api")
    said = [each["problem"] for each in apply(person).json["problems"]]
    assert [each.split(" ")[0] for each in said] == ["It", "key.legacy"]


def test_another_environment(person: Person) -> None:
    save(person)
    folder = person.folder / "config/environments"
    shutil.copy(folder / "local.yaml", folder / "twin.yaml")
    ran = person.run("apply", "--env", "twin", "plan.json", "--format", "json")
    error = ran.json["error"]
    assert (ran.status, error["code"], error["exit_status"]) == (3, "plan-environment", 3)
    assert "It is a plan for local, and --env names twin." in error["message"]
    assert "provisioner apply --env local plan.json" in error["next"]


def test_another_org(person: Person, tmp_path_factory: pytest.TempPathFactory) -> None:
    save(person)
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    path = person.folder / "config/environments/local.yaml"
    path.write_text(path.read_text().replace(str(person.org), str(elsewhere)))
    try:
        localorg.start(elsewhere)  # a folder of the tests may be one in which no command makes an org
        ran = apply(person)
    finally:
        localorg.stop(elsewhere)
    assert (ran.status, ran.json["outcome"]) == (3, "refused")
    assert "It is a plan for org 00DLO" in ran.json["problems"][0]["problem"]


def test_a_destructive_one_is_asked_for_twice_all_the_same(person: Person) -> None:
    person.apply()
    person.edit("enabled: true", "enabled: false")
    save(person)
    assert apply(person).status == 3
    assert apply(person, "--allow-destroy").json["outcome"] == "applied"


def test_it_holds_its_own_targets(person: Person) -> None:
    document = save(person, "--target", "key.legacy")
    assert (document["targets"], document["complete"]) == (["key.legacy"], False)
    ran = apply(person)
    assert (ran.json["outcome"], [each["address"] for each in ran.json["changes"]]) == ("applied", ["key.legacy"])
    assert len(person.plan()["changes"]) == 3
    refused = person.run("plan", *LOCAL, "--target", "key.legacy", "--out", "plan.json")
    assert refused.status == 0
    person.edit("kid: storefront-2026-11", "kid: storefront-2026-11b")
    assert "provisioner plan --env local --target key.legacy --out plan.json" in apply(person).json["error"]["next"]


@pytest.mark.parametrize(("option", "value"), [("--target", "key.legacy"), ("--resume", "0Af000000000001AAA")])
def test_it_is_applied_whole_or_not_at_all(person: Person, option: str, value: str) -> None:
    save(person)
    ran = apply(person, option, value)
    assert (ran.status, ran.json["error"]["code"]) == (64, "usage")


def test_an_org_can_be_asked_to_validate_it(person: Person) -> None:
    save(person)
    assert apply(person, "--check-only").json["outcome"] == "check-passed"
    assert apply(person).json["outcome"] == "applied"


@pytest.mark.parametrize("name", ["none.json", "."])
def test_a_file_that_cannot_be_read(person: Person, name: str) -> None:
    ran = apply(person, name=name)
    assert (ran.status, ran.json["error"]["code"]) == (1, "plan-file-missing")


class TestProduction:
    """Without a terminal it takes a saved plan, and nothing else."""

    def test_a_saved_plan_is_the_confirmation(self, person: Person) -> None:
        production(person)
        refused = person.apply()
        assert (refused.status, refused.json["outcome"]) == (3, "refused")
        assert "provisioner plan --env local --out FILE" in refused.json["next"]
        save(person)
        assert apply(person).json["outcome"] == "applied"

    def test_at_a_terminal_the_name_is_asked_for_all_the_same(self, person: Person) -> None:
        production(person)
        save(person)
        words = ("apply", *LOCAL, "plan.json")
        ended, screen = at_a_terminal(person, *words, answers={"name (local)": "yes"}, environment={})
        assert (ended, "was not confirmed" in screen) == (3, True), screen
        ended, screen = at_a_terminal(person, *words, answers={"name (local)": "local"}, environment={})
        assert ended == 0, screen

    def test_a_removal_needs_its_flag_there_too(self, person: Person) -> None:
        person.apply()
        production(person)
        person.edit("enabled: true", "enabled: false")
        save(person)
        assert apply(person).status == 3
        assert apply(person, "--allow-destroy").status == 0


class TestWriting:
    def test_a_plan_that_could_not_be_read_again(self, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(saved_plan, "LARGEST_CONTENT", 1000)
        ran = person.run("plan", "--env", "local", "--out", "plan.json")
        assert ran.status == 1
        assert "too large to be saved. plan.json was not written" in " ".join(ran.err.split())
        assert "--target ADDRESS" in ran.err
        assert not (person.folder / "plan.json").exists()

    def test_an_older_file_is_replaced_at_one_stroke(self, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
        save(person)
        before = (person.folder / "plan.json").read_bytes()
        monkeypatch.setattr(os, "fsync", _disk_full)
        ran = person.run("plan", *LOCAL, "--out", "plan.json")
        assert ran.status == 1
        assert "cannot be written: no space left on device" in ran.err
        assert (person.folder / "plan.json").read_bytes() == before
        assert not list(person.folder.glob(".plan.json.*"))

    def test_a_folder_that_is_not_there(self, person: Person) -> None:
        ran = person.run("plan", *LOCAL, "--out", "nowhere/plan.json")
        assert ran.status == 1
        assert "no such file or directory" in ran.err

    def test_a_device_is_written_to(self, person: Person) -> None:
        assert person.run("plan", *LOCAL, "--out", "/dev/null").status == 0
        assert Path("/dev/null").is_char_device()


def _disk_full(handle: int) -> None:
    raise OSError(28, "No space left on device")
