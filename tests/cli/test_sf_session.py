"""The session of the official CLI in place of a login by JWT: sf_org, --target-org, init --from-sf."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Person
from tests.cli.fake_sf import FakeCli, admin_session, install

DECLARED = "version: 1\nkeysets:\n  partner: {issuer: https://id.example.com, endpoint: https://id.example.com/jwks}\n"


@pytest.fixture
def session(person: Person, monkeypatch: pytest.MonkeyPatch) -> tuple[FakeCli, str]:
    """A person with the CLI's session of the local org under the alias ``uat``, and the token."""
    token, shown = admin_session(person.org)
    fake = install(person.folder / "bin", monkeypatch)
    fake.has_session(token, **shown)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(person.org / "ca.pem"))
    person.declaration.write_text(DECLARED)
    (person.folder / "config/environments/uat.yaml").write_text("sf_org: uat\n")
    return fake, token


Session = tuple[FakeCli, str]


def test_a_plan_and_an_apply_to_a_sandbox(person: Person, session: Session) -> None:
    planned = person.run("plan", "--env", "uat", "--format", "json", "-vv")
    assert [each["address"] for each in planned.json["changes"]] == ["keyset.partner"]
    assert session[1] not in planned.out + planned.err
    applied = person.run("apply", "--env", "uat", "--yes", "--format", "json")
    assert applied.json["outcome"] == "applied", applied


def test_production_is_read_and_not_written(person: Person, session: Session) -> None:
    person.breaks("production")
    path = person.folder / "config/environments/uat.yaml"
    path.write_text("sf_org: uat\nproduction: true\norg_id: " + localorg_id(person) + "\n")
    planned = person.run("plan", "--env", "uat", "--format", "json").json
    assert [each["guard"] for each in planned["blocked"]] == ["borrowed-session"]
    refused = person.run("apply", "--env", "uat", "--yes", "--format", "json")
    assert refused.status == 3
    assert "in place of sf_org" in refused.out
    assert person.run("plan", "--env", "local", "--format", "json").json["summary"]["create"] == 1


def localorg_id(person: Person) -> str:
    return str(person.run("plan", "--env", "local", "--format", "json").json["org"]["id"][:15])


def test_a_session_that_the_org_does_not_accept(person: Person, session: Session) -> None:
    fake, token = session
    fake.answers("token", {"status": 0, "result": {"accessToken": token[:-4] + "AAAA"}})
    ran = person.run("plan", "--env", "uat")
    assert ran.status == 4
    assert "expired or was revoked" in " ".join(ran.err.split())
    assert "sf org login web --alias uat" in ran.err


def test_an_org_of_another_domain(person: Person, session: Session) -> None:
    path = person.folder / "config/environments/uat.yaml"
    path.write_text("sf_org: uat\nlogin_url: https://acme.my.salesforce.com\n")
    ran = person.run("plan", "--env", "uat")
    assert ran.status == 3
    assert "Nothing was sent" in " ".join(ran.err.split())


def test_a_session_of_a_stranger_s_host(person: Person, session: Session) -> None:
    fake, token = session
    fake.has_session(token, instanceUrl="https://evil.example.com")
    ran = person.run("plan", "--env", "uat")
    assert ran.status == 3
    assert "the session was not sent there" in " ".join(ran.err.split())


@pytest.mark.parametrize(
    "verb",
    [("plan",), ("drift",), ("guests",), ("keys", "expiring"), ("export", "project"), ("status",), ("doctor",)],
)
def test_what_only_reads_takes_target_org(person: Person, session: Session, verb: tuple[str, ...]) -> None:
    ran = person.run(*verb, "--target-org", "uat")
    assert ran.status in (0, 2), ran
    assert not ran.err.startswith("Error")
    assert "--env sf:" not in " ".join((ran.out + ran.err).split())


