"""A plan that could not read what it needs says so first, exits with 3, and is never saved."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from provisioner.model.types import MetadataType
from provisioner.salesforce.api_errors import OrgFault
from provisioner.salesforce.metadata import unreadable
from provisioner.salesforce.rest import Rest
from tests.cli.conftest import Person, Ran

LOCAL = ("--env", "local")
UNREADABLE = ("metadata-permission-missing", "channel-unreadable", "type-missing")


def plan(person: Person, *words: str) -> Ran:
    return person.run("plan", *LOCAL, *words)


@pytest.mark.parametrize("detailed", [(), ("--detailed-exitcode",)])
@pytest.mark.parametrize("fault", UNREADABLE)
def test_the_status_is_3(person: Person, fault: str, detailed: tuple[str, ...]) -> None:
    person.breaks(fault)
    ran = plan(person, "--format", "json", *detailed)
    assert (ran.status, ran.json["complete"]) == (3, False)
    assert {each["guard"] for each in ran.json["blocked"]} == {"unreadable"}
    assert all(each["permission"] for each in ran.json["unreadable"])


def test_an_unchanged_org_is_not_called_unchanged(person: Person) -> None:
    person.apply()
    assert plan(person).out.splitlines()[-1] == "No changes."
    person.breaks("type-missing=PublicKeyCertificateSet")
    ran = plan(person, "--detailed-exitcode")
    assert ran.status == 3
    assert "No changes." not in ran.out
    assert ran.out.splitlines()[-1].startswith("Incomplete plan: 1 part could not be read.")


def test_it_says_so_before_anything_else(person: Person) -> None:
    person.breaks("type-missing")
    human = " ".join(plan(person).out.split())
    assert human.index("This plan is incomplete, and apply refuses it.") < human.index("+ create")
    assert plan(person, "--format", "markdown").out.splitlines()[2].startswith("**Incomplete plan: 1 part")


def test_targets_do_not_hide_what_was_not_read(person: Person) -> None:
    person.breaks("channel-unreadable")
    ran = plan(person, "--target", "key.legacy", "--format", "json")
    assert (ran.status, ran.json["complete"]) == (3, False)
    assert [each["address"] for each in ran.json["changes"]] == ["key.legacy"]


def test_an_error_beside_it_does_not_lower_the_status(person: Person) -> None:
    person.edit("  Web_Chat:", "  Nope:")
    assert plan(person).status == 1
    person.breaks("type-missing")
    assert plan(person).status == 3


@pytest.mark.parametrize("fault", UNREADABLE)
def test_it_is_not_saved(person: Person, fault: str) -> None:
    person.breaks(fault)
    ran = plan(person, "--out", "plan.json", "--detailed-exitcode")
    assert ran.status == 3
    assert not (person.folder / "plan.json").exists()
    assert "Not saved to plan.json: the plan is incomplete" in ran.err
    assert "older file" not in ran.err


def test_an_older_file_stays_as_it_is(person: Person) -> None:
    assert plan(person, "--out", "plan.json").status == 0
    before = (person.folder / "plan.json").read_bytes()
    person.breaks("channel-unreadable")
    ran = plan(person, "--out", "plan.json")
    assert (ran.status, (person.folder / "plan.json").read_bytes()) == (3, before)
    assert "plan.json is still the older file: do not apply it." in ran.err


def test_several_environments_exit_with_the_worst(person: Person) -> None:
    folder = person.folder / "config/environments"
    (folder / "other.yaml").write_text((folder / "local.yaml").read_text())
    person.breaks("channel-unreadable")
    ran = person.run("plan", "--env", "local,other", "--format", "json", "--detailed-exitcode", "--out", "all.json")
    assert ran.status == 3
    assert [each["complete"] for each in ran.json["environments"]] == [False, False]
    written = json.loads((person.folder / "all.json").read_text())
    assert [each["complete"] for each in written["environments"]] == [False, False]
    assert "This file is only a report" in ran.err
    human = person.run("plan", "--env", "local,other")
    assert [line.split()[-1] for line in human.out.splitlines()[-2:]] == ["incomplete", "incomplete"]


@pytest.fixture
def unknown_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """The org does not tell what kind of org it is."""
    wanted = Rest.query

    def query(self: Rest, soql: str, *rest: object, **more: object) -> object:
        if "FROM Organization" in soql:
            raise OrgFault("INVALID_TYPE", "sObject type Organization is not supported.", request="a query")
        return wanted(self, soql, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Rest, "query", query)


@pytest.mark.usefixtures("unknown_kind")
def test_an_org_of_unknown_kind_makes_changes_incomplete(person: Person) -> None:
    ran = plan(person, "--format", "json", "--out", "plan.json")
    assert (ran.status, ran.json["complete"], ran.json["unreadable"]) == (3, False, [])
    assert [each["guard"] for each in ran.json["blocked"]] == ["production"]
    assert not (person.folder / "plan.json").exists()
    assert "production  " in plan(person).out or "! production" in plan(person).out
    environment = person.folder / "config/environments/local.yaml"
    environment.write_text(environment.read_text() + "production: true\n")
    ran = plan(person, "--format", "json")
    assert (ran.status, ran.json["complete"]) == (0, True), "no guard depends on it any more"


def test_unknown_activity_is_no_part_of_the_plan(person: Person) -> None:
    person.breaks("channel-records-unreadable")
    ran = plan(person, "--format", "json")
    assert (ran.status, ran.json["complete"]) == (0, True)
    assert "channel-inactive" in [each["rule"] for each in ran.json["warnings"]]
    applied = person.run("apply", *LOCAL, "--yes")
    assert applied.status == 0
    assert "Cannot tell whether Web_Chat stayed active" in " ".join(applied.out.split())


class TestOtherCommands:
    """The same kind of claim, made by other commands."""

    def test_a_rotation_s_status_is_not_done(self, person: Person) -> None:
        person.apply()
        assert person.run("keys", "rotate", "--status", *LOCAL).status == 0
        person.breaks("channel-unreadable")
        ran = person.run("keys", "rotate", "--status", *LOCAL, "--format", "json")
        assert (ran.status, ran.json["keysets"][0]["step"]) == (3, "blocked")

    def test_expiring_is_not_good_without_an_endpoint(self, person: Person) -> None:
        person.edit("    keys: [storefront_2026_11, legacy]", "    endpoint: https://localhost:9/jwks.json")
        ran = person.run("keys", "expiring", "--days", "1")
        assert ran.status == 0
        assert "Good so far: no certificate in use" in " ".join(ran.out.split())
        assert "and 1 place listed below could not be checked." in " ".join(ran.out.split())

    def test_diagnose_chat_names_what_it_could_not_query(self, person: Person) -> None:
        person.apply()
        person.breaks("channel-records-unreadable")
        ran = person.run("diagnose", "chat", *LOCAL, "--channel", "Web_Chat", "--format", "json")
        assert ("channel-unreadable", "possible") in [
            (each["cause"], each["confidence"]) for each in ran.json["findings"]
        ]

    def test_a_blocked_export_and_import_write_nothing(self, person: Person) -> None:
        person.apply()
        person.breaks("channel-unreadable")
        assert person.run("export", *LOCAL, "--format", "sfdx", "project").status == 3
        assert person.run("import", *LOCAL, "--out", "taken").status == 3
        assert not (person.folder / "project").exists()
        assert not Path(person.folder / "taken").exists()


def test_a_limit_is_not_called_a_missing_permission() -> None:
    limit = OrgFault("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", request="a request")
    next_step = unreadable(MetadataType.KEY, limit).next()
    assert "permission" not in next_step
    assert next_step.startswith("Wait until other integrations use the API less")
    refused = OrgFault("INSUFFICIENT_ACCESS", "no", request="a request")
    assert unreadable(MetadataType.KEY, refused).next().startswith("Give the user the missing permission: API Enabled")
