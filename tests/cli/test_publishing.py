"""Deployments are published by the apply that changes what visitors must get."""

from __future__ import annotations

import pytest

from provisioner.salesforce import published
from tests.cli.conftest import Person

SHOP = "\ndeployments:\n  Shop_Web: {channel: Web_Chat}\n"


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "WAITS", (0.0, 0.0, 0.0, 0.0))


def declare(person: Person, text: str = SHOP) -> None:
    with person.declaration.open("a") as file:
        file.write(text)


def changed(person: Person) -> list[str]:
    return [field["path"] for change in person.plan()["changes"] for field in change["fields"]]


@pytest.mark.parametrize("snapshot", [True, False])
def test_a_changed_mode_is_published(person: Person, snapshot: bool) -> None:
    declare(person)
    if snapshot:
        person.breaks("chat-config-snapshot")
    done = person.apply()
    assert done.status == 0, done.out
    assert done.json["notes"] == ["Shop_Web is published: visitors get the mode Auth."]
    assert person.plan()["changes"] == []


@pytest.mark.parametrize("fault", ["publish-404", "publish-not-success"])
def test_what_was_not_published_is_published_by_the_next_apply(person: Person, fault: str) -> None:
    declare(person)
    person.breaks("chat-config-snapshot")
    person.breaks(fault)
    failed = person.apply()
    assert failed.status == 5, failed.out
    assert "Shop_Web" in failed.json["problems"][0]["problem"]
    assert changed(person) == ["published_verification.Shop_Web"]
    assert person.run("drift", "--env", "local").status == 2
    person.mends(fault)
    done = person.apply()
    assert (done.status, done.json["deploy_id"]) == (0, None), done.out
    assert changed(person) == []


@pytest.mark.parametrize("fault", ["publish-slow", "publish-answer-lost=1"])
def test_a_slow_or_lost_answer_is_waited_for(person: Person, fault: str) -> None:
    declare(person)
    person.breaks("chat-config-snapshot")
    person.breaks(fault)
    assert person.apply().status == 0


def test_visitors_who_still_get_the_old_mode_are_a_problem(person: Person) -> None:
    declare(person)
    assert person.apply().status == 0
    person.breaks("chat-config-cached")
    done = person.apply()
    assert done.status == 5, done.out
    assert "visitors still get the mode UnAuth" in done.json["problems"][0]["problem"]


def test_a_host_that_shows_nothing_is_said_and_stops_nothing(person: Person) -> None:
    declare(person)
    person.breaks("chat-html")
    done = person.apply()
    assert done.status == 0, done.out
    assert "is not known" in done.json["notes"][0]


def test_without_a_declared_deployment_a_note_names_the_way(person: Person) -> None:
    note = person.apply().json["notes"][0]
    assert note.startswith("Visitors of Web_Chat get the changed mode only after")
    assert "Setup > Embedded Service Deployments" in note
    assert "POST /services/data/v67.0/connect/embeddedservice/embeddedserviceconfig/publish/ID" in note


def test_never_publishes_nothing_and_has_no_note(person: Person) -> None:
    declare(person, SHOP.replace("Web_Chat}", "Web_Chat, publish: never}"))
    person.breaks("chat-config-snapshot")
    done = person.apply()
    assert (done.status, done.json["notes"]) == (0, [])
    assert changed(person) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SHOP.replace("Shop_Web", "Shop_Wep"), "Did you mean Shop_Web?"),
        (SHOP.replace("Shop_Web", "Shop_App"), "serves App_Chat, and not Web_Chat"),
    ],
)
def test_a_deployment_that_does_not_fit_changes_nothing(person: Person, text: str, said: str) -> None:
    declare(person, text)
    refused = person.apply()
    assert refused.status == 1, refused.out
    assert any(said in each["problem"] for each in refused.json["problems"])


def test_an_older_org_is_told_to_publish_by_hand(person: Person) -> None:
    declare(person)
    person.breaks("old-api")
    plan = person.plan()
    assert any("needs API version 67.0" in each["message"] for each in plan["warnings"])


def test_a_channel_must_be_declared(person: Person) -> None:
    declare(person, SHOP.replace("Web_Chat", "App_Chat"))
    ran = person.run("validate", "--env", "local", "--format", "json")
    assert [each["rule"] for each in ran.json["findings"]] == ["channel-of-deployment-unknown"]