def test_target_org_in_place_of_env(person: Person, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    both = person.run("plan", "--target-org", "uat", "--env", "local")
    assert (both.status, "takes the place of --env" in both.err) == (64, True)
    monkeypatch.setenv("PROVISIONER_ENV", "local")
    assert person.run("plan", "--target-org", "uat", "--format", "json").json["environment"] == "sf:uat"
    option = person.run("plan", "--target-org=--json")
    assert (option.status, "sf org list" in option.err) == (64, True)
    assert person.run("apply", "--target-org", "uat").status == 64
    saved = person.run("plan", "--target-org", "uat", "--out", "plan.json")
    assert (saved.status, "provisioner init --from-sf uat" in saved.err) == (64, True)
    assert not Path("plan.json").exists()


def test_variables_need_an_environment_file(person: Person, session: Session) -> None:
    person.declaration.write_text(DECLARED.replace("https://id.example.com,", "'${var:issuer}',"))
    ran = person.run("plan", "--target-org", "uat")
    assert ran.status == 1
    assert "provisioner init --from-sf uat" in " ".join(ran.err.split())


def test_drift_says_how_to_go_on(person: Person, session: Session) -> None:
    ran = person.run("drift", "--target-org", "uat")
    words = " ".join(ran.out.split())
    assert "provisioner plan --target-org uat" in words
    assert "provisioner init --from-sf uat" in words
    assert "--env" not in words


def test_diagnose_login_has_nothing_to_diagnose(person: Person, session: Session) -> None:
    ran = person.run("diagnose", "login", "--env", "uat")
    assert ran.status == 1
    assert "sf org display --target-org uat" in ran.err


def test_init_writes_the_environment_and_imports(person: Person, session: Session) -> None:
    assert person.run("apply", "--env", "uat", "--yes").status == 0
    made = person.run("init", "fresh", "--from-sf", "uat")
    assert made.status == 0, made
    text = (person.folder / "fresh/environments/uat.yaml").read_text()
    for part in ("sf_org: uat", "login_url: ", "org_id: ", "chat_url: "):
        assert part in text
    assert "partner" in (person.folder / "fresh/user-verification.yaml").read_text()
    assert person.run("validate", "--config", "fresh").status == 0
    plan = person.run("plan", "--config", "fresh", "--env", "uat", "--format", "json").json
    assert plan["changes"] == []


def test_init_never_overwrites(person: Person, session: Session) -> None:
    before = person.declaration.read_text()
    there = person.run("init", "--from-sf", "uat")
    assert (there.status, "--env NAME" in there.err) == (3, True)
    other = person.run("init", "--from-sf", "uat", "--env", "second")
    assert other.status == 0, other
    assert person.declaration.read_text() == before
    assert person.run("plan", "--env", "second").status == 0


def test_import_brings_the_environment_along(person: Person, session: Session) -> None:
    ran = person.run("import", "--target-org", "uat", "--out", "imported")
    assert ran.status == 0, ran
    assert "sf_org: uat" in (person.folder / "imported/environments/uat.yaml").read_text()
    assert "provisioner plan --config imported --env uat" in ran.out
    again = person.run("import", "--target-org", "uat", "--out", "imported", "--format", "json")
    following = again.json["error"]["next"].partition(": provisioner ")[2]
    assert (again.status, following) == (3, "import --config imported --env uat")
    assert person.run(*following.split()).status == 0


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("sf_org: uat\nusername: a@b.example\n", "yaml-unknown-field"),
        ("sf_org: uat\nembedded_org: .localorg\n", "yaml-unknown-field"),
        ("sf_org: --json\n", "sf-org-invalid"),
        ("sf_org: ''\n", "sf-org-invalid"),
    ],
)
def test_what_validate_says(person: Person, text: str, rule: str) -> None:
    (person.folder / "config/environments/uat.yaml").write_text(text)
    found = person.run("validate", "--env", "uat", "--format", "json").json["findings"]
    assert rule in [each["rule"] for each in found if each["file"].endswith("uat.yaml")]
