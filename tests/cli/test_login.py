"""``login plan|apply|status``: from an org with nothing but an administrator to a login that works."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from provisioner import localorg
from provisioner.execution.journal import Journal
from provisioner.salesforce import Org
from provisioner.workflows import login_proof
from tests.cli.fake_sf import install
from tests.cli.logging_in import ADDRESSES, ADMIN, Applicant, settle_in
from tests.clock import skipping_clock
from tests.localorg.client import package
from tests.localorg.logins import APP, GATE, PERMISSIONS, Administrator, one, permission_set
from tests.localorg.logins import app as app_files


@pytest.fixture
def applicant(
    bare_org: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Applicant]:
    localorg.mend(bare_org, None)
    localorg.reset(bare_org)
    connection = localorg.start(bare_org)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ADMIN_TOKEN", Path(connection.admin_token_file).read_text().strip())
    monkeypatch.setattr(login_proof, "PAUSE_SECONDS", 0.2)
    with skipping_clock():
        yield settle_in(tmp_path, bare_org, connection, capsys)


@pytest.fixture
def admin(applicant: Applicant) -> Iterator[Administrator]:
    client = Administrator(applicant.connection, applicant.org)
    yield client
    client.close()


def consumer_key(admin: Administrator) -> str:
    return str(admin.read("ExtlClntAppGlobalOauthSettings")["consumerKey"])


class TestFromNothing:
    def test_one_command_to_a_plan(self, applicant: Applicant) -> None:
        """The steps of the person: one command for the login, and then `plan` works."""
        assert applicant.run("validate", "--env", "uat").status == 0, "the consumer key may be missing before"
        assert applicant.run("plan", "--env", "uat").status != 0
        steps = [applicant.apply()]
        assert [each.status for each in steps] == [0], steps[0]
        planned = applicant.run("plan", "--env", "uat")
        assert (planned.status, "No changes." in planned.out) == (0, True)

    def test_the_next_command_has_the_administrator(self, applicant: Applicant) -> None:
        status = applicant.run("login", "status", "--env", "uat", *ADMIN)
        assert status.status == 2
        assert "Next: provisioner login plan --env uat --admin-token-env ADMIN_TOKEN" in status.out

    def test_what_it_does(self, applicant: Applicant, admin: Administrator) -> None:
        assert [each["address"] for each in applicant.plan()["changes"]] == ADDRESSES
        applied = applicant.apply().json
        assert (applied["outcome"], applied["converged"], applied["proof"]["proven"]) == ("applied", True, True)
        assert applicant.key_file.read_text().strip() == consumer_key(admin)
        assert stat.S_IMODE(applicant.key_file.stat().st_mode) == 0o600
        assert applied["consumer_keys"] == {"provisioner_ci": consumer_key(admin)}
        assert len(consumer_key(admin)) == 80
        assert applicant.run("validate", "--env", "uat").status == 0

    def test_a_second_run_changes_nothing(self, established: Applicant) -> None:
        again = established.apply().json
        assert (again["outcome"], again["proof"]["proven"]) == ("unchanged", True)
        assert established.plan()["changes"] == []
        status = established.run("login", "status", "--env", "uat", *ADMIN, "--format", "json")
        assert (status.status, status.json["good"]) == (0, True)
        assert status.json["logins"][0]["works"] is True

    def test_a_lost_consumer_key_is_written_again(self, established: Applicant) -> None:
        key = established.key_file.read_text()
        established.key_file.write_text("another-key-of-long-ago\n")
        assert established.run("login", "status", "--env", "uat", *ADMIN).status == 0
        assert established.apply().json["written"] is not None
        assert established.key_file.read_text() == key

    def test_it_is_in_the_journal_and_not_restored(self, established: Applicant) -> None:
        (entry,) = Journal.here().entries()
        assert entry.command == "login apply"  # type: ignore[union-attr]
        refused = established.run("restore", entry.id, "--env", "uat", "--yes")  # type: ignore[union-attr]
        assert (refused.status, "login apply" in refused.err) == (1, True)
        latest = established.run("restore", "latest", "--env", "uat", "--yes")
        assert "no change of this org that can be restored" in " ".join(latest.err.split())


#: What an org may do differently, and the words about it, if there are any.
BOTH_SIDES = [
    ("eca-consumer-key=refused", "does not take a chosen consumer key"),
    ("eca-consumer-key=replaced", "another consumer key than the one that was sent"),
    ("consumer-key-update-refused", ""),
    ("eca-certificate-text", ""),
    ("eca-policy-name", "under the name"),
    ("eca-order=drops", ""),
    ("eca-order=rejects", ""),
    ("eca-policy-ends-session", ""),
    ("eca-policy-needs-assignment", ""),
    ("eca-permission-set-same-package", ""),
    ("eca-permission-set-form=ids", ""),
    ("eca-permission-set-omitted-gone", ""),
    ("eca-pkce-reverts", ""),
    ("connected-app-creation", ""),
    ("secrets-in-metadata", ""),
    ("permission-dependencies-added", ""),
    ("elements-reordered", ""),
    ("query-pages", ""),
    ("deploy-queued", ""),
    ("eca-propagation=1s", ""),
    ("eca-key-unreadable=absent", ""),
    ("eca-key-unreadable=placeholder", ""),
    ("connect-credentials-closed", ""),
]


@pytest.mark.parametrize(("fault", "words"), BOTH_SIDES)
def test_both_sides_work(applicant: Applicant, admin: Administrator, fault: str, words: str) -> None:
    applicant.breaks(fault)
    applied = applicant.apply()
    assert applied.json["outcome"] == "applied", applied
    assert applied.json["proof"]["proven"] is True
    assert words in " ".join(applied.json["notes"])
    assert applicant.plan()["changes"] == []
    applicant.edit("session_timeout_minutes: 15", "session_timeout_minutes: 30")
    changed = applicant.apply()
    assert changed.json["outcome"] == "applied", changed
    assert applicant.plan()["changes"] == []
    applicant.mends()
    assert applicant.key_file.read_text().strip() == consumer_key(admin)


def test_a_key_that_the_org_shows_nowhere(applicant: Applicant) -> None:
    """Our own key is known before the org has it."""
    for fault in ("eca-key-unreadable", "connect-credentials-closed"):
        applicant.breaks(fault)
    applied = applicant.apply().json
    assert (applied["outcome"], applied["proof"]["proven"]) == ("applied", True)
    again = applicant.apply().json
    assert "does not show the consumer key" in again["to_do"][0]


@pytest.mark.parametrize("words", ["scope", "not-approved"])
def test_an_org_that_wants_refresh_tokens(applicant: Applicant, words: str) -> None:
    applicant.breaks(f"eca-zero-refuses={words}")
    ran = applicant.apply("--prove-for", "0.01")
    assert ran.status == 4
    assert "refresh_token_hours: 4" in ran.json["to_do"][0]
    applicant.edit("session_timeout_minutes: 15", "refresh_token_hours: 4")
    applied = applicant.apply().json
    assert (applied["outcome"], applied["proof"]["proven"]) == ("applied", True)
    assert applicant.plan()["changes"] == []


@pytest.mark.parametrize("left", ["gone", "broken", "copied"])
def test_whatever_a_refresh_leaves(established: Applicant, monkeypatch: pytest.MonkeyPatch, left: str) -> None:
    established.breaks(f"sandbox-refresh={left}")
    monkeypatch.setenv("ADMIN_TOKEN", Path(established.connection.admin_token_file).read_text().strip())
    applied = established.apply()
    assert applied.json["outcome"] in ("applied", "unchanged"), applied
    assert applied.json["proof"]["proven"] is True
    assert established.run("plan", "--env", "uat").status == 0


def test_a_consumer_secret_never_shows(applicant: Applicant, admin: Administrator) -> None:
    applicant.breaks("secrets-in-metadata")
    assert applicant.apply().status == 0
    secret = admin.read("ExtlClntAppGlobalOauthSettings").get("consumerSecret")
    assert secret, "the org shows it"
    applicant.edit("certificate: keys/first.crt", "certificate: keys/second.crt")
    applicant.certificate("second")
    ran = applicant.apply("-vv")
    assert ran.json["outcome"] == "applied", ran
    assert secret not in ran.out + ran.err
    for path in Journal.here().folder.rglob("*"):  # type: ignore[union-attr]
        assert not path.is_file() or secret not in path.read_text()


class TestAnExistingApp:
    """An app of Setup's names, or with what nobody declared."""

    def test_parts_of_other_names_are_updated(self, applicant: Applicant, admin: Administrator) -> None:
        admin.made()
        applicant.edit("session_timeout_minutes: 15", "session_timeout_minutes: 30")
        changes = {each["address"]: each for each in applicant.plan()["changes"]}
        assert list(changes) == ["permission_set.Provisioner_CI_Permissions", "app.Provisioner_CI"] or list(
            changes
        ) == ["app.Provisioner_CI"]
        applied = applicant.apply().json
        assert (applied["outcome"], applied["proof"]["proven"]) == ("applied", True)
        policy = admin.read("ExtlClntAppOauthConfigurablePolicies")
        assert policy["sessionTimeoutInMinutes"] == "30"

    def test_another_certificate_is_a_disruption(self, established: Applicant) -> None:
        established.edit("keys/first.crt", "keys/second.crt")
        established.certificate("second")
        (change,) = established.plan()["changes"]
        assert (change["address"], change["risk"]) == ("app.Provisioner_CI", "disruptive")
        assert [field["path"] for field in change["fields"]] == ["app.certificate"]
        assert "earlier certificate" in change["impact"][0]
        applied = established.apply().json
        assert (applied["outcome"], applied["proof"]["proven"]) == ("applied", True)
        assert established.run("plan", "--env", "uat").status == 0

    def test_other_gates_stay(self, applicant: Applicant, admin: Administrator) -> None:
        admin.made()
        admin.succeed({"PermissionSet/Other_Access": _set("Other")})
        files = app_files(
            key=None,
            ExtlClntAppOauthConfigurablePolicies=_policy("Other_Access"),
        )
        kind = "ExtlClntAppOauthConfigurablePolicies"
        admin.succeed({name: text for name, text in files.items() if name.startswith(kind)})
        plan = applicant.plan()
        fields = {field["path"]: field for change in plan["changes"] for field in change["fields"]}
        assert fields["access.gate"]["after"] == ["Other_Access", GATE]
        assert applicant.apply().status == 0
        assert set(admin.read(kind)["commaSeparatedPermissionSet"].replace(" ", "").split(",")) == {
            "Other_Access",
            GATE,
        }

    def test_self_authorized_lists_who_loses_access(self, applicant: Applicant, admin: Administrator) -> None:
        admin.made()
        applicant.breaks("user-not-approved")
        (change,) = [each for each in applicant.plan()["changes"] if each["address"] == f"app.{APP}"]
        assert change["risk"] == "disruptive"
        assert any("lose access" in each for each in change["impact"])
        assert applicant.apply().json["proof"]["proven"] is True

    def test_a_connected_app_is_adopted(self, applicant: Applicant, admin: Administrator) -> None:
        applicant.edit("type: external", "type: connected")
        missing = applicant.run("login", "plan", "--env", "uat", *ADMIN, "--format", "json")
        assert missing.status == 1
        assert [each["guard"] for each in missing.json["blocked"]] == ["connected-app-missing"]
        applicant.breaks("connected-app-creation")
        admin.succeed({f"ConnectedApp/{APP}": _connected_app()})
        applied = applicant.apply()
        assert applied.json["outcome"] == "applied", applied
        assert applied.json["proof"]["proven"] is True
        assert applicant.plan()["changes"] == []


