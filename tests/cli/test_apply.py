"""Apply, as a person types it: what is proven, what is refused, and what happens when an org misbehaves."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace

import pytest

from provisioner import localorg
from provisioner.execution.journal import Journal
from provisioner.execution.journal_entry import Entry
from provisioner.localorg.layout import Layout
from provisioner.localorg.records import MetadataType
from provisioner.localorg.store import Store
from provisioner.planning.plan import Plan
from tests.cli.conftest import Person
from tests.clock import skipping_clock

ALL = {"key.storefront_2026_11", "key.legacy", "keyset.storefront", "channel.Web_Chat"}


def test_the_second_apply_changes_nothing(person: Person) -> None:
    first = person.apply()
    assert (first.status, first.json["outcome"], first.json["converged"]) == (0, "applied", True)
    assert first.json["deploy_id"].startswith("0Af")
    second = person.apply()
    assert (second.status, second.json["outcome"]) == (0, "unchanged")
    human = person.run("apply", "--env", "local", "--yes")
    assert human.status == 0
    assert human.out.rstrip().endswith("No changes.")


def test_the_plan_shows_every_change_with_its_line_and_no_more(person: Person) -> None:
    plan = person.plan()
    assert {change["address"] for change in plan["changes"]} == ALL
    assert plan["summary"] == {"create": 3, "update": 1, "delete": 0, "unchanged": 0, "unmanaged": 4}
    lines = person.declaration.read_text().splitlines()
    for change in plan["changes"]:
        _, line, column = change["declared_at"].rsplit(":", 2)
        assert lines[int(line) - 1][int(column) - 1 :].startswith(change["full_name"]), change["declared_at"]
    assert plan["blocked"] == []
    person.apply()
    after = person.plan()
    assert (after["changes"], after["summary"]["unchanged"]) == ([], 4)


@pytest.mark.parametrize(
    "fault",
    [
        "elements-reordered",
        "jwk-reserialised-otherwise",
        "jwk-verbatim",
        "deploy-queued",
        "deploy-finalizing",
        "finalizing-deploy",
        "early-poll-fails",
        "poll-html=1",
        "poll-cut=1",
        "setup-locked=1",
        "request-limit=2",
        "session-ends=6",
        "query-pages",
        "server-error=1",
        "deploy-answer-lost=1",
        "deploy-not-accepted-lost=1",
        "omitted-kept",
        "key-same-package",
        "keyset-same-package",
    ],
)
def test_an_unpleasant_org_is_provisioned_all_the_same(person: Person, fault: str) -> None:
    person.breaks(fault)
    ran = person.apply()
    assert (ran.status, ran.json["outcome"], ran.json["converged"]) == (0, "applied", True), ran.out + ran.err
    person.mends()
    assert person.plan()["changes"] == []


def test_reordering_and_other_json_are_no_change(person: Person) -> None:
    person.apply()
    for fault in ("elements-reordered", "jwk-reserialised-otherwise"):
        person.breaks(fault)
        assert person.plan()["changes"] == []


def test_phases_are_said(person: Person) -> None:
    person.breaks("keyset-same-package")
    ran = person.run("apply", "--env", "local", "--yes")
    assert ran.status == 0
    assert "keys and keysets, channels" in " ".join(ran.out.split())


def test_a_phase_that_the_org_refuses(person: Person) -> None:
    """The org holds the keys and keysets: only the channel is left, and the printed command continues there."""
    person.breaks("keyset-same-package")
    person.breaks("later-deploy-fails")
    ran = person.apply()
    assert (ran.status, ran.json["outcome"], ran.json["phase"]) == (5, "failed", "channels")
    assert "Applied before that: keys and keysets. A new apply continues from there." in ran.json["notes"]
    person.mends("later-deploy-fails")
    assert [each["address"] for each in person.plan()["changes"]] == ["channel.Web_Chat"]
    assert person.run(*shlex.split(ran.json["next"])[1:]).status == 0
    assert person.apply().json["outcome"] == "applied"


def test_a_deployment_that_cannot_be_read_back(person: Person) -> None:
    person.breaks("unreadable-after-deploy")
    with skipping_clock():
        ran = person.apply()
    assert (ran.status, ran.json["outcome"], ran.json["converged"]) == (4, "failed", None)
    assert ran.json["next"] == f"provisioner apply --env local --resume {ran.json['deploy_id']}"
    person.mends("unreadable-after-deploy")
    resumed = person.run(*shlex.split(ran.json["next"])[1:], "--format", "json")
    assert (resumed.status, resumed.json["outcome"], resumed.json["converged"]) == (0, "applied", True)


def spoil_keyset(person: Person) -> None:
    """Change the label of the keyset in the org."""
    store = Store(Layout.of(person.org).database)
    try:
        found = store.components()[MetadataType.KEYSET, "storefront"]
        store.put_components([replace(found, xml=found.xml.replace("Storefront", "Spoiled"))])
    finally:
        store.close()


def test_phases_that_cannot_be_read_back(person: Person) -> None:
    """All phases are compared, not only the one that is named."""
    person.breaks("keyset-same-package")
    person.breaks("unreadable-after-deploy=2")
    with skipping_clock():
        ran = person.apply()
    assert (ran.status, ran.json["converged"]) == (4, None)
    person.mends()
    spoil_keyset(person)
    resumed = person.run(*shlex.split(ran.json["next"])[1:], "--format", "json")
    assert (resumed.status, resumed.json["converged"]) == (5, False)
    assert "keyset.storefront" in [each["address"] for each in resumed.json["problems"]]


def test_a_resumed_phase_names_the_rest(person: Person) -> None:
    person.breaks("keyset-same-package")
    person.breaks("later-deploy-fails")
    assert person.apply().status == 5
    (entry,) = [each for each in Journal.here().entries() if isinstance(each, Entry)]
    phase = next(each.deploy_id for each in entry.sent if each.success)
    person.mends()
    resumed = person.apply("--resume", str(phase))
    assert (resumed.status, resumed.json["next"]) == (5, "provisioner apply --env local")
    assert "Left to do, in the next apply: channel.Web_Chat" in resumed.json["notes"][0]
    assert person.run(*shlex.split(resumed.json["next"])[1:], "--yes").status == 0


def test_a_silently_dropped_element_is_found_by_the_read_back(person: Person) -> None:
    person.breaks("element-dropped=sessionHandlerQueue")
    ran = person.apply()
    assert (ran.status, ran.json["outcome"], ran.json["converged"]) == (5, "failed", False)
    problem = next(problem for problem in ran.json["problems"] if problem["address"] == "channel.Web_Chat")
    assert "sessionHandlerQueue" in problem["problem"]
    assert problem["declared_at"].startswith("config/user-verification.yaml:")


def test_a_deactivated_channel_is_active_again_with_a_note(person: Person) -> None:
    person.breaks("channel-deactivated")
    ran = person.apply()
    assert (ran.status, ran.json["outcome"]) == (5, "failed")
    assert "inactive" in ran.json["problems"][0]["problem"]
    assert "activated again" in ran.json["problems"][0]["meaning"]
    person.mends()
    assert not [each for each in person.plan()["warnings"] if each["rule"] == "channel-inactive"]


def test_a_refusal_is_tied_to_its_yaml_line(person: Person) -> None:
    person.breaks("expiration-range")
    person.edit("{verified: 60,", "{verified: 300,")
    ran = person.apply()
    assert (ran.status, ran.json["outcome"]) == (5, "failed")
    (problem,) = ran.json["problems"]
    line = int(problem["declared_at"].split(":")[1])
    assert "token_expiration_minutes" in person.declaration.read_text().splitlines()[line - 1]
    assert person.plan()["summary"]["create"] == 3, "one transaction: nothing was applied"


def test_a_resumed_refusal_is_explained_in_the_same_words(person: Person) -> None:
    person.breaks("expiration-range")
    person.edit("{verified: 60,", "{verified: 300,")
    ran = person.apply()
    resumed = person.apply("--resume", ran.json["deploy_id"])
    assert (resumed.status, resumed.json["outcome"]) == (5, "failed")
    assert resumed.json["problems"] == ran.json["problems"]
    assert resumed.json["problems"][0]["declared_at"]


def test_a_refusal_about_what_is_not_ours_says_so(person: Person) -> None:
    person.breaks("component-refused")
    ran = person.apply()
    assert ran.status == 5
    (problem,) = ran.json["problems"]
    assert "does not manage" in problem["meaning"]


def test_a_failure_without_details_still_says_something(person: Person) -> None:
    person.breaks("deploy-error")
    ran = person.apply()
    assert ran.status == 5
    assert "UNKNOWN_EXCEPTION" in ran.json["problems"][0]["problem"]


def test_a_lasting_setup_lock_ends_as_refused_by_the_org(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provisioner.execution.deploying.LOCKED_WAITS", (0.1,))
    person.breaks("setup-locked")
    ran = person.apply()
    assert (ran.status, ran.json["outcome"]) == (5, "failed")
    assert "ALREADY_IN_PROCESS" in ran.json["problems"][0]["problem"]


def test_removals_must_be_requested_twice(person: Person) -> None:
    person.apply()
    person.edit("storefront_login: {", "shop_login: {")
    plan = person.plan()
    (change,) = plan["changes"]
    assert (change["risk"], change["removals"]) == ("destructive", ["configuration storefront_login goes"])
    assert any("lose their conversations" in sentence for sentence in change["impact"])
    refused = person.apply()
    assert (refused.status, refused.json["outcome"]) == (3, "refused")
    assert person.plan()["changes"] == plan["changes"], "nothing was sent"
    assert person.apply("--allow-destroy").status == 0
    assert person.plan()["changes"] == []


def test_a_tombstone_deletes_what_nothing_refers_to_any_more(person: Person) -> None:
    person.apply()
    text = person.declaration.read_text()
    start, end = text.index("  legacy:"), text.index("keysets:")
    person.declaration.write_text(
        text[:start]
        + text[end:].replace("[storefront_2026_11, legacy]", "[storefront_2026_11]")
        + "removed:\n  keys: [legacy]\n"
    )
    plan = person.plan()
    assert {change["address"]: change["action"] for change in plan["changes"]} == {
        "keyset.storefront": "update",
        "key.legacy": "delete",
    }
    assert {blocked["guard"] for blocked in plan["blocked"]} == {"destructive"}
    assert person.apply().status == 3
    ran = person.apply("--allow-destroy")
    assert (ran.status, ran.json["outcome"]) == (0, "applied"), ran.out
    assert person.apply().json["outcome"] == "unchanged"


def test_nothing_is_deleted_that_something_still_refers_to(person: Person) -> None:
    person.apply()
    text = person.declaration.read_text()
    start, end = text.index("keys:  "), text.index("channels:")
    person.declaration.write_text(text[:start] + "removed:\n  keys: [legacy]\nchannels: {}\n")
    assert end > start
    ran = person.apply("--allow-destroy")
    assert ran.status == 3
    assert [blocked["guard"] for blocked in person.plan()["blocked"]] == ["still-referenced", "destructive"]
    assert "keyset.storefront" in person.plan()["blocked"][0]["message"]


def test_a_channel_is_never_left_with_nothing_to_verify_by(person: Person) -> None:
    person.edit("configurations:\n        storefront_login: {keyset: storefront, active: true}", "configurations: {}")
    plan = person.plan()
    assert "no-usable-configuration" in {blocked["guard"] for blocked in plan["blocked"]}
    ran = person.apply("--allow-destroy")
    assert (ran.status, ran.json["outcome"]) == (3, "refused")


def test_a_missing_channel_names_the_nearest_one(person: Person) -> None:
    person.edit("  Web_Chat:", "  Web_Chta:")
    ran = person.run("plan", "--env", "local", "--format", "json")
    assert ran.status == 1
    (blocked,) = ran.json["blocked"]
    assert "Did you mean Web_Chat?" in blocked["message"]
    assert "App_Chat" in blocked["message"]
    assert ran.json["summary"]["create"] == 3
    assert person.apply().status == 1


def test_a_channel_of_another_kind_is_an_error(person: Person) -> None:
    person.edit("  Web_Chat:", "  WhatsApp_US:")
    ran = person.run("plan", "--env", "local", "--format", "json")
    assert ran.status == 1
    assert "EmbeddedMessaging" in ran.json["blocked"][0]["message"]


def test_an_inactive_channel_is_a_warning(person: Person) -> None:
    person.edit("  Web_Chat:", "  Kiosk_Chat:")
    ran = person.run("plan", "--env", "local", "--format", "json")
    assert ran.status == 0
    assert "channel-inactive" in [warning["rule"] for warning in ran.json["warnings"]]


@pytest.mark.parametrize("fault", ["type-missing", "channel-unreadable", "type-missing=PublicKeyCertificateSet"])
def test_what_cannot_be_read_is_neither_created_nor_deleted(person: Person, fault: str) -> None:
    person.apply()
    person.breaks(fault)
    ran = person.run("plan", "--env", "local", "--format", "json")
    assert ran.status == 3
    assert ran.json["changes"] == []
    assert "unreadable" in {blocked["guard"] for blocked in ran.json["blocked"]}
    assert person.apply().status == 3


def test_production_needs_the_consent_of_its_file(person: Person) -> None:
    person.breaks("production")
    assert [blocked["guard"] for blocked in person.plan()["blocked"]] == ["production"]
    assert person.apply().status == 3
    environment = person.folder / "config/environments/local.yaml"
    environment.write_text(environment.read_text() + "production: true\n")
    assert person.plan()["blocked"] == []
    ran = person.run("apply", "--env", "local", "--yes")
    assert ran.status == 3, "without a terminal, production takes only what was approved before"
    assert "no terminal for the confirmation" in " ".join(ran.out.split())
    person.mends()


def test_another_org_is_refused_before_anything_is_read(person: Person) -> None:
    environment = person.folder / "config/environments/local.yaml"
    environment.write_text(environment.read_text() + "org_id: 00D000000000001\n")
    ran = person.run("plan", "--env", "local", "--format", "json")
    assert (ran.status, ran.json["error"]["code"]) == (3, "another-org")


def test_the_line_that_the_refusal_names_makes_it_pass(person: Person) -> None:
    """An org that was made again has a new id: one line changes, and the plan is made."""
    environment = person.folder / "config/environments/local.yaml"
    lines = len(environment.read_text().splitlines())
    environment.write_text(environment.read_text() + "org_id: 00D000000000001\n")
    error = person.run("plan", "--env", "local", "--format", "json").json["error"]
    assert f"config/environments/local.yaml:{lines + 1}:9" in error["message"]
    old, new = re.findall(r"`(org_id: \w+)`", error["next"])
    environment.write_text(environment.read_text().replace(old, new))
    assert person.plan()["changes"]


def test_an_old_api_version_does_not_rewrite_channels(person: Person) -> None:
    environment = person.folder / "config/environments/local.yaml"
    environment.write_text(environment.read_text() + 'api_version: "64.0"\n')
    plan = person.plan()
    assert plan["api_version"] == "64.0"
    assert [blocked["guard"] for blocked in plan["blocked"]] == ["old-api"]
    assert "api-version-old" in [warning["rule"] for warning in plan["warnings"]]
    assert person.apply().status == 3
    ran = person.apply("--allow-old-api")
    assert ran.json["outcome"] in ("applied", "failed"), ran.out


def test_without_a_terminal_and_without_yes_nothing_is_sent(person: Person) -> None:
    ran = person.run("apply", "--env", "local", "--format", "json")
    assert (ran.status, ran.json["outcome"]) == (3, "refused")
    assert "--yes was not given" in ran.json["problems"][0]["problem"]
    assert person.plan()["summary"]["create"] == 3


def test_the_org_can_validate_without_being_changed(person: Person) -> None:
    ran = person.apply("--check-only")
    assert (ran.status, ran.json["outcome"]) == (0, "check-passed")
    assert person.plan()["summary"]["create"] == 3


def test_a_deployment_beyond_the_wait_is_resumed_by_id(person: Person) -> None:
    person.breaks("deploy-queued=100000")
    ran = person.apply("--wait", "0.01")
    assert (ran.status, ran.json["outcome"]) == (6, "running")
    deploy_id = ran.json["deploy_id"]
    assert f"--resume {deploy_id}" in ran.json["next"]
    for words in ((), ("--resume", deploy_id)):  # a later apply finds it still running
        again = person.apply("--wait", "0.01", *words)
        assert (again.status, again.json["outcome"], again.json["deploy_id"]) == (6, "running", deploy_id), again.out
        assert again.json["next"] == ran.json["next"]
    person.mends()
    resumed = person.apply("--resume", deploy_id)
    assert (resumed.status, resumed.json["outcome"], resumed.json["converged"]) == (0, "applied", True), resumed.out


def test_a_component_that_moved_since_the_plan_stops_the_apply(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody changes the channel in Setup between our look and our deployment."""
    from provisioner.workflows.send import Confirmation

    meanwhile = person.folder / "meanwhile"
    original = Confirmation.__call__

    def somebody_else(self: Confirmation, plan: Plan) -> bool:
        if not meanwhile.exists():
            meanwhile.touch()
            person.capsys.readouterr()
            other = person.folder / "other"
            other.mkdir()
            (other / "environments").mkdir()
            (other / "environments/local.yaml").write_text(
                (person.folder / "config/environments/local.yaml").read_text()
            )
            (other / "user-verification.yaml").write_text(
                "version: 1\nchannels:\n  Web_Chat:\n    token_expiration_minutes: {unverified: 300}\n"
            )
            assert person.run("apply", "--config", "other", "--env", "local", "--yes").status == 0
        return original(self, plan)

    monkeypatch.setattr(Confirmation, "__call__", somebody_else)
    ran = person.apply()
    assert (ran.status, ran.json["outcome"]) == (3, "refused")
    assert "changed in the org" in ran.json["problems"][0]["problem"]


def test_a_private_key_never_shows_even_on_the_wire_log(person: Person) -> None:
    key = (person.org / localorg.start(person.org).private_key_file).read_text()
    ran = person.run("plan", "--env", "local", "-vv")
    assert ran.status == 0
    for line in key.splitlines()[1:-1]:
        assert line not in ran.out + ran.err
    assert "00D" in ran.out
    assert "!" not in [word for word in ran.err.split() if word.startswith("00D")]


def test_markdown_has_the_plan_and_the_outcome(person: Person) -> None:
    ran = person.run("apply", "--env", "local", "--yes", "--format", "markdown")
    assert ran.status == 0
    plan, _, outcome = ran.out.partition("\n\n- `key.")
    assert plan.startswith("### Plan for `local`\n\n**Plan: ")
    assert "Applied and read back: " in outcome
    again = person.run("apply", "--env", "local", "--yes", "--format", "markdown")
    assert again.out.startswith("### Plan for `local`\n\n**No changes.**")
