"""``status``: environments as they are, read from local orgs."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Person


def test_a_channel_that_verifies(person: Person) -> None:
    person.apply()
    ran = person.run("status", "--env", "local", "--format", "json")
    assert ran.status == 0, ran.err
    (found,) = ran.json["environments"]
    web = next(each for each in found["channels"] if each["name"] == "Web_Chat")
    assert (web["state"], web["owner"], web["verification"]) == ("verifies", "declared", True)
    (chain,) = web["configurations"]
    assert (chain["name"], chain["usable"], chain["keyset"]) == ("storefront_login", True, "storefront")
    assert [key["kid"] for key in chain["keys"]] == ["storefront-2026-11", "legacy-2025"]
    assert {each["owner"] for each in found["channels"] if each["name"] != "Web_Chat"} == {"unmanaged"}
    assert found["drift"]["drift"] == []


def test_what_visitors_get_of_each_deployment(person: Person) -> None:
    person.declaration.write_text(
        person.declaration.read_text() + "\ndeployments:\n  Shop_Web: {channel: Web_Chat}\n"
        "  Shop_Api: {channel: Web_Chat}\n"
    )
    person.apply()

    def publications() -> list[tuple[str, str]]:
        (found,) = person.run("status", "--env", "local", "--format", "json").json["environments"]
        web = next(each for each in found["channels"] if each["name"] == "Web_Chat")
        assert web["deployments"] == ["Shop_Web", "Shop_Api"]
        return [(each["deployment"], each["state"]) for each in web["publications"]]

    assert publications() == [("Shop_Web", "current"), ("Shop_Api", "current")]
    assert "deployments: Shop_Web published, Shop_Api published" in person.run("status", "--env", "local").out
    for fault, states in (
        ("chat-config-cached", ("behind", "behind")),
        ("chat-unpublished", ("never", "never")),
        ("chat-config-not-for-api", ("current", "unknown")),
        ("chat-html", ("unknown", "unknown")),
    ):
        person.mends()
        person.breaks(fault)
        assert publications() == [("Shop_Web", states[0]), ("Shop_Api", states[1])]


def test_an_origin_that_is_missing_is_drift(person: Person) -> None:
    person.apply()
    person.declaration.write_text(
        person.declaration.read_text()
        + "\ndeployments:\n  Shop_Web: {channel: Web_Chat, type: web, origins: ['https://shop.example.com']}\n"
    )
    (found,) = person.run("status", "--env", "local", "--format", "json").json["environments"]
    drift = person.run("drift", "--env", "local", "--format", "json").json
    assert found["drift"]["drift"] == drift["drift"] != []


def test_who_came_in_the_last_days(person: Person) -> None:
    person.apply()
    (quiet,) = person.run("status", "--env", "local", "--format", "json").json["environments"]
    assert (quiet["guests"]["complete"], quiet["guests"]["alarms"]) == (True, [])
    person.breaks("chat-history=mixed")
    ran = person.run("status", "--env", "local", "--format", "json")
    (found,) = ran.json["environments"]
    assert ran.status == 0, "a status informs; `guests` is for a job"
    assert [alarm["alarm"] for alarm in found["guests"]["alarms"]] == ["guests"]
    screen = " ".join(person.run("status", "--env", "local").out.split())
    assert "sessions of 14 days: " in screen
    assert "Web_Chat must verify its customers, but guests began" in screen
    assert "1 alarm about guests" in screen


def test_sessions_that_cannot_be_counted_are_no_failure(person: Person) -> None:
    person.apply()
    person.breaks("sessions-unreadable")
    ran = person.run("status", "--env", "local", "--format", "json")
    (found,) = ran.json["environments"]
    assert (ran.status, found["guests"]) == (0, None)
    assert "MessagingSession" in found["guests_unknown"]


def test_drift_is_shown_and_is_no_failure(person: Person) -> None:
    ran = person.run("status", "--env", "local")
    assert ran.status == 0
    assert "channel.Web_Chat: differs, last changed by Ada Admin" in " ".join(ran.out.split())


def test_an_environment_that_fails_hides_no_other(person: Person) -> None:
    (person.folder / "config/environments/far.yaml").write_text(
        "login_url: https://localhost:9\nusername: a@b.c\nconsumer_key: x\nprivate_key: ${env:NOT_SET}\n"
        "variables: {storefront_issuer: https://id.example.com}\n"
    )
    ran = person.run("status", "--env", "local,far", "--format", "json")
    assert ran.status == 1
    assert [each.get("error", {}).get("code") for each in ran.json["environments"]] == [None, "reference-unset"]


def test_what_could_not_be_read_is_no_absence(person: Person) -> None:
    person.apply()
    person.breaks("channel-unreadable")
    ran = person.run("status", "--env", "local", "--format", "json")
    assert ran.status == 3
    assert ran.json["environments"][0]["drift"]["unreadable"]
    assert "not readable" in person.run("status", "--env", "local").out


def test_a_page_in_a_file(person: Person) -> None:
    person.apply()
    ran = person.run("status", "--env", "local", "--format", "html", "--out", "status.html")
    assert (ran.status, ran.out) == (0, "")
    page = (person.folder / "status.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert "storefront-2026-11" in page


@pytest.mark.parametrize("words", [("--out", "x.txt"), ("--format", "human", "--out", "x.txt")])
def test_text_for_a_terminal_goes_into_no_file(person: Person, words: tuple[str, ...]) -> None:
    ran = person.run("status", "--env", "local", *words)
    assert ran.status == 64
    assert not (person.folder / "x.txt").exists()