def _set(label: str) -> str:
    from tests.localorg.logins import permission_set

    return permission_set(label=label)


def _policy(gates: str) -> str:
    from tests.localorg.logins import oauth_policy

    return oauth_policy(commaSeparatedPermissionSet=gates)


def _connected_app() -> str:
    from tests.localorg.logins import pem
    from tests.localorg.material import xml

    config = (
        "<callbackUrl>http://localhost:1717/OauthRedirect</callbackUrl>"
        f"<certificate>{pem('second')}</certificate><scopes>Api</scopes>"
    )
    return xml(
        "ConnectedApp",
        "<contactEmail>platform@example.com</contactEmail><label>Provisioner CI</label>"
        f"<oauthConfig>{config}</oauthConfig>",
    )


class TestRefusals:
    def test_nothing_without_a_yes(self, applicant: Applicant, admin: Administrator) -> None:
        ran = applicant.run("login", "apply", "--env", "uat", *ADMIN, "--format", "json")
        assert (ran.status, ran.json["outcome"]) == (3, "refused")
        assert admin.query("SELECT Id FROM ExternalClientApplication") == []

    def test_production_must_be_declared(self, applicant: Applicant) -> None:
        applicant.breaks("production")
        ran = applicant.apply()
        assert ran.status == 3
        assert "production: true" in ran.out

    @pytest.mark.parametrize(
        "right",
        ["ModifyMetadata", "ExternalClientAppDeveloper", "ManageProfilesPermissionsets", "ExternalClientAppAdmin"],
    )
    def test_an_administrator_who_lacks_a_right(self, applicant: Applicant, admin: Administrator, right: str) -> None:
        applicant.breaks(f"administrator-lacks={right}")
        ran = applicant.apply()
        assert ran.status == 3, ran
        assert admin.query("SELECT Id FROM ExternalClientApplication") == []

    def test_a_user_that_does_not_exist(self, applicant: Applicant) -> None:
        applicant.edit("${env_field:username}", "nobody@localorg.example")
        ran = applicant.apply()
        assert ran.status == 1
        assert "does not exist" in ran.out

    def test_a_frozen_user(self, applicant: Applicant) -> None:
        applicant.breaks("user-frozen")
        assert applicant.apply().status == 1

    def test_a_gate_that_grants_permissions(self, applicant: Applicant, admin: Administrator) -> None:
        from tests.localorg.logins import permission_set

        admin.succeed({f"PermissionSet/{GATE}": permission_set("ApiEnabled")})
        blocked = applicant.plan()["blocked"]
        assert [each["guard"] for each in blocked] == ["gate-grants-permissions"]

    def test_a_certificate_of_another_key(self, applicant: Applicant, admin: Administrator) -> None:
        applicant.certificate("second")
        ran = applicant.apply()
        assert ran.status == 1
        assert "does not belong to the private key" in ran.out
        assert admin.query("SELECT Id FROM PermissionSet WHERE IsOwnedByProfile = false") == []

    def test_the_session_in_use_is_not_changed(self, established: Applicant) -> None:
        established.edit("[api, refresh_token]", "[api, refresh_token, web]")
        ran = established.run("login", "plan", "--env", "uat", "--admin-env", "uat", "--format", "json")
        assert "session-in-use" in [each["guard"] for each in ran.json["blocked"]]

    def test_the_login_does_not_change_itself(self, established: Applicant) -> None:
        established.edit("session_timeout_minutes: 15", "session_timeout_minutes: 30")
        line = ("login", "plan", "--env", "uat", "--admin-env", "uat", "--format", "json")
        assert "own-login" in [each["guard"] for each in established.run(*line).json["blocked"]]
        established.edit("    assigned_to:", "    self_managed: true\n    assigned_to:")
        assert "own-login" not in [each["guard"] for each in established.run(*line).json["blocked"]]

    def test_switching_off_needs_allow_destroy(self, established: Applicant) -> None:
        established.edit("      name: Provisioner_CI\n", "      name: Provisioner_CI\n      enabled: false\n")
        assert [each["guard"] for each in established.plan()["blocked"]] == ["destructive"]
        assert established.apply().status == 3

    def test_a_key_file_in_the_config_directory(self, applicant: Applicant, admin: Administrator) -> None:
        text = applicant.environment.read_text().replace("../../secrets/uat.consumer_key", "uat.consumer_key")
        applicant.environment.write_text(text)
        ran = applicant.apply()
        assert ran.status == 3
        assert "not ignored by git" in ran.out
        assert admin.query("SELECT Id FROM ExternalClientApplication") == []

    def test_another_org(self, applicant: Applicant) -> None:
        text = applicant.environment.read_text()
        applicant.environment.write_text(text[:-1] + ', "org_id": "00D5g000000XXXX"}')
        assert applicant.apply().status == 3

    def test_an_api_version_that_is_too_low(self, applicant: Applicant) -> None:
        text = applicant.environment.read_text()
        applicant.environment.write_text(text[:-1] + ', "api_version": "63.0"}')
        assert "old-api" in [each["guard"] for each in applicant.plan()["blocked"]]

    def test_an_expired_token(self, applicant: Applicant, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ADMIN_TOKEN", "00D5g000000XXXX!AQ.an_access_token_that_nobody_gave_out")
        ran = applicant.apply()
        assert ran.status in (3, 4)

    def test_two_sessions(self, applicant: Applicant) -> None:
        ran = applicant.run("login", "plan", "--env", "uat", "--admin-env", "uat", "--sf-org", "uat")
        assert ran.status == 64

    def test_no_session(self, applicant: Applicant) -> None:
        ran = applicant.run("login", "plan", "--env", "uat")
        assert (ran.status, "--sf-org ALIAS" in ran.err) == (64, True)

    def test_a_variable_is_said_to_the_person(self, applicant: Applicant, monkeypatch: pytest.MonkeyPatch) -> None:
        text = applicant.environment.read_text()
        applicant.environment.write_text(text.replace("${file:../../secrets/uat.consumer_key}", "${env:UAT_KEY}"))
        applied = applicant.apply().json
        assert applied["written"] is None
        (todo,) = applied["to_do"]
        assert applied["consumer_keys"]["provisioner_ci"] in todo
        monkeypatch.setenv("UAT_KEY", applied["consumer_keys"]["provisioner_ci"])
        assert applicant.run("plan", "--env", "uat").status == 0


@pytest.mark.parametrize("form", ["old", "both", "in-turn"])
def test_a_new_certificate_while_it_spreads(established: Applicant, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    """It is proven when the org no longer answers by the earlier certificate, in part or at all."""
    monkeypatch.setattr(login_proof, "PAUSE_SECONDS", 0.5)
    established.edit("keys/first.crt", "keys/second.crt")
    established.certificate("second")
    established.breaks("eca-propagation=3s")
    established.breaks(f"eca-propagation-form={form}")
    applied = established.apply().json
    assert (applied["outcome"], applied["proof"]["proven"]) == ("applied", True)
    assert applied["proof"]["attempts"] >= 3
    for _ in range(3):
        assert established.run("plan", "--env", "uat").status == 0


class TestTheOrgSaysNo:
    def test_a_permission_that_depends_on_another(self, applicant: Applicant) -> None:
        applicant.breaks("permission-depends-on-more")
        ran = applicant.apply()
        assert ran.status == 5
        assert "user_permissions" in ran.json["problems"][0]["meaning"]
        applicant.edit("configure_messaging]", "configure_messaging, customize_application]")
        assert applicant.apply().status == 0

    def test_a_license_that_does_not_allow_it(self, applicant: Applicant) -> None:
        applicant.breaks("integration-license")
        ran = applicant.apply()
        assert ran.status == 5
        assert ran.json["phase"] == "assignments"
        assert "full license" in ran.json["problems"][0]["meaning"]
        assert "Applied before that: permission sets" in " ".join(ran.json["notes"])
        applicant.mends()
        assert applicant.apply().status == 0

    def test_a_refusal_points_at_the_line(self, applicant: Applicant) -> None:
        applicant.edit("configure_messaging]", "configure_messaging, NoSuchPermission]")
        ran = applicant.apply()
        assert ran.status == 5
        (problem,) = ran.json["problems"]
        assert problem["address"] == f"permission_set.{PERMISSIONS}"
        assert problem["declared_at"].startswith("config/logins.yaml:")

    def test_a_login_that_does_not_work_afterwards(self, applicant: Applicant) -> None:
        applicant.breaks("ip-restricted")
        ran = applicant.apply("--prove-for", "1")
        assert ran.status == 4
        assert (ran.json["outcome"], ran.json["proof"]["proven"]) == ("applied", False)
        assert applicant.key_file.exists(), "the key is written all the same"

    def test_deployments_of_others_are_waited_for(self, applicant: Applicant, admin: Administrator) -> None:
        admin.breaks("deploy-queued=2")
        other = admin.submit(package(one("PermissionSet", permission_set(label="Other"), "Other")))
        ran = applicant.apply()
        assert (ran.status, ran.json["outcome"]) == (0, "applied"), ran
        assert f"Deployment {other}" in ran.err
        assert "waiting for it" in ran.err

    def test_a_deployment_of_others_that_takes_too_long(self, applicant: Applicant, admin: Administrator) -> None:
        admin.breaks("deploy-queued=1000")
        admin.submit(package(one("PermissionSet", permission_set(label="Other"), "Other")))
        ran = applicant.apply("--wait", "0.01")
        applicant.mends()
        assert (ran.status, ran.json["error"]["code"]) == (6, "org-occupied"), ran
        assert admin.query("SELECT Id FROM ExternalClientApplication") == []

    def test_the_setup_lock(self, applicant: Applicant) -> None:
        applicant.breaks("setup-locked=1")
        assert applicant.apply().status == 0


class TestCutOff:
    """A run that ends anywhere is continued by the next one."""

    @pytest.mark.parametrize("step", range(6))
    def test_interrupted_at_each_step(self, applicant: Applicant, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
        steps = iter(range(100))

        def cut(original: Any) -> Any:
            def called(*args: Any, **options: Any) -> Any:
                if next(steps) == step:
                    raise KeyboardInterrupt
                return original(*args, **options)

            return called

        with monkeypatch.context() as patch:
            for name in ("deploy", "assign_permission_set", "wait_for", "read"):
                patch.setattr(Org, name, cut(getattr(Org, name)))
            interrupted = applicant.apply()
        assert interrupted.status == 130, interrupted
        assert "continues from what the org holds" in interrupted.out
        again = applicant.apply()
        assert again.status == 0, again
        assert again.json["proof"]["proven"] is True

    def test_interrupted_before_the_key_is_written(self, applicant: Applicant, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as patch:

            def stop(*_: object, **__: object) -> None:
                raise KeyboardInterrupt

            patch.setattr("provisioner.workflows.login_apply.prove_login", stop)
            assert applicant.apply().status == 130
        assert not applicant.key_file.exists()
        again = applicant.apply()
        assert (again.status, again.json["outcome"]) == (0, "unchanged")
        assert applicant.key_file.exists()

    @pytest.mark.parametrize("fault", ["deploy-answer-lost", "deploy-not-accepted-lost"])
    def test_a_lost_answer(self, applicant: Applicant, admin: Administrator, fault: str) -> None:
        applicant.breaks(fault)
        ran = applicant.apply()
        applicant.mends()
        assert ran.status in (0, 4, 6), ran
        again = applicant.apply()
        assert again.status == 0, again
        assert len(admin.query("SELECT Id FROM ExternalClientApplication")) == 1

    def test_a_session_that_ends(self, applicant: Applicant) -> None:
        applicant.breaks("session-ends=9")
        ran = applicant.apply()
        applicant.mends()
        assert ran.status in (0, 4), ran

    def test_the_session_of_the_official_cli(self, applicant: Applicant, monkeypatch: pytest.MonkeyPatch) -> None:
        fake = install(applicant.folder / "bin", monkeypatch)
        token = Path(applicant.connection.admin_token_file).read_text().strip()
        shown = {
            "id": applicant.connection.org_id,
            "instanceUrl": applicant.connection.url,
            "username": "admin@x.example",
        }
        fake.has_session(token, **shown, clientId="PlatformCLI")
        applied = applicant.run("login", "apply", "--env", "uat", "--sf-org", "uat", "--yes", "--format", "json")
        assert applied.json["proof"]["proven"] is True, applied
        assert token not in applied.out + applied.err
        fake.unknown_org("uta", "uat")
        unknown = applicant.run("login", "plan", "--env", "uat", "--sf-org", "uta")
        assert (unknown.status, "sf org login web --alias uta" in unknown.err) == (4, True)


def test_keys_expiring_knows_login_certificates(applicant: Applicant) -> None:
    listed = applicant.run("keys", "expiring", "--days", "10000", "--format", "json")
    assert listed.status == 2, listed
    assert "login.provisioner_ci" in listed.out
    shown = " ".join(applicant.run("keys", "expiring", "--days", "10000").out.split())
    assert "provisioner keys generate --login NAME" in shown
    assert "change the signer" not in shown


def test_a_failure_that_applied_everything(applicant: Applicant) -> None:
    """The org reports a failure, and the permission sets are in it: the message names them."""
    applicant.breaks("partial-success")
    failed = applicant.apply()
    assert (failed.status, failed.json["outcome"]) == (5, "failed")
    assert "was applied" not in failed.out
    assert "permission_set.Provisioner_CI_Permissions" in failed.json["problems"][0]["meaning"]
    applicant.mends()
    assert applicant.apply().json["outcome"] == "applied"


def test_a_refusal_that_applied_nothing(applicant: Applicant) -> None:
    applicant.breaks("deploy-error")
    failed = applicant.apply()
    assert "The deployment changed nothing." in failed.json["problems"][0]["meaning"]
