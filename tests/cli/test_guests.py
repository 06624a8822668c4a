"""``provisioner guests`` against the local org."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Person


def guests(person: Person, *words: str) -> tuple[int, dict[str, object]]:
    ran = person.run("guests", "--env", "local", "--format", "json", *words)
    return ran.status, ran.json


@pytest.mark.parametrize(
    ("history", "status", "alarms"),
    [("verified", 0, []), ("mixed", 2, ["guests"]), ("guests", 2, ["guests"]), ("silent", 2, ["silent"])],
)
def test_alarms(person: Person, history: str, status: int, alarms: list[str]) -> None:
    person.breaks(f"chat-history={history}")
    found, document = guests(person)
    assert found == status
    assert [each["alarm"] for each in document["alarms"]] == alarms  # type: ignore[attr-defined]


def test_former_names_and_other_days(person: Person) -> None:
    person.breaks("chat-history=renamed")
    person.breaks("user-time-zone")
    status, document = guests(person, "--days", "28")
    channels = {each["channel"]: each for each in document["channels"]}  # type: ignore[attr-defined]
    assert (status, document["time_zone"]) == (0, "Pacific/Kiritimati")
    assert channels["Web_Chat"]["undeclared_configurations"] == channels["Web_Chat"]["verified"] > 0
    assert len(channels["Web_Chat"]["days"]) == 29
    assert channels["App_Chat"]["declared"] is None


def test_a_share_of_the_sessions_is_said_to_be_one(person: Person) -> None:
    person.breaks("chat-history=verified")
    person.breaks("sessions-not-shared=some")
    status, document = guests(person)
    assert (status, document["complete"], document["sees_all"]) == (0, True, False)
    assert "View All Records" in document["notes"][0]  # type: ignore[index]
    person.breaks("sessions-not-shared")
    status, document = guests(person)
    assert (status, document["complete"]) == (2, False)


def test_permissions_on_the_objects_are_enough(person: Person) -> None:
    person.breaks("view-all-by-object")
    status, document = guests(person)
    assert (status, document["sees_all"], document["notes"]) == (0, True, [])


@pytest.mark.parametrize("fault", ["sessions-unreadable", "channel-records-unreadable"])
def test_what_cannot_be_read_is_never_good(person: Person, fault: str) -> None:
    person.breaks(fault)
    status, document = guests(person)
    assert (status, document["error"]["code"]) == (4, "sessions-unreadable")  # type: ignore[index]


def test_guests_of_before_verification(person: Person) -> None:
    person.breaks("chat-history=guests")
    ran = person.run("guests", "--env", "local", "--since", "2999-01-01")
    assert (ran.status, ran.out.splitlines()[-1]) == (0, "No alarm.")


@pytest.mark.parametrize("words", [("--days", "7"), ("--days", "61"), ("--days", "x"), ("--since", "yesterday")])
def test_wrong_options(person: Person, words: tuple[str, str]) -> None:
    assert person.run("guests", "--env", "local", *words).status == 64
