"""Creating deployments and adding origins, as a person does it against the local org."""

from __future__ import annotations

from typing import Any

import pytest

from provisioner.execution import web_deployments
from provisioner.execution.journal import Journal
from provisioner.execution.journal_entry import Entry
from provisioner.localorg.layout import Layout
from provisioner.localorg.records import MetadataType
from provisioner.localorg.store import Store
from provisioner.localorg.xmltree import parse
from provisioner.salesforce import published
from tests.cli.conftest import Person, Ran

ALLOWED = "--allow-permanent"
WEB = """
deployments:
  New_Web:
    type: web
    channel: Web_Chat
    create: {label: New Web, domain: new.example.com}
    origins: [https://new.example.com, https://www.example.com]
"""
API = """
deployments:
  New_Api: {type: custom_client, channel: Web_Chat, create: {label: New API}}
  New_App: {type: mobile, channel: Web_Chat, create: {}}
"""
EXISTING = """
deployments:
  Shop_Web: {type: web, channel: Web_Chat, origins: [https://shop.example.com, https://other.example.com]}
"""


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "WAITS", (0.0, 0.0, 0.0, 0.0))
    monkeypatch.setattr(web_deployments, "LOOKS", (0.0, 0.0, 0.0, 0.0))


def declare(person: Person, text: str) -> None:
    with person.declaration.open("a") as file:
        file.write(text)


def held(person: Person, kind: MetadataType = MetadataType.CHAT_DEPLOYMENT) -> dict[str, str]:
    """The components of a type by the local org's own eyes, with their XML."""
    store = Store(Layout.of(person.org).database)
    try:
        return {name: each.xml for (_, name), each in store.components(kind).items()}
    finally:
        store.close()


def records(person: Person, name: str) -> list[dict[str, Any]]:
    store = Store(Layout.of(person.org).database)
    try:
        return store.records(name)
    finally:
        store.close()


def new_webs(person: Person) -> list[str]:
    return [name for name in held(person) if name.startswith("New_Web")]


def problems(ran: Ran) -> str:
    return " ".join(f"{each['problem']} {each['meaning']}" for each in ran.json["problems"])


def steps(person: Person) -> list[tuple[str, str | None]]:
    entries = [each for each in Journal.here().entries() if isinstance(each, Entry)]
    return [(call.what, call.ended) for entry in entries for call in entry.calls]


