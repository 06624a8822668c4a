"""``doctor``: one screen about the machine, the config and a login, with no name of a user in it."""

from __future__ import annotations

import dataclasses
import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner import localorg
from provisioner.report.doctor import Check, CheckState, doctor_json, doctor_view, without_home
from provisioner.report.style import Style
from provisioner.report.terminal import terminal
from provisioner.workflows.doctor import exit_status
from tests.cli.conftest import Person, Ran
from tests.cli.offline import Desk
from tests.localorg import material
from tests.report.golden import assert_golden

GREEN = (
    Check("version", CheckState.OK, "provisioner 0.2.0"),
    Check("login", CheckState.SKIPPED, "not checked: give --env NAME"),
)
SICK = (
    *GREEN,
    Check("declaration", CheckState.WARN, "0 errors, 1 warning", "Run `provisioner validate` for the list."),
    Check("reach", CheckState.FAIL, "The host acme.my.salesforce.com was not found (production)",
          "Run `provisioner diagnose login --env production` for the cause.", 4),  # type: ignore[arg-type]
)  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path, capsys)


def of(ran: Ran, name: str) -> dict[str, str]:
    (found,) = [each for each in ran.json["checks"] if each["check"] == name]
    return dict(found)


def real(person: Person, **changed: str) -> None:
    """An environment that logs in to the local org as to any other."""
    org = localorg.running(person.org)
    assert org is not None
    fields = {
        "login_url": org.url,
        "username": org.username,
        "consumer_key": org.consumer_key,
        "private_key": f"${{file:{org.private_key_file}}}",
        "ca_bundle": org.ca_bundle,
    }
    text = "".join(f'{name}: "{value}"\n' for name, value in {**fields, **changed}.items())
    (person.folder / "config/environments/real.yaml").write_text(
        f"{text}variables: {{storefront_issuer: https://id.example.com}}\n"
    )


