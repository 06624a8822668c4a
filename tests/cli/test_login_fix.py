"""``diagnose login --fix``: each cause that an administrator can repair, repaired; and the others left alone."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Ran
from tests.cli.logging_in import ADMIN, Applicant
from tests.localorg.logins import APP, GATE, PERMISSIONS, Administrator


@pytest.fixture
def applicant(established: Applicant) -> Applicant:
    return established


def fix(applicant: Applicant, *words: str) -> Ran:
    return applicant.run("diagnose", "login", "--env", "uat", *ADMIN, "--fix", *words)


REPAIRED = [
    ("user-not-approved", "policy.permitted_users"),
    ("user-not-preauthorized", "access.gate"),
    ("no-refresh-token-scope", "app.scopes"),
    ("no-api-scope", "app.scopes"),
    ("oauth-not-enabled", "app.enabled"),
    ("session-level-policy", "policy.session_level"),
    ("jwt-format-token", "app.jwt_access_tokens"),
]


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "not-declared"])
@pytest.mark.parametrize(("fault", "path"), REPAIRED)
def test_a_setting_is_repaired(applicant: Applicant, fault: str, path: str, declared: bool) -> None:
    if not declared:
        applicant.logins.unlink()
    applicant.breaks(fault)
    shown = fix(applicant)
    assert shown.status == 3, shown
    assert path in shown.out
    fixed = fix(applicant, "--yes", "--format", "json")
    assert fixed.status == 0, fixed
    assert fixed.json["verdict"] == "failing"
    assert fixed.json["fix"]["proof"]["proven"] is True
    assert applicant.run("plan", "--env", "uat").status == 0 or not declared


def test_it_lists_who_would_lose_access(applicant: Applicant) -> None:
    for fault in ("user-not-approved", "app-has-other-users"):
        applicant.breaks(fault)
    shown = " ".join(fix(applicant).out.split())
    assert "lose access at once; seen so far: " in shown
    assert "@" in shown.partition("seen so far: ")[2].partition(" ")[0]


@pytest.mark.parametrize("fault", ["wrong-certificate", "digital-signatures-not-enabled"])
def test_the_certificate_of_the_private_key(applicant: Applicant, fault: str) -> None:
    applicant.breaks(fault)
    in_use = fix(applicant, "--yes", "--format", "json")
    assert (in_use.status, in_use.json["fix"]["problems"][0]["problem"][:6]) == (3, "Logins")
    fixed = fix(applicant, "--yes", "--allow-destroy", "--format", "json")
    assert fixed.status == 0, fixed
    assert fixed.json["fix"]["changes"] == [
        {"address": f"app.{APP}", "action": "update", "risk": fixed.json["fix"]["changes"][0]["risk"]}
    ]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("login-history-hidden", "login history of the org could not be read"),
        ("login-history-hidden=own", "shows no login of another user"),
    ],
)
def test_a_hidden_history_is_no_unused_certificate(applicant: Applicant, fault: str, words: str) -> None:
    applicant.breaks("wrong-certificate")
    applicant.breaks(fault)
    hidden = fix(applicant, "--yes", "--format", "json")
    assert hidden.status == 3, hidden
    (problem,) = hidden.json["fix"]["problems"]
    assert words in problem["problem"]
    fixed = fix(applicant, "--yes", "--allow-destroy", "--format", "json")
    assert fixed.status == 0, fixed


def test_a_removed_assignment(applicant: Applicant) -> None:
    client = Administrator(applicant.connection, applicant.org)
    rows = client.query("SELECT Id, PermissionSet.Name FROM PermissionSetAssignment")
    for row in rows:
        if row["PermissionSet"]["Name"] in (GATE, PERMISSIONS):
            client.remove("PermissionSetAssignment", row["Id"])
    client.close()
    fixed = fix(applicant, "--yes", "--format", "json")
    assert {each["address"] for each in fixed.json["fix"]["changes"]} == {
        f"assignment.{GATE}",
        f"assignment.{PERMISSIONS}",
    }
    again = fix(applicant, "--yes", "--format", "json")
    assert again.status == 0, again


def test_an_app_that_is_gone(applicant: Applicant) -> None:
    before = applicant.key_file.read_text()
    applicant.breaks("app-not-installed")
    fixed = fix(applicant, "--yes", "--format", "json")
    assert fixed.json["fix"] is not None
    assert fixed.status == 0, fixed
    assert applicant.key_file.read_text() != before or fixed.json["fix"]["proof"]["proven"]


def test_another_consumer_key(applicant: Applicant) -> None:
    before = applicant.key_file.read_text()
    applicant.key_file.write_text("AnotherKey0" * 7 + "\n")
    fixed = fix(applicant, "--yes", "--format", "json")
    assert fixed.status == 0, fixed
    assert fixed.json["fix"]["changes"] == []
    assert applicant.key_file.read_text() == before


@pytest.mark.parametrize("fault", ["user-frozen", "user-inactive", "ip-restricted", "login-hours"])
def test_users_hours_and_addresses_are_left_alone(applicant: Applicant, fault: str) -> None:
    applicant.breaks(fault)
    left = fix(applicant, "--yes", "--format", "json")
    assert left.status == 1, left
    assert left.json["fix"] is None or left.json["fix"]["changes"] == []


def test_a_login_that_works_is_left_alone(applicant: Applicant) -> None:
    left = fix(applicant, "--yes", "--format", "json")
    assert (left.status, left.json["fix"]) == (0, None)


def test_it_needs_an_administrator(applicant: Applicant) -> None:
    ran = applicant.run("diagnose", "login", "--env", "uat", "--fix")
    assert (ran.status, "--sf-org ALIAS" in ran.err) == (64, True)
    text = applicant.run("diagnose", "login", "--error", "invalid_grant", "--fix", *ADMIN)
    assert text.status == 64