class TestCreating:
    def test_a_web_deployment_is_refused_then_created_then_left(self, person: Person) -> None:
        declare(person, WEB)
        refused = person.apply()
        assert (refused.status, new_webs(person)) == (3, [])
        assert "leaves a site" in problems(refused)
        done = person.apply(ALLOWED)
        assert done.status == 0, done.out
        root = parse(held(person)["New_Web"].encode())
        assert (root.value("deploymentType"), root.value("clientVersion")) == ("Web", "WebV2")
        assert root.value("embeddedServiceMessagingChannel", "messagingChannel") == "Web_Chat"
        assert person.plan()["changes"] == []
        assert person.run("drift", "--env", "local").status == 0
        assert steps(person) == [("set-up", "made"), ("trust-frame", "made"), ("publish", "published")]

    def test_clients_and_apps_go_with_the_package(self, person: Person) -> None:
        declare(person, API)
        done = person.apply()
        assert done.status == 0, done.out
        types = {name: parse(held(person)[name].encode()).value("deploymentType") for name in ("New_Api", "New_App")}
        assert types == {"New_Api": "API", "New_App": "Mobile"}
        assert {"New_Api is published: visitors get the mode Auth."} <= set(done.json["notes"])
        assert person.plan()["changes"] == []

    def test_below_the_newer_version_they_are_left_unpublished(self, person: Person) -> None:
        declare(person, API)
        person.breaks("old-api")
        done = person.apply()
        assert done.status == 0, done.out
        assert "shouldShowAgentforceTagline" not in held(person)["New_Api"]
        assert "New_Api" in held(person)

    def test_a_web_deployment_needs_the_newer_version(self, person: Person) -> None:
        declare(person, WEB)
        person.breaks("old-api")
        refused = person.apply(ALLOWED)
        assert (refused.status, new_webs(person)) == (1, [])
        assert "67.0" in problems(refused)

    def test_a_channel_that_is_not_found_in_the_package_takes_phases(self, person: Person) -> None:
        declare(person, NEW_CHANNEL + API.replace("Web_Chat", "Shop_Chat"))
        person.breaks("channel-same-package")
        done = person.apply(ALLOWED)
        assert done.status == 0, done.out
        assert "New_Api" in held(person)

    def test_everything_at_once_and_the_channel_active_last(self, person: Person) -> None:
        declare(person, NEW_CHANNEL + WEB.replace("Web_Chat", "Shop_Chat"))
        done = person.apply(ALLOWED)
        assert done.status == 0, done.out
        steps = ("Creating", "Adding", "Publishing", "Activating")
        said = [line.split()[0] for line in done.err.splitlines() if line.startswith(steps)]
        assert said == list(steps)
        assert person.plan()["changes"] == []

    @pytest.mark.parametrize(
        ("fault", "status", "said"),
        [
            ("digital-experiences-off", 3, "Digital Experiences"),
            ("setup-404", 5, "The org did not create New_Web: NOT_FOUND"),
        ],
    )
    def test_an_org_that_cannot(self, person: Person, fault: str, status: int, said: str) -> None:
        declare(person, WEB)
        person.breaks(fault)
        failed = person.apply(ALLOWED)
        assert (failed.status, new_webs(person)) == (status, []), failed.out
        assert said in problems(failed)
        person.mends(fault)
        assert person.apply(ALLOWED).status == 0
        assert new_webs(person) == ["New_Web"]

    def test_a_plan_that_is_blocked_elsewhere_creates_nothing(self, person: Person) -> None:
        declare(person, WEB + "  No_Such: {channel: Web_Chat}\n")
        assert person.apply(ALLOWED).status == 1
        assert new_webs(person) == []

    def test_an_older_answer_that_it_never_was_published(self, person: Person) -> None:
        declare(person, WEB)
        person.breaks("publish-404")
        assert person.apply(ALLOWED).status == 5
        person.mends("publish-404")
        assert person.apply(ALLOWED).status == 0
        assert new_webs(person) == ["New_Web"]

    def test_a_restore_leaves_them(self, person: Person) -> None:
        declare(person, WEB + API.replace("\ndeployments:\n", "") + EXISTING.replace("\ndeployments:\n", ""))
        assert person.apply(ALLOWED).status == 0
        back = person.run("restore", "latest", "--env", "local", "--yes", "--allow-destroy")
        assert back.status == 0, back.out + back.err
        for name in ("New_Web", "New_Api", "Shop_Web"):
            assert f"deployment.{name} is not restored" in back.out
        assert {"New_Web", "New_Api"} <= set(held(person))

    def test_they_are_exported_as_far_as_metadata_carries_them(self, person: Person) -> None:
        declare(person, WEB + API.replace("\ndeployments:\n", ""))
        assert person.run("export", "--env", "local", "out").status == 0
        names = {path.name.partition(".")[0] for path in (person.folder / "out").rglob("*.EmbeddedServiceConfig*")}
        assert names == {"New_Api", "New_App"}


