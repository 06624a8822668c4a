"""``login rotate|retire``: a new certificate by a second app, or in place; the way back; the end of the earlier app."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner import localorg
from provisioner.workflows import login_proof
from tests.cli.logging_in import ADMIN, settle_in
from tests.cli.rotating_login import Rotator
from tests.localorg.logins import Administrator


@pytest.fixture(scope="module")
def bare_org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("bare") / "org"
    localorg.start(directory, bare=True)
    yield directory
    localorg.stop(directory)


@pytest.fixture
def rotator(
    bare_org: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Rotator:
    localorg.mend(bare_org, None)
    localorg.reset(bare_org)
    connection = localorg.start(bare_org)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ADMIN_TOKEN", Path(connection.admin_token_file).read_text().strip())
    monkeypatch.setattr(login_proof, "PAUSE_SECONDS", 0.2)
    monkeypatch.setattr(login_proof, "BETWEEN_SECONDS", 0.05)
    made = Rotator(settle_in(tmp_path, bare_org, connection, capsys))
    assert made.applicant.apply().status == 0
    return made


@pytest.fixture
def admin(rotator: Rotator) -> Iterator[Administrator]:
    client = Administrator(rotator.applicant.connection, rotator.applicant.org)
    yield client
    client.close()


def apps(admin: Administrator) -> list[str]:
    return sorted(row["DeveloperName"] for row in admin.query("SELECT DeveloperName FROM ExternalClientApplication"))


class TestASecondApp:
    def test_from_the_new_pair_to_the_end(self, rotator: Rotator, admin: Administrator) -> None:
        assert rotator.step() == "generate"
        rotator.new_pair()
        declared = rotator.rotate(key=True)
        assert (declared.status, declared.json["step"]) == (0, "deploy"), declared
        assert rotator.app["replaces"] == {
            "name": "Provisioner_CI", "label": "Provisioner CI", "certificate": "keys/first.crt",
        }  # fmt: skip
        assert (rotator.app["name"], rotator.app["label"]) == ("Provisioner_CI_2", "Provisioner CI 2")
        deployed = rotator.rotate()
        assert (deployed.status, deployed.json["step"]) == (0, "prove"), deployed
        assert apps(admin) == ["Provisioner_CI", "Provisioner_CI_2"]
        early = rotator.rotate(key=True)
        assert (early.status, [each["code"] for each in early.json["refused"]]) == (3, ["too-early"])
        rotator.passes("16m")
        switched = rotator.rotate(key=True)
        assert (switched.status, switched.json["step"]) == (0, "disable"), switched
        assert rotator.environment["consumer_key"] == "${file:../../secrets/uat_2.consumer_key}"
        assert rotator.environment["private_key"] == "${file:../../secrets/uat_2.key}"
        assert rotator.environment["fallback"]["private_key"] == "${file:../../secrets/uat.key}"
        assert rotator.works()
        rotator.passes("192h")
        off = rotator.retire()
        assert (off.status, off.json["step"]) == (0, "delete"), off
        early = rotator.retire()
        assert (early.status, [each["code"] for each in early.json["refused"]]) == (3, ["off-too-short"])
        rotator.passes("25h")
        gone = rotator.retire()
        assert (gone.status, gone.json["step"]) == (0, "generate"), gone
        assert apps(admin) == ["Provisioner_CI_2"]
        assert "fallback" not in rotator.environment
        assert rotator.works()

    def test_a_second_rotation_counts_on(self, rotator: Rotator, admin: Administrator) -> None:
        rotator.to_the_switch()
        for time in ("192h", "25h"):
            rotator.passes(time)
            assert rotator.retire().status == 0
        rotator.new_pair("first", "uat_3")
        declared = rotator.rotate("--key-file", "secrets/uat_3.key")
        assert declared.json["step"] == "deploy", declared
        assert (rotator.app["name"], rotator.app["label"]) == ("Provisioner_CI_3", "Provisioner CI 3")
        assert rotator.app["replaces"]["name"] == "Provisioner_CI_2"

    @pytest.mark.parametrize("fault", ["eca-consumer-key=refused", "eca-consumer-key=replaced", "eca-policy-name"])
    def test_an_org_with_its_own_will(self, rotator: Rotator, fault: str) -> None:
        rotator.applicant.breaks(fault)
        rotator.to_the_switch()
        assert rotator.works()

    def test_a_key_that_the_org_shows_nowhere(self, rotator: Rotator) -> None:
        for fault in ("eca-key-unreadable", "connect-credentials-closed"):
            rotator.applicant.breaks(fault)
        rotator.to_the_switch()
        assert rotator.works()
        rotator.rotate("--back")
        assert rotator.step() == "prove"

    def test_a_key_that_only_setup_shows(self, rotator: Rotator, admin: Administrator) -> None:
        rotator.new_pair()
        rotator.rotate(key=True)
        rotator.rotate()
        (rotator.applicant.folder / "secrets/uat_2.consumer_key").unlink()
        for fault in ("eca-key-unreadable", "connect-credentials-closed"):
            rotator.applicant.breaks(fault)
        rotator.passes("16m")
        refused = rotator.rotate(key=True)
        assert (refused.status, [each["code"] for each in refused.json["refused"]]) == (3, ["key-unknown"])
        rotator.applicant.mends()
        key = str(admin.read("ExtlClntAppGlobalOauthSettings", "Provisioner_CI_2_glbloauth")["consumerKey"])
        for fault in ("eca-key-unreadable", "connect-credentials-closed"):
            rotator.applicant.breaks(fault)
        assert rotator.rotate("--consumer-key", key, key=True).json["step"] == "disable"
        assert rotator.works()

    @pytest.mark.parametrize("fault", ["eca-delete=warns", "eca-delete=in-use", "eca-delete=parts-stay"])
    def test_a_deletion_in_each_form(self, rotator: Rotator, admin: Administrator, fault: str) -> None:
        rotator.to_the_switch()
        rotator.passes("192h")
        assert rotator.retire().status == 0
        rotator.passes("25h")
        rotator.applicant.breaks(fault)
        gone = rotator.retire()
        assert gone.status == 0, gone
        assert apps(admin) == ["Provisioner_CI_2"]
        assert gone.json["outcomes"][0]["notes"]
        for kind in ("ExtlClntAppOauthSettings", "ExtlClntAppOauthPlcyCnfg", "ExtlClntAppPlcyCnfg"):
            assert len(admin.query(f"SELECT DeveloperName FROM {kind}")) == 1


class TestSilence:
    def test_an_app_in_use_is_not_ended(self, rotator: Rotator) -> None:
        rotator.to_the_switch()
        rotator.passes("120h")
        refused = rotator.retire()
        assert (refused.status, [each["code"] for each in refused.json["refused"]]) == (3, ["still-used"])
        assert "ci@" in refused.json["refused"][0]["message"] or refused.json["history"]["users"]

    @pytest.mark.parametrize(
        ("fault", "code"),
        [("login-history-hidden", "history-unreadable"), ("login-history-hidden=own", "history-blind")],
    )
    def test_a_hidden_history_is_no_silence(self, rotator: Rotator, fault: str, code: str) -> None:
        rotator.to_the_switch()
        rotator.passes("192h")
        rotator.applicant.breaks(fault)
        refused = rotator.retire()
        assert (refused.status, [each["code"] for each in refused.json["refused"]]) == (3, [code])

    def test_a_login_that_fails_ends_nothing(self, rotator: Rotator) -> None:
        rotator.to_the_switch()
        rotator.passes("192h")
        rotator.applicant.breaks("user-frozen")
        refused = rotator.retire()
        assert refused.status == 3
        assert "unproven" in [each["code"] for each in refused.json["refused"]]

    def test_it_asks_twice(self, rotator: Rotator) -> None:
        rotator.to_the_switch()
        rotator.passes("192h")
        line = ("login", "retire", "--env", "uat", *ADMIN, "--format", "json")
        for more, words in ((("--yes",), "--allow-destroy"), (("--allow-destroy",), "--yes")):
            refused = rotator.applicant.run(*line, *more)
            assert refused.status == 3
            assert words in refused.out
        assert rotator.step() == "disable"

    def test_a_leaked_key_does_not_wait(self, rotator: Rotator) -> None:
        rotator.to_the_switch()
        assert rotator.retire().status == 3
        off = rotator.retire("--leaked")
        assert (off.status, off.json["step"]) == (0, "delete"), off

    def test_nothing_is_retired_before_the_switch(self, rotator: Rotator) -> None:
        rotator.new_pair()
        rotator.rotate(key=True)
        refused = rotator.retire()
        assert (refused.status, [each["code"] for each in refused.json["refused"]]) == (3, ["login-not-switched"])

    def test_an_org_that_says_no_time(self, rotator: Rotator) -> None:
        rotator.to_the_switch()
        rotator.passes("192h")
        assert rotator.retire().status == 0
        rotator.passes("25h")
        rotator.applicant.breaks("list-nameless")
        refused = rotator.retire()
        assert [each["code"] for each in refused.json["refused"]] == ["off-since-unknown"]
        assert rotator.retire("--off-since", "2026-01-01T00:00Z").status == 0


class TestTheWayBack:
    def test_before_the_switch(self, rotator: Rotator, admin: Administrator) -> None:
        rotator.new_pair()
        rotator.rotate(key=True)
        assert rotator.rotate().json["step"] == "prove"
        back = rotator.rotate("--back")
        assert (back.status, back.json["step"]) == (0, "disable"), back
        assert rotator.app["name"] == "Provisioner_CI"
        assert rotator.works()
        assert rotator.retire().json["step"] == "delete", "nobody ever used the second app"
        rotator.passes("25h")
        assert rotator.retire().json["step"] == "generate"
        assert apps(admin) == ["Provisioner_CI"]

    def test_after_the_switch(self, rotator: Rotator) -> None:
        rotator.to_the_switch()
        assert rotator.rotate("--back").json["step"] == "prove"
        switched = rotator.rotate()
        assert (switched.status, switched.json["step"]) == (0, "disable"), switched
        assert rotator.environment["private_key"] == "${file:../../secrets/uat.key}"
        assert rotator.environment["fallback"]["private_key"] == "${file:../../secrets/uat_2.key}"
        assert rotator.works()

    def test_after_the_earlier_app_was_switched_off(self, rotator: Rotator) -> None:
        rotator.to_the_switch()
        rotator.passes("192h")
        assert rotator.retire().json["step"] == "delete"
        assert rotator.rotate("--back").json["step"] == "deploy"
        assert rotator.rotate().json["step"] == "prove"
        rotator.passes("16m")
        assert rotator.rotate().json["step"] == "disable"
        assert rotator.works()

    def test_none_after_the_deletion(self, rotator: Rotator) -> None:
        rotator.to_the_switch()
        for time in ("192h", "25h"):
            rotator.passes(time)
            assert rotator.retire().status == 0
        refused = rotator.rotate("--back")
        assert (refused.status, refused.json["refused"][0]["code"]) == (3, "nothing-to-go-back-to")


class TestInPlace:
    def test_both_keys_and_then_the_new_one(self, rotator: Rotator, admin: Administrator) -> None:
        rotator.new_pair()
        declared = rotator.rotate("--in-place", key=True)
        assert declared.json["step"] == "hold", declared
        held = rotator.rotate(key=True)
        assert held.json["step"] == "deploy", held
        assert rotator.environment["fallback"] == {"private_key": "${file:../../secrets/uat_2.key}"}
        deployed = rotator.rotate()
        assert (deployed.status, deployed.json["step"]) == (0, "prove"), deployed
        assert rotator.works(), "the fallback takes over"
        rotator.passes("16m")
        switched = rotator.rotate()
        assert (switched.status, switched.json["step"]) == (0, "generate"), switched
        assert "fallback" not in rotator.environment
        assert rotator.works()
        assert apps(admin) == ["Provisioner_CI"]

    def test_the_way_back(self, rotator: Rotator) -> None:
        rotator.new_pair()
        rotator.rotate("--in-place", key=True)
        rotator.rotate(key=True)
        assert rotator.rotate().json["step"] == "prove"
        assert rotator.rotate("--back").json["step"] == "deploy"
        assert rotator.rotate().json["step"] == "prove"
        rotator.passes("16m")
        done = rotator.rotate()
        assert done.json["step"] == "generate", done
        assert rotator.environment["private_key"] == "${file:../../secrets/uat.key}"
        assert rotator.works()


class TestExpiring:
    def names(self, rotator: Rotator) -> list[str]:
        ran = rotator.applicant.run("keys", "expiring", "--env", "uat", "--days", "9000", "--format", "json")
        return [each["name"] for each in ran.json["keys"] if "login" in each["name"]]

    def test_the_certificate_of_a_login(self, rotator: Rotator) -> None:
        rotator.new_pair("first", "uat")
        assert self.names(rotator) == ["login.provisioner_ci"]
        rotator.applicant.logins.unlink()
        assert self.names(rotator) == ["login.uat"], "the one beside the environment's private key"
