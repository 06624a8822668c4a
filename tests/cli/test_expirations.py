"""The expiration of the mode that is off, through the commands, in an org that drops it and in one that keeps it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.conftest import Person

KEPT = "other-expiration-kept"
BOTH = "{verified: 60, unverified: 360}"
OFF = ("enabled: true", "enabled: false")


@pytest.fixture(params=[None, KEPT], ids=["dropped", "kept"])
def habit(request: pytest.FixtureRequest, person: Person) -> str | None:
    """What the org does with the expiration of the mode that is off."""
    fault: str | None = request.param
    if fault is not None:
        person.breaks(fault)
    return fault


def applied(person: Person, *words: str) -> Any:
    ran = person.apply(*words)
    assert (ran.status, ran.json["outcome"], ran.json["converged"]) == (0, "applied", True), ran.out
    return ran.json


def settled(person: Person) -> None:
    """A new plan is empty, nothing has drifted, and an import takes nothing over."""
    assert person.plan()["changes"] == []
    assert person.run("drift", "--env", "local").status == 0
    assert person.run("import", "--env", "local", "--format", "json").json["updated"] == []


def fields(plan: Any) -> dict[str, tuple[object, object]]:
    (change,) = plan["changes"]
    return {each["path"]: (each["before"], each["after"]) for each in change["fields"]}


def not_in_force(plan: Any) -> list[tuple[str, int, str]]:
    return [(each["path"], each["value"], each["takes_effect"]) for each in plan["not_in_force"]]


@pytest.mark.usefixtures("habit")
def test_switching_on_and_off_and_back(person: Person) -> None:
    applied(person)
    settled(person)
    assert not_in_force(person.plan()) == [
        ("token_expiration_minutes.unverified", 360, "when verification is switched off")
    ]
    person.edit(*OFF)
    applied(person, "--allow-destroy")
    settled(person)
    assert not_in_force(person.plan()) == [
        ("token_expiration_minutes.verified", 60, "when verification is switched on")
    ]
    done = person.run("restore", "latest", "--env", "local", "--yes", "--format", "json")
    assert (done.status, done.json["outcome"]) == (0, "applied"), done.out
    assert not [each for each in done.json["notes"] if "is not restored" in each]
    person.edit(*reversed(OFF))
    settled(person)


@pytest.mark.usefixtures("habit")
def test_another_value_for_the_other_mode_waits(person: Person) -> None:
    applied(person)
    person.edit(BOTH, "{verified: 60, unverified: 120}")
    plan = person.plan()
    assert (plan["changes"], not_in_force(plan)[0][1]) == ([], 120)
    assert person.apply().json["outcome"] == "unchanged"
    settled(person)
    ran = person.run("plan", "--env", "local")
    assert "unverified: 120 takes effect when verification is switched off" in " ".join(ran.out.split())
    assert ran.out.rstrip().endswith("No changes.")
    person.edit(*OFF)
    assert fields(person.plan())["token_expiration_minutes.unverified"][1] == 120
    applied(person, "--allow-destroy")
    settled(person)


@pytest.mark.usefixtures("habit")
@pytest.mark.parametrize("minutes", ["verified: 60", "verified: 240", "verified: 60, unverified: 360"])
def test_an_expiration_alone_on_a_channel_for_guests(person: Person, minutes: str) -> None:
    person.declaration.write_text(f"version: 1\nchannels: {{Web_Chat: {{token_expiration_minutes: {{{minutes}}}}}}}\n")
    assert person.apply().json["outcome"] == "unchanged"
    settled(person)


@pytest.mark.usefixtures("habit")
def test_verification_without_expirations(person: Person) -> None:
    person.edit(f"    token_expiration_minutes: {BOTH}", "    # none is managed")
    applied(person)
    settled(person)
    person.edit(*OFF)
    applied(person, "--allow-destroy")
    settled(person)


def test_an_org_that_changes_its_habit(person: Person) -> None:
    """Other minutes than the org's own make a difference that only the habit explains."""
    person.breaks(KEPT)
    applied(person)
    person.mends(KEPT)
    person.edit(BOTH, "{verified: 90, unverified: 300}")
    applied(person)
    settled(person)
    person.breaks(KEPT)
    person.edit("verified: 90", "verified: 120")
    applied(person)
    settled(person)


def test_the_expiration_in_force_is_still_missed(person: Person) -> None:
    person.breaks("element-dropped=verifiedUserJwtExpirationTime")
    person.edit("verified: 60", "verified: 90")
    ran = person.apply()
    assert (ran.status, ran.json["outcome"]) == (5, "failed")
    assert "embeddedConfig/verifiedUserJwtExpirationTime differs" in ran.json["problems"][0]["problem"]


@pytest.mark.usefixtures("habit")
def test_a_saved_plan_and_an_import_into_a_new_folder(person: Person) -> None:
    assert person.run("plan", "--env", "local", "--out", "plan.json").status == 0
    ran = person.apply("plan.json")
    assert (ran.status, ran.json["outcome"]) == (0, "applied"), ran.out
    assert person.run("import", "--env", "local", "--out", "new").status == 0
    ran = person.run("plan", "--config", "new", "--env", "local", "--detailed-exitcode")
    assert ran.status == 0, ran.out