class TestLostAnswers:
    """An org that makes a second deployment of the name is the worst that can be: there is one all the same."""

    @pytest.fixture(autouse=True)
    def duplicates(self, person: Person) -> None:
        person.breaks("setup-duplicate")
        declare(person, WEB)

    @pytest.mark.parametrize("fault", ["setup-answer-lost=1", "setup-gateway-timeout=1", "setup-internal-error=made"])
    def test_one_that_was_made_is_adopted(self, person: Person, fault: str) -> None:
        person.breaks(fault)
        done = person.apply(ALLOWED)
        assert done.status == 0, done.out
        assert "New_Web is adopted" in " ".join(done.json["notes"])
        assert new_webs(person) == ["New_Web"]
        assert person.plan()["changes"] == []

    def test_one_that_is_listed_late_is_waited_for(self, person: Person) -> None:
        person.breaks("setup-late=3")
        person.breaks("setup-answer-lost=1")
        assert person.apply(ALLOWED).status == 0
        assert new_webs(person) == ["New_Web"]

    @pytest.mark.parametrize("fault", ["setup-not-arrived=1", "setup-internal-error"])
    def test_one_that_does_not_come_is_not_known(self, person: Person, fault: str) -> None:
        person.breaks(fault)
        failed = person.apply(ALLOWED)
        assert failed.status == 6, failed.out
        assert "Whether New_Web was created is not known" in problems(failed)
        assert failed.json["next"] == "provisioner apply --env local --allow-permanent"
        assert new_webs(person) == []
        person.mends("setup-internal-error")
        assert person.apply(ALLOWED).status == 0
        assert new_webs(person) == ["New_Web"]

    def test_one_that_comes_after_the_run_is_adopted(self, person: Person) -> None:
        person.breaks("setup-late=6")
        person.breaks("setup-answer-lost=1")
        assert person.apply(ALLOWED).status == 6
        assert new_webs(person) == ["New_Web"]
        for _ in range(3):
            person.plan()
        assert person.apply(ALLOWED).status == 0
        assert new_webs(person) == ["New_Web"]

    def test_a_run_that_was_killed_is_looked_up_first(self, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
        def dies(*_given: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr("provisioner.salesforce.client.Org.set_up_deployment", dies)
            assert person.apply(ALLOWED).status == 130
        assert steps(person) == [("set-up", None)]
        person.breaks("setup-late=2")
        done = person.apply(ALLOWED)
        assert done.status == 0, done.out
        assert "It was about to create the web deployment New_Web" in done.err
        assert new_webs(person) == ["New_Web"]

    def test_a_journal_that_cannot_be_written_sends_nothing(
        self, person: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_given: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Journal, "write", full)
        failed = person.apply(ALLOWED)
        assert (failed.status, new_webs(person)) == (5, []), failed.out
        assert "could set up New_Web twice" in problems(failed)


class TestPlans:
    def test_a_saved_plan_creates_a_web_deployment(self, person: Person) -> None:
        declare(person, WEB)
        saved = person.run("plan", "--env", "local", "--out", "plan.json")
        assert "apply --env local --allow-permanent plan.json" in saved.err
        assert person.run("apply", "--env", "local", ALLOWED, "plan.json").status == 0
        assert new_webs(person) == ["New_Web"]

    def test_a_target_creates_it_alone(self, person: Person) -> None:
        declare(person, API)
        assert person.apply().status == 0
        declare(person, "  Other_Api: {type: custom_client, channel: Web_Chat, create: {}}\n")
        declare(person, "  Third_Api: {type: custom_client, channel: Web_Chat, create: {}}\n")
        assert person.apply("--target", "deployment.Other_Api").status == 0
        assert "Other_Api" in held(person)
        assert "Third_Api" not in held(person)

    def test_a_validation_creates_nothing(self, person: Person) -> None:
        declare(person, WEB)
        assert person.apply(ALLOWED, "--check-only").status == 0
        assert new_webs(person) == []

    def test_an_accepted_warning_names_a_deployment(self, person: Person) -> None:
        declare(
            person,
            "\ndeployments:\n  Shop_App: {channel: App_Chat}\nignore:\n  - rule: channel-of-deployment-unknown\n"
            "    address: deployment.Shop_App\n    reason: the team of the app owns the channel\n",
        )
        assert person.run("validate", "--env", "local", "--format", "json").json["findings"] == []


class TestOrigins:
    def test_they_are_added_and_nothing_is_replaced(self, person: Person) -> None:
        before = records(person, "SiteIframeWhiteListUrl")
        declare(person, EXISTING)
        done = person.apply()
        assert done.status == 0, done.out
        added = [each["Url"] for each in records(person, "SiteIframeWhiteListUrl") if each not in before]
        assert added == ["https://other.example.com"]  # shop.example.com is there, without its scheme
        assert len(held(person, MetadataType.CORS_ORIGIN)) == 2
        assert person.plan()["changes"] == []

    def test_an_entry_is_known_by_its_url(self, person: Person) -> None:
        declare(person, EXISTING)
        assert person.apply().status == 0
        store = Store(Layout.of(person.org).database)
        try:
            for (kind, name), each in store.components(MetadataType.CORS_ORIGIN).items():
                from dataclasses import replace

                store.delete_component(kind, name)
                store.put_components([replace(each, name=f"Other_{name}")])
        finally:
            store.close()
        assert person.plan()["changes"] == []

    def test_a_lost_answer_adds_a_frame_once(self, person: Person) -> None:
        declare(person, EXISTING)
        person.breaks("frame-answer-lost=1")
        assert person.apply().status == 0
        urls = [each["Url"] for each in records(person, "SiteIframeWhiteListUrl")]
        assert urls.count("https://other.example.com") == 1

    @pytest.mark.parametrize(
        ("fault", "status"),
        [("sites-unreadable", 3), ("type-missing=CorsWhitelistOrigin", 3), ("frame-refused", 5)],
    )
    def test_what_cannot_be_read_or_written(self, person: Person, fault: str, status: int) -> None:
        declare(person, EXISTING)
        person.breaks(fault)
        failed = person.apply()
        assert failed.status == status, failed.out
        person.mends(fault.partition("=")[0])
        assert person.apply().status == 0

    @pytest.mark.parametrize(
        ("fault", "guard"),
        [("sites-unreadable", "site-unreadable"), ("type-missing=CorsWhitelistOrigin", "origins-unreadable")],
    )
    def test_what_cannot_be_read_is_neither_missing_nor_as_declared(
        self, person: Person, fault: str, guard: str
    ) -> None:
        declare(person, EXISTING)
        assert person.apply().status == 0
        assert person.run("drift", "--env", "local").status == 0
        person.breaks(fault)
        ran = person.run("drift", "--env", "local", "--format", "json")
        assert (ran.status, ran.json["drift"]) == (2, [])
        assert ran.json["unreadable"]
        assert all(each["permission"] for each in ran.json["unreadable"])
        assert guard in person.run("drift", "--env", "local").out
        assert guard in person.run("drift", "--env", "local", "--format", "junit").out
        assert guard in person.run("drift", "--env", "local", "--format", "markdown").out
        status = person.run("status", "--env", "local")
        assert status.status == 3, status.out
        assert "1 part not readable" in status.out


class TestExisting:
    def test_a_deployment_of_an_external_channel_is_published(self, person: Person) -> None:
        declare(person, "\nexternal: {channels: [App_Chat]}\ndeployments:\n  Shop_App: {channel: App_Chat}\n")
        person.breaks("chat-config-snapshot")
        done = person.apply()
        assert done.status == 0, done.out
        assert person.plan()["changes"] == []

    def test_a_channel_that_nobody_declares_is_a_warning(self, person: Person) -> None:
        declare(person, "\ndeployments:\n  Shop_App: {channel: App_Chat}\n")
        ran = person.run("validate", "--env", "local", "--format", "json")
        assert [each["rule"] for each in ran.json["findings"]] == ["channel-of-deployment-unknown"]
        assert person.apply().status == 0

    def test_differences_are_kept_and_said(self, person: Person) -> None:
        declare(person, EXISTING.replace("type: web", "type: mobile, create: {label: Other}"))
        planned = person.plan()
        kept = {each["what"] for each in planned["preserved"]}
        assert {"its type in the org stays Web", "its label in the org stays Shop Web"} <= kept
        assert person.apply().status == 0
        assert "<masterLabel>Shop Web</masterLabel>" in held(person)["Shop_Web"]

    def test_a_web_deployment_that_cannot_be_edited_is_not(self, person: Person) -> None:
        person.breaks("web-redeploy-immutable")
        declare(person, EXISTING)
        assert person.apply().status == 0


NEW_CHANNEL = """
  Shop_Chat:
    create: {routing: {flow: Route_Web_Chat, fallback_queue: Web_Chat_Queue}}
    user_verification:
      enabled: true
      configurations:
        shop_login: {keyset: storefront}
    active: true
"""


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("domain: new.example.com", "domain: https://new.example.com", "deployment-create"),
        (", domain: new.example.com", "", "deployment-create"),
        ("    type: web\n", "", "deployment-create"),
        ("type: web", "type: mobile", "deployment-create"),
        ("label: New Web", f"label: {'x' * 81}", "deployment-create"),
        ("https://www.example.com", "https://*.example.com", "deployment-origin"),
        ("https://www.example.com", "https://www.example.com/shop", "deployment-origin"),
        ("https://www.example.com", "http://www.example.com", "deployment-origin"),
        ("New_Web", "New__Web", "name-invalid"),
        ("\ndeployments", "\nremoved: {deployments: [Old_Web]}\ndeployments", "deployment-removed"),
    ],
)
def test_what_validate_finds(person: Person, old: str, new: str, rule: str) -> None:
    assert old in WEB
    declare(person, WEB.replace(old, new))
    ran = person.run("validate", "--env", "local", "--format", "json")
    assert [each["rule"] for each in ran.json["findings"]] == [rule]
    assert ran.status == 1


