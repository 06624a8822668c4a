"""``login rotate|retire``: a new certificate by a second app, or in place; the way back; the end of the earlier app."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.logging_in import ADMIN, Applicant, Ground
from tests.cli.rotating_login import Rotator
from tests.localorg.logins import Administrator


@pytest.fixture
def rotator(established: Applicant, ground: Ground) -> Rotator:
    return Rotator(established, ground)


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

    @pytest.mark.parametrize(("more", "step"), [((), "deploy"), (("--in-place",), "hold")])
    def test_the_status_of_the_login_names_a_rotation(self, rotator: Rotator, more: tuple[str, ...], step: str) -> None:
        def status(*form: str) -> Any:
            return rotator.applicant.run("login", "status", "--env", "uat", *ADMIN, *form)

        assert status("--format", "json").json["logins"][0]["rotation"] is None
        assert "rotation" not in status().out
        rotator.new_pair()
        assert rotator.rotate(*more, key=True).json["step"] == step
        shown = "provisioner login rotate provisioner_ci --env uat --admin-token-env ADMIN_TOKEN --status"
        answer = status("--format", "json").json
        assert (bool(answer["logins"][0]["differences"]), answer["logins"][0]["works"]) == (True, True)
        assert (answer["logins"][0]["rotation"], answer["next"]) == (shown, shown)
        printed = status().out
        assert "  rotation         in progress\n" in printed
        assert f"Next: {shown}\n" in printed
        assert rotator.applicant.run(*shown.split()[1:]).status == 0
        assert rotator.rotate(key=bool(more)).status == 0
        answer = status("--format", "json").json
        assert (answer["logins"][0]["works"], answer["next"]) == (True, shown)

    def test_a_second_rotation_counts_on(self, rotator: Rotator, admin: Administrator) -> None:
        rotator.begin_at_the_switch()
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
        rotator.begin_at_the_switch()
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
        rotator.begin_at_the_switch()
        rotator.passes("120h")
        refused = rotator.retire()
        assert (refused.status, [each["code"] for each in refused.json["refused"]]) == (3, ["still-used"])
        assert "ci@" in refused.json["refused"][0]["message"] or refused.json["history"]["users"]

    @pytest.mark.parametrize(
        ("fault", "code"),
        [("login-history-hidden", "history-unreadable"), ("login-history-hidden=own", "history-blind")],
    )
    def test_a_hidden_history_is_no_silence(self, rotator: Rotator, fault: str, code: str) -> None:
        rotator.begin_at_the_switch()
        rotator.passes("192h")
        rotator.applicant.breaks(fault)
        refused = rotator.retire()
        assert (refused.status, [each["code"] for each in refused.json["refused"]]) == (3, [code])

    def test_a_login_that_fails_ends_nothing(self, rotator: Rotator) -> None:
        rotator.begin_at_the_switch()
        rotator.passes("192h")
        rotator.applicant.breaks("user-frozen")
        refused = rotator.retire()
        assert refused.status == 3
        assert "unproven" in [each["code"] for each in refused.json["refused"]]

    def test_it_asks_twice(self, rotator: Rotator) -> None:
        rotator.begin_at_the_switch()
        rotator.passes("192h")
        line = ("login", "retire", "--env", "uat", *ADMIN, "--format", "json")
        for more, words in ((("--yes",), "--allow-destroy"), (("--allow-destroy",), "--yes")):
            refused = rotator.applicant.run(*line, *more)
            assert refused.status == 3
            assert words in refused.out
        assert rotator.step() == "disable"

    def test_a_leaked_key_does_not_wait(self, rotator: Rotator) -> None:
        rotator.begin_at_the_switch()
        assert rotator.retire().status == 3
        off = rotator.retire("--leaked")
        assert (off.status, off.json["step"]) == (0, "delete"), off

    def test_nothing_is_retired_before_the_switch(self, rotator: Rotator) -> None:
        rotator.new_pair()
        rotator.rotate(key=True)
        refused = rotator.retire()
        assert (refused.status, [each["code"] for each in refused.json["refused"]]) == (3, ["login-not-switched"])

    def test_a_deletion_looks_again_after_the_question(
        self, rotator: Rotator, admin: Administrator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rotator.begin_at_the_switch()
        rotator.passes("192h")
        assert rotator.retire().status == 0
        rotator.passes("25h")

        def answered(*_: object) -> bool:
            rotator.applicant.breaks("login-history-hidden")
            return True

        monkeypatch.setattr("provisioner.workflows.send.Confirmation.__call__", answered)
        refused = rotator.retire()
        assert (refused.status, "changed since the plan was shown" in refused.out) == (3, True)
        assert apps(admin) == ["Provisioner_CI", "Provisioner_CI_2"]

    def test_an_org_that_says_no_time(self, rotator: Rotator) -> None:
        rotator.begin_at_the_switch()
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
        gone = rotator.retire().json
        assert gone["step"] == "generate"
        assert apps(admin) == ["Provisioner_CI"]
        assert "--login provisioner-ci-3 " in gone["next"][0], "the number of the deleted app is not used again"

    def test_after_the_switch(self, rotator: Rotator) -> None:
        rotator.begin_at_the_switch()
        assert rotator.rotate("--back").json["step"] == "prove"
        switched = rotator.rotate()
        assert (switched.status, switched.json["step"]) == (0, "disable"), switched
        assert rotator.environment["private_key"] == "${file:../../secrets/uat.key}"
        assert rotator.environment["fallback"]["private_key"] == "${file:../../secrets/uat_2.key}"
        assert rotator.works()

    def test_after_the_earlier_app_was_switched_off(self, rotator: Rotator) -> None:
        rotator.begin_at_the_switch()
        rotator.passes("192h")
        assert rotator.retire().json["step"] == "delete"
        assert rotator.rotate("--back").json["step"] == "deploy"
        assert rotator.rotate().json["step"] == "prove"
        rotator.passes("16m")
        assert rotator.rotate().json["step"] == "disable"
        assert rotator.works()

    def test_none_after_the_deletion(self, rotator: Rotator) -> None:
        rotator.begin_at_the_switch()
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


class TestOtherEnvironments:
    """Environment files that a command cannot change alone, or that are written differently."""

    def with_variables(self, rotator: Rotator, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
        folder = rotator.applicant.folder / "secrets"
        monkeypatch.setenv("UAT_KEY", (folder / "uat.consumer_key").read_text().strip())
        monkeypatch.setenv("UAT_PRIVATE", (folder / "uat.key").read_text())
        login = {**rotator.environment, "consumer_key": "${env:UAT_KEY}", "private_key": "${env:UAT_PRIVATE}"}
        rotator.applicant.environment.write_text(json.dumps(login))
        return login

    def test_variables_are_switched_by_a_person(self, rotator: Rotator, monkeypatch: pytest.MonkeyPatch) -> None:
        login = self.with_variables(rotator, monkeypatch)
        before = rotator.applicant.environment.read_text()
        rotator.new_pair()
        assert rotator.rotate(key=True).json["step"] == "deploy"
        assert rotator.rotate().json["step"] == "prove"
        rotator.passes("16m")
        proven = rotator.rotate(key=True)
        assert (proven.status, proven.json["step"], proven.json["proof"]["proven"]) == (0, "switch", True), proven
        words = " ".join(proven.json["next"])
        assert "under `fallback:`" in words
        assert rotator.applicant.environment.read_text() == before
        key = words.partition("Store the consumer key ")[2].partition(" ")[0]
        monkeypatch.setenv("UAT_KEY_2", key)
        monkeypatch.setenv("UAT_PRIVATE_2", (rotator.applicant.folder / "secrets/uat_2.key").read_text())
        half = {**login, "consumer_key": "${env:UAT_KEY_2}"}
        rotator.applicant.environment.write_text(json.dumps(half))
        mixed = rotator.rotate("--status")
        assert (mixed.status, mixed.json["refused"][0]["code"]) == (3, "mixed-login")
        whole = {
            **half,
            "private_key": "${env:UAT_PRIVATE_2}",
            "fallback": {"consumer_key": "${env:UAT_KEY}", "private_key": "${env:UAT_PRIVATE}"},
        }
        rotator.applicant.environment.write_text(json.dumps(whole))
        assert rotator.step() == "disable"
        assert rotator.works()

    def test_both_keys_are_stored_by_a_person(self, rotator: Rotator, monkeypatch: pytest.MonkeyPatch) -> None:
        login = self.with_variables(rotator, monkeypatch)
        rotator.new_pair()
        held = rotator.rotate("--in-place", key=True)
        assert (held.json["step"], held.status) == ("hold", 0), held
        again = rotator.rotate(key=True)
        assert again.json["step"] == "hold"
        assert "fallback: {private_key: ...}" in " ".join(again.json["next"])
        monkeypatch.setenv("UAT_PRIVATE_2", (rotator.applicant.folder / "secrets/uat_2.key").read_text())
        both = {**login, "fallback": {"private_key": "${env:UAT_PRIVATE_2}"}}
        rotator.applicant.environment.write_text(json.dumps(both))
        assert rotator.rotate().json["step"] == "prove"
        rotator.passes("16m")
        assert rotator.rotate().json["step"] == "generate", "the two references change places in the file"
        assert rotator.environment["private_key"] == "${env:UAT_PRIVATE_2}"
        assert rotator.works()

    def test_a_consumer_key_in_the_file_itself(self, rotator: Rotator) -> None:
        key = rotator.applicant.key_file.read_text().strip()
        rotator.applicant.environment.write_text(json.dumps({**rotator.environment, "consumer_key": key}))
        rotator.to_the_switch()
        assert rotator.environment["fallback"]["consumer_key"] == key
        assert len(rotator.environment["consumer_key"]) == 80
        assert rotator.works()

    def test_a_fallback_that_is_gone_stops_nothing(self, rotator: Rotator) -> None:
        rotator.begin_at_the_switch()
        (rotator.applicant.folder / "secrets/uat.key").unlink()
        assert rotator.works()
        assert rotator.step() == "disable"

    def test_a_connected_app_is_rotated_in_place(self, rotator: Rotator, admin: Administrator) -> None:
        from tests.cli.test_login import _connected_app

        rotator.applicant.breaks("connected-app-creation")
        admin.succeed({"ConnectedApp/Old_App": _connected_app()})
        rotator.applicant.edit("type: external", "type: connected")
        rotator.applicant.edit("name: Provisioner_CI\n", "name: Old_App\n")
        assert rotator.applicant.apply().status == 0
        rotator.new_pair()
        for words, step in (({"key": True}, "hold"), ({"key": True}, "deploy"), ({}, "prove")):
            ran = rotator.rotate(**words)  # type: ignore[arg-type]
            assert (ran.status, ran.json["step"], ran.json["way"]) == (0, step, "in-place"), ran
        rotator.passes("16m")
        ran = rotator.rotate()
        assert ran.json.get("step") == "generate", ran
        assert rotator.works()


class TestRefusals:
    def test_an_unknown_login(self, rotator: Rotator) -> None:
        ran = rotator.rotate("reporting")
        assert (ran.status, ran.json["error"]["code"]) == (64, "unknown-login")

    def test_another_login_s_environment(self, rotator: Rotator) -> None:
        file = rotator.applicant.folder / "config/logins.yaml"
        rest = file.read_text().split("\n  ", 1)[1].split(":\n", 1)[1]
        other = rest.replace("Provisioner_CI", "Reporting").replace("${env_field:username}", "reporting@acme.com")
        file.write_text(f"{file.read_text().rstrip()}\n  reporting:\n{other}")
        ran = rotator.rotate("reporting")
        assert (ran.status, ran.json["error"]["code"]) == (1, "not-the-login")

    def test_options_that_do_not_go_together(self, rotator: Rotator) -> None:
        for words in (("--status", "--back"), ("--back", "--in-place"), ("--passphrase-env", "X")):
            assert rotator.rotate(*words, yes=False).status == 64

    def test_apply_says_that_a_rotation_has_begun(self, rotator: Rotator) -> None:
        rotator.new_pair()
        rotator.rotate(key=True)
        ran = rotator.applicant.apply()
        assert (ran.status, ran.json["error"]["code"]) == (1, "rotation-under-way")
        assert "login rotate provisioner_ci --env uat --status" in ran.json["error"]["next"]

    def test_a_key_without_its_certificate(self, rotator: Rotator) -> None:
        rotator.new_pair()
        (rotator.applicant.folder / "secrets/uat_2.crt").unlink()
        assert rotator.rotate(key=True).json["error"]["code"] == "no-certificate"
        rotator.new_pair()
        (rotator.applicant.folder / "secrets/uat_2.key").write_bytes(b"no key\n")
        assert rotator.rotate(key=True).status == 1
        assert "replaces" not in rotator.app

    def test_an_app_waits_for_a_free_file_of_its_key(self, rotator: Rotator, admin: Administrator) -> None:
        rotator.new_pair()
        rotator.rotate(key=True)
        file = rotator.applicant.folder / "secrets/uat_2.consumer_key"
        file.write_text("of somebody else\n")
        refused = rotator.rotate()
        assert (refused.status, refused.json["error"]["code"]) == (3, "file-exists")
        assert apps(admin) == ["Provisioner_CI"]
        file.unlink()
        assert rotator.rotate().json["step"] == "prove"

    def test_a_key_on_standard_input_has_no_certificate(self, rotator: Rotator) -> None:
        refused = rotator.rotate("--key-file", "-")
        assert refused.status == 64
        assert "--from" not in refused.json["error"]["message"]

    def test_a_new_side_that_fails_is_not_switched_to(self, rotator: Rotator) -> None:
        rotator.new_pair()
        rotator.rotate(key=True)
        assert rotator.rotate().json["step"] == "prove"
        rotator.passes("16m")
        rotator.applicant.breaks("user-frozen")
        failed = rotator.rotate("--prove-for", "0.01", key=True)
        assert (failed.status, failed.json["step"], failed.json["proof"]["proven"]) == (4, "prove", False)
        assert "fallback" not in rotator.environment