class TestView:
    def test_all_is_well(self) -> None:
        assert_golden("doctor/well.txt", terminal(doctor_view(GREEN), Style(80)))

    def test_a_failure_and_a_warning(self) -> None:
        assert_golden("doctor/a failure and a warning.txt", terminal(doctor_view(SICK), Style(80)))

    def test_json(self) -> None:
        document = doctor_json(SICK)
        assert document["healthy"] is False
        assert [each["status"] for each in document["checks"]] == ["ok", "skipped", "warn", "fail"]
        assert doctor_json(GREEN)["healthy"] is True

    def test_the_home_folder_names_nobody(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", "/home/ada")
        assert without_home("the CA bundle /home/ada/ca.pem") == "the CA bundle ~/ca.pem"

    @pytest.mark.parametrize(("statuses", "expected"), [((), 0), ((4,), 4), ((1,), 1), ((4, 1), 1)])
    def test_what_is_wrong_here_comes_first(self, statuses: tuple[int, ...], expected: int) -> None:
        checks = [dataclasses.replace(SICK[-1], exit_status=status) for status in statuses]
        assert exit_status([*GREEN, SICK[2], *checks]) == expected


class TestOffline:
    def test_without_a_config(self, desk: Desk) -> None:
        said = desk.run("doctor", "--offline", "--format", "json")
        assert said.status == 1
        assert [each["check"] for each in said.json["checks"] if each["status"] == "fail"] == ["config"]

    def test_a_broken_config_is_one_failure(self, desk: Desk) -> None:
        desk.write("user-verification.yaml", "version: 1\nkeyz: {}\n")
        desk.write("environments/local.yaml", "embedded_org: ../../.localorg\n")
        said = desk.run("doctor", "--offline", "--format", "json")
        assert said.status == 1
        assert [each["check"] for each in said.json["checks"] if each["status"] == "fail"] == ["declaration"]
        assert not (desk.folder / ".localorg").exists()

    @pytest.mark.parametrize("option", [[], ["--env", "local"]])
    def test_a_file_for_the_environments_is_one_failure(self, desk: Desk, option: list[str]) -> None:
        desk.write("user-verification.yaml", "version: 1\n")
        desk.write("environments", "a file\n")
        said = desk.run("doctor", "--offline", "--format", "json", *option)
        assert said.status == 1
        (failed,) = [each for each in said.json["checks"] if each["status"] == "fail"]
        assert failed["check"] == "environments"
        assert "config/environments" in failed["message"]
        assert failed["next"]

    def test_a_locked_folder_of_environments_is_a_failure(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        desk.write("user-verification.yaml", "version: 1\n")
        desk.write("environments/a.yaml", "embedded_org: o\n")

        def refused(_: Path) -> Iterator[Path]:
            raise PermissionError(errno.EACCES, "Permission denied")

        monkeypatch.setattr(Path, "iterdir", refused)
        said = desk.run("doctor", "--offline", "--format", "json")
        assert said.status == 1
        assert [each["check"] for each in said.json["checks"] if each["status"] == "fail"] == ["environments"]

    def test_an_unusable_bundle(self, desk: Desk) -> None:
        desk.write("user-verification.yaml", "version: 1\n")
        desk.write("environments/a.yaml", "login_url: https://acme.my.salesforce.com\nca_bundle: nowhere.pem\n")
        said = desk.run("doctor", "--offline", "--format", "json")
        failed = {each["check"]: each["next"] for each in said.json["checks"] if each["status"] == "fail"}
        assert "trust" in failed
        assert all(failed.values()), "each failure has a next step"

    def test_an_unknown_environment_is_wrong_usage(self, desk: Desk) -> None:
        desk.write("user-verification.yaml", "version: 1\n")
        assert desk.run("doctor", "--env", "nope").status == 64


class TestOrg:
    def test_a_good_login(self, person: Person) -> None:
        real(person)
        ran = person.run("doctor", "--env", "real", "--format", "json")
        assert ran.status == 0, ran.out
        assert [of(ran, name)["status"] for name in ("reach", "login", "permissions")] == ["ok", "ok", "ok"]
        org = localorg.running(person.org)
        assert org is not None
        assert org.username not in ran.out + ran.err
        assert org.consumer_key not in ran.out + ran.err

    @pytest.mark.parametrize(
        ("fault", "check", "status"),
        [("user-not-approved", "login", 4), ("metadata-permission-missing", "permissions", 4),
         ("wrong-username", "login", 4), ("maintenance", "login", 4)],
    )  # fmt: skip
    def test_a_fault_of_the_org(self, person: Person, fault: str, check: str, status: int) -> None:
        real(person)
        person.breaks(fault)
        ran = person.run("doctor", "--env", "real", "--format", "json")
        assert (ran.status, of(ran, check)["status"]) == (status, "fail"), ran.out
        assert of(ran, check)["next"]
        org = localorg.running(person.org)
        assert org is not None
        assert org.username not in ran.out

    def test_one_screen_of_every_check_without_a_secret(self, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COLUMNS", "80")
        real(person)
        ran = person.run("doctor", "--env", "real")
        lines = ran.out.splitlines()
        named = [line.split()[1] for line in lines if line[:6].strip() in ("ok", "warn", "fail", "-")]
        assert list(dict.fromkeys(named)) == [
            "version", "Python", "config", "environments", "declaration", "trust", "reach", "login", "permissions",
            "certificates", "local",
        ]  # fmt: skip
        assert len(lines) <= 24, ran.out
        org = localorg.running(person.org)
        assert org is not None
        for secret in (org.username, org.consumer_key, str(Path.home()), "PRIVATE KEY"):
            assert secret not in ran.out + ran.err

    @pytest.mark.parametrize(("days", "status", "exits"), [(20, "warn", 0), (400, "ok", 0)])
    def test_a_certificate_that_expires_soon(self, person: Person, days: int, status: str, exits: int) -> None:
        (person.folder / "config/keys/legacy.jwk.json").write_text(material.jwk(name="other", kid="legacy", days=days))
        ran = person.run("doctor", "--env", "local", "--format", "json")
        found = of(ran, "certificates")
        assert (found["status"], ran.status) == (status, exits), found
        if status == "warn":
            assert "legacy" in found["message"]
            assert "keys rotate" in found["next"]

    def test_nothing_is_sent_offline(self, person: Person) -> None:
        real(person, login_url="https://localhost:9")
        ran = person.run("doctor", "--env", "real", "--offline", "--format", "json")
        assert [of(ran, name)["status"] for name in ("reach", "login")] == ["skipped", "skipped"]

    def test_a_file_with_errors_is_not_logged_in_with(self, person: Person) -> None:
        real(person, login_url="https://localhost:9", private_key="~/.secrets/uat.key")
        ran = person.run("doctor", "--env", "real", "--format", "json")
        found = of(ran, "login")
        assert (found["status"], found["message"]) == (
            "skipped",
            "not checked: config/environments/real.yaml has errors",
        )
        assert of(ran, "declaration")["status"] == "fail"

    def test_a_host_that_does_not_answer(self, person: Person) -> None:
        real(person, login_url="https://localhost:9")
        ran = person.run("doctor", "--format", "json")
        assert (ran.status, of(ran, "reach")["status"]) == (4, "fail")
        assert "localhost" in of(ran, "reach")["message"]

    def test_another_org(self, person: Person) -> None:
        real(person, org_id="00D5g000000ABCd")
        ran = person.run("doctor", "--env", "real", "--format", "json")
        assert (ran.status, of(ran, "login")["status"]) == (1, "fail")
        assert "00D5g000000ABCd" in of(ran, "login")["message"]