def test_an_environment_has_its_own_domain_and_origins(person: Person) -> None:
    declare(person, WEB)
    path = person.folder / "config/environments/local.yaml"
    path.write_text(
        path.read_text() + "overrides: {deployments: {New_Web: {create: {domain: uat.example.com}, "
        "origins: [https://uat.example.com]}}}\n"
    )
    assert person.apply(ALLOWED).status == 0
    urls = {each["Url"] for each in records(person, "SiteIframeWhiteListUrl")}
    assert {"uat.example.com", "*.uat.example.com"} <= urls
    assert not any("new.example.com" in url for url in urls)


class TestMessaging:
    ON = "\norg: {messaging: true}\n"

    def test_it_is_switched_on_before_channels_need_it(self, person: Person) -> None:
        person.breaks("messaging-off")
        assert person.apply().status == 5
        declare(person, self.ON)
        done = person.apply()
        assert done.status == 0, done.out
        assert "<enableLiveMessage>true" in held(person, MetadataType.SETTINGS)["LiveMessage"]
        assert person.plan()["changes"] == []
        assert person.run("drift", "--env", "local").status == 0

    def test_it_is_left_alone_if_it_is_on_or_not_managed(self, person: Person) -> None:
        declare(person, self.ON)
        assert [each["address"] for each in person.plan()["changes"] if each["address"].startswith("org.")] == []
        assert "<enableLiveMessage>false" in held(person, MetadataType.SETTINGS)["LiveMessage"]  # nothing was sent

    def test_what_cannot_be_read_is_not_switched(self, person: Person) -> None:
        declare(person, self.ON)
        person.breaks("type-missing=Settings")
        refused = person.apply()
        assert refused.status == 3
        assert "Whether Messaging is on could not be read" in problems(refused)

    def test_it_can_be_applied_alone_and_is_not_restored(self, person: Person) -> None:
        person.breaks("messaging-off")
        declare(person, self.ON)
        assert person.apply("--target", "org.LiveMessage").status == 0
        back = person.run("restore", "latest", "--env", "local", "--yes")
        assert "org.LiveMessage is not restored: Messaging is never switched off" in back.out

    def test_off_is_refused(self, person: Person) -> None:
        declare(person, self.ON.replace("true", "false"))
        ran = person.run("validate", "--env", "local", "--format", "json")
        assert [each["rule"] for each in ran.json["findings"]] == ["org-messaging-false"]
