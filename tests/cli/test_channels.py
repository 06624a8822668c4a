"""Creating and activating channels, as a person does it against the local org."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from provisioner.execution.journal import Journal
from provisioner.execution.journal_entry import Entry
from provisioner.workflows import apply
from tests.cli.chatting import with_own_key
from tests.cli.conftest import Person, Ran

NEW = """
  Shop_Chat:
    create:
      label: Shop Chat
      routing: {flow: Route_Web_Chat, fallback_queue: Web_Chat_Queue}
    user_verification:
      enabled: true
      configurations:
        shop_login: {keyset: storefront}
"""
KIOSK = """
  Kiosk_Chat:
    user_verification:
      enabled: true
      configurations:
        kiosk_login: {keyset: storefront}
    active: true
"""
ALLOWED = "--allow-permanent"


def declare(person: Person, text: str) -> None:
    with person.declaration.open("a") as file:
        file.write(text)


def channel(person: Person, name: str) -> dict[str, Any] | None:
    """The channel's record, by the local org's own eyes."""
    from provisioner.localorg.layout import Layout
    from provisioner.localorg.records import MetadataType
    from provisioner.localorg.store import Store

    store = Store(Layout.of(person.org).database)
    try:
        found = store.components().get((MetadataType.CHANNEL, name))
        return None if found is None else {"active": found.active, "xml": found.xml}
    finally:
        store.close()


def guards(ran: Ran) -> list[str]:
    return [each["problem"] for each in ran.json["problems"]]


def prove_by(person: Person, key: Path, deployment: str = "Kiosk_Web") -> None:
    path = person.folder / "config/environments/local.yaml"
    path.write_text(
        path.read_text() + f'verify: {{Kiosk_Chat: {{deployment: {deployment}, key_file: "${{file:{key}}}"}}}}\n'
    )


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply, "WAITS", (0.0,))


class TestCreating:
    def test_a_channel_is_refused_then_created_then_left_alone(self, person: Person) -> None:
        declare(person, NEW)
        refused = person.apply()
        assert (refused.status, channel(person, "Shop_Chat")) == (3, None)
        assert "cannot delete a channel" in guards(refused)[0]
        done = person.apply(ALLOWED)
        assert done.status == 0, done.out
        made = channel(person, "Shop_Chat")
        assert made is not None
        assert made["active"] is False
        assert "<authMode>Auth</authMode>" in made["xml"]
        assert any("Embedded Service Deployments" in note for note in done.json["notes"])
        assert person.plan()["changes"] == []
        assert person.run("drift", "--env", "local").status == 0

    def test_active_is_the_last_step_of_the_same_apply(self, person: Person) -> None:
        declare(person, NEW + "    active: true\n")
        done = person.apply(ALLOWED)
        assert done.status == 0, done.out
        assert channel(person, "Shop_Chat")["active"] is True  # type: ignore[index]
        assert any("Not proven" in note for note in done.json["notes"])
        assert person.plan()["changes"] == []

    @pytest.mark.parametrize(
        ("fault", "said"),
        [
            ("queue-without-routing", "has no routing configuration"),
            ("queue-without-members", "has no members"),
            ("queue-not-for-messaging", "does not accept messaging sessions"),
            ("flow-inactive", "has no active version"),
            ("flow-not-for-routing", "is not an Omni-Channel flow"),
            ("routing-unreadable", "could not be read"),
        ],
    )
    def test_routing_that_does_not_work_creates_nothing(self, person: Person, fault: str, said: str) -> None:
        declare(person, NEW)
        person.breaks(fault)
        refused = person.apply(ALLOWED)
        assert refused.status == 3, refused.out
        assert any(said in each for each in guards(refused))
        assert channel(person, "Shop_Chat") is None

    def test_a_plan_that_is_blocked_elsewhere_creates_nothing(self, person: Person) -> None:
        declare(person, NEW + "  No_Such_Chat: {token_expiration_minutes: {verified: 60}}\n")
        assert person.apply(ALLOWED).status == 1
        assert channel(person, "Shop_Chat") is None

    def test_a_saved_plan_names_the_option_that_it_needs(self, person: Person) -> None:
        declare(person, NEW)
        saved = person.run("plan", "--env", "local", "--out", "plan.json")
        assert "apply --env local --allow-permanent plan.json" in saved.err
        assert person.run("apply", "--env", "local", ALLOWED, "plan.json").status == 0

    def test_a_keyset_not_found_in_the_package_takes_phases(self, person: Person) -> None:
        declare(person, NEW)
        person.breaks("keyset-same-package")
        done = person.apply(ALLOWED)
        assert done.status == 0, done.out
        assert channel(person, "Shop_Chat") is not None

    def test_the_org_s_refusal_is_tied_to_the_line(self, person: Person) -> None:
        declare(person, NEW)
        person.breaks("component-refused")
        failed = person.apply(ALLOWED)
        problem = next(each for each in failed.json["problems"] if each["address"] == "channel.Shop_Chat")
        assert failed.status == 5
        assert "not manage" not in problem["meaning"]
        line = int(problem["declared_at"].split(":")[1])
        assert "routing" in person.declaration.read_text().splitlines()[line - 1]

    def test_it_is_exported_as_it_would_be_created(self, person: Person) -> None:
        declare(person, NEW)
        assert person.run("export", "--env", "local", "out").status == 0
        (file,) = (person.folder / "out").rglob("Shop_Chat.messagingChannel-meta.xml")
        assert "<sessionHandlerFlow>Route_Web_Chat</sessionHandlerFlow>" in file.read_text()

    def test_a_restore_leaves_it(self, person: Person) -> None:
        declare(person, NEW + "    active: true\n")
        assert person.apply(ALLOWED).status == 0
        back = person.run("restore", "latest", "--env", "local", "--yes", "--allow-destroy")
        assert "channel.Shop_Chat is not restored" in back.out
        assert channel(person, "Shop_Chat")["active"] is True  # type: ignore[index]


class TestActivating:
    def test_nothing_is_deployed_if_only_the_record_differs(self, person: Person) -> None:
        declare(person, KIOSK.replace("    active: true\n", ""))
        assert person.apply().status == 0
        declare(person, "    active: true\n")
        done = person.apply()
        assert (done.status, done.json["deploy_id"]) == (0, None), done.out
        assert channel(person, "Kiosk_Chat")["active"] is True  # type: ignore[index]

    def test_it_is_proven_where_the_environment_says_how(self, person: Person) -> None:
        prove_by(person, with_own_key(person))
        declare(person, KIOSK)
        done = person.apply()
        assert done.status == 0, done.out
        assert any(note.startswith("A token verified on Kiosk_Chat") for note in done.json["notes"])

    @pytest.mark.parametrize("fault", ["chat-accepts-any-signature", "chat-wrong-subject", "chat-unpublished"])
    def test_without_a_proof_it_is_inactive_again(self, person: Person, fault: str) -> None:
        prove_by(person, with_own_key(person))
        declare(person, KIOSK)
        person.breaks(fault)
        done = person.apply()
        assert done.status == 5, done.out
        assert channel(person, "Kiosk_Chat")["active"] is False  # type: ignore[index]
        assert "inactive again" in done.json["problems"][0]["meaning"]

    def test_a_deployment_that_does_not_exist_proves_nothing(self, person: Person) -> None:
        prove_by(person, with_own_key(person), deployment="No_Such_Web")
        declare(person, KIOSK)
        done = person.apply()
        assert done.status == 5, done.out
        assert channel(person, "Kiosk_Chat")["active"] is False  # type: ignore[index]
        person.run("localorg", "mend", "--dir", str(person.org))
        path = person.folder / "config/environments/local.yaml"
        path.write_text(path.read_text().replace("No_Such_Web", "Kiosk_Web"))
        again = person.apply()
        assert again.status == 0, again.out

    @pytest.mark.parametrize(("fault", "status"), [("activation-refused", 5), ("activation-ignored", 5)])
    def test_an_org_that_does_not_activate(self, person: Person, fault: str, status: int) -> None:
        declare(person, KIOSK)
        person.breaks(fault)
        done = person.apply()
        assert done.status == status, done.out
        assert "Enhanced Chat terms" in done.json["problems"][0]["meaning"]
        person.mends(fault)
        assert person.apply().status == 0
        assert channel(person, "Kiosk_Chat")["active"] is True  # type: ignore[index]

    def test_a_refused_activation_is_not_left_to_restore(self, person: Person) -> None:
        declare(person, KIOSK)
        person.breaks("activation-refused")
        assert person.apply().status == 5
        (entry,) = [each for each in Journal.here().entries() if isinstance(each, Entry)]
        restored = person.run("restore", entry.id, "--env", "local", "--yes", "--allow-destroy")
        assert restored.status == 0, restored.out + restored.err
        assert "stays active" not in restored.err

    def test_a_lost_answer_is_asked_for_again(self, person: Person) -> None:
        declare(person, KIOSK)
        person.breaks("activation-lost=1")
        assert person.apply().status == 0
        assert channel(person, "Kiosk_Chat")["active"] is True  # type: ignore[index]

    def test_what_is_not_known_is_not_activated(self, person: Person) -> None:
        declare(person, KIOSK)
        person.breaks("channel-records-unreadable")
        assert person.apply().status == 3
        assert channel(person, "Kiosk_Chat")["active"] is False  # type: ignore[index]

    def test_a_resumed_deployment_names_what_is_left(self, person: Person) -> None:
        declare(person, KIOSK)
        person.breaks("activation-refused")
        failed = person.apply()
        person.mends("activation-refused")
        resumed = person.apply("--resume", failed.json["deploy_id"])
        assert resumed.status == 5, resumed.out
        assert "Left to do, in the next apply: channel.Kiosk_Chat (active)" in resumed.json["notes"][0]
        assert resumed.json["next"] == "provisioner apply --env local"
        assert person.apply().status == 0

    def test_a_validation_activates_nothing(self, person: Person) -> None:
        declare(person, KIOSK)
        assert person.apply("--check-only").status == 0
        assert channel(person, "Kiosk_Chat")["active"] is False  # type: ignore[index]

    def test_each_step_is_in_the_journal(self, person: Person) -> None:
        prove_by(person, with_own_key(person), deployment="No_Such_Web")
        declare(person, KIOSK)
        assert person.apply().status == 5
        entry = [each for each in Journal.here().entries() if isinstance(each, Entry)][-1]
        steps = [(each.channel, each.active, each.taken) for each in entry.steps]
        assert steps == [("Kiosk_Chat", True, True), ("Kiosk_Chat", False, True)]
        assert entry.activated == ()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (NEW.replace("Shop Chat", "x" * 41), "channel-create-label"),
        (NEW.replace(", fallback_queue: Web_Chat_Queue", ""), "channel-create-routing"),
        (NEW.replace("flow: Route_Web_Chat", "queue: Support"), "channel-create-routing"),
        (NEW.replace("flow: Route_Web_Chat, fallback_queue: Web_Chat_Queue", ""), "channel-create-routing"),
        (NEW.replace("enabled: true", "enabled: false"), "channel-create-unverified"),
        (NEW.replace("Shop_Chat", "Shop__Chat"), "name-invalid"),
        (NEW + "    active: false\n", "channel-active-false"),
        (NEW + "removed: {channels: [Old_Chat]}\n", "channel-removed"),
    ],
)
def test_what_validate_finds(person: Person, text: str, rule: str) -> None:
    declare(person, text)
    ran = person.run("validate", "--env", "local", "--format", "json")
    assert [each["rule"] for each in ran.json["findings"]] == [rule]
    assert ran.status == 1
