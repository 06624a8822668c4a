"""diagnose chat, as a person types it: each cause is provoked in the local org, and found without any key."""

from __future__ import annotations

import json

import pytest

from provisioner import localorg
from provisioner.salesforce.chat import ChatRuntime
from provisioner.salesforce.chat_answers import ChatAnswer, Kind
from tests.cli.chatting import API, WEB, provisioned, with_own_key
from tests.cli.conftest import Person, Ran
from tests.localorg import material
from tests.localorg.client import Client


def diagnose(person: Person, *words: str) -> Ran:
    return person.run("diagnose", "chat", "--env", "local", "--format", "json", *words)


def causes(ran: Ran) -> list[tuple[str, str]]:
    return [(finding["cause"], finding["confidence"]) for finding in ran.json["findings"]]


@pytest.mark.parametrize("which", [WEB, API])
def test_an_org_in_order_is_said_to_be(person: Person, which: tuple[str, ...]) -> None:
    provisioned(person)
    ran = diagnose(person, *which)
    assert (ran.status, ran.json["verdict"], ran.json["findings"]) == (0, "ok", []), ran.out
    assert ran.json["format_version"] == "1"
    assert [line["what"] for line in ran.json["seen"]] == [
        "channel", "routing", "expirations", "configuration", "keyset", "key", "key", "runtime",
        *(["site"] if which == WEB else []), "unsigned token",
    ]  # fmt: skip
    assert any("provisioner verify" in step for step in ran.json["next"])


def test_the_first_lines_say_what_to_do(person: Person) -> None:
    ran = person.run("diagnose", "chat", "--env", "local", *WEB)
    assert ran.status == 1
    first = "\n".join(ran.out.splitlines()[:5])
    assert first.startswith("Web_Chat: verification-off.")
    assert "Fix:  If the declaration has it right: provisioner apply --env local" in ran.out
    assert len(ran.out.splitlines()) <= 10
    details = person.run("diagnose", "chat", "--env", "local", *WEB, "--details")
    assert "Messaging Settings" in details.out
    assert "What was checked:" in details.out


def test_a_channel_that_was_never_provisioned(person: Person) -> None:
    ran = diagnose(person, *WEB)
    assert (ran.status, ran.json["verdict"]) == (1, "failing")
    [finding] = ran.json["findings"]
    assert (finding["cause"], finding["rank"], finding["confidence"]) == ("verification-off", 1, "certain")
    assert finding["fix"][0].endswith("provisioner apply --env local")


def test_without_a_deployment_the_metadata_is_checked(person: Person) -> None:
    provisioned(person)
    ran = diagnose(person, "--channel", "Web_Chat")
    assert (ran.status, ran.json["verdict"], ran.json["deployment"]) == (0, "ok", None)
    assert "App_Api, Kiosk_Web, Shop_Api, Shop_App, Shop_Web" in ran.json["next"][0]


def test_a_name_that_is_wrong(person: Person) -> None:
    provisioned(person)
    missing = diagnose(person, "--channel", "Web_Cat", "--deployment", "Shop_Web")
    assert causes(missing)[0] == ("channel-missing", "certain")
    assert "App_Chat, Kiosk_Chat" in missing.json["findings"][0]["evidence"][0]
    for fault in (None, "chat-unknown-404"):
        if fault is not None:
            person.breaks(fault)
        unknown = diagnose(person, "--channel", "Web_Chat", "--deployment", "Shop_Wep")
        assert causes(unknown) == [("deployment-not-found", "likely")]
        assert "Shop_Web" in unknown.json["findings"][0]["evidence"][0]
    other = diagnose(person, "--channel", "Web_Chat", "--deployment", "Shop_App")
    assert causes(other) == [("deployment-on-another-channel", "certain")]
    text = diagnose(person, "--channel", "SMS_Alerts")
    assert causes(text) == [("channel-not-enhanced-chat", "certain")]
    assert diagnose(person, "--channel", "Kiosk_Chat").json["findings"][0]["cause"] == "channel-inactive"


@pytest.mark.parametrize(
    ("fault", "channel", "cause"),
    [
        ("queue-without-members", "App_Chat", ("queue-without-members", "certain")),
        ("queue-without-members", "Web_Chat", ("queue-without-members", "possible")),
        ("queue-without-routing", "App_Chat", ("queue-without-routing", "certain")),
        ("queue-not-for-messaging", "App_Chat", ("queue-not-for-messaging", "certain")),
        ("flow-inactive", "Web_Chat", ("flow-inactive", "certain")),
        ("flow-not-for-routing", "Web_Chat", ("flow-not-for-routing", "certain")),
        ("routing-unreadable", "Web_Chat", ("channel-unreadable", "possible")),
    ],
)
def test_routing_that_reaches_nobody(person: Person, fault: str, channel: str, cause: tuple[str, str]) -> None:
    provisioned(person)
    person.breaks(fault)
    assert causes(diagnose(person, "--channel", channel))[0] == cause


def list_origin(person: Person, pattern: str) -> None:
    """List an origin in Setup > CORS, as somebody else would."""
    served = localorg.running(person.org)
    assert served is not None
    client = Client(served, person.org).login()
    entry = material.xml("CorsWhitelistOrigin", f"<urlPattern>{pattern}</urlPattern>")
    deployed = client.deploy({"CorsWhitelistOrigin/shop": entry})
    client.close()
    assert deployed["success"], deployed


def test_the_origin_of_the_page(person: Person) -> None:
    provisioned(person)
    page = ("--origin", "https://shop.example.com")
    assert causes(diagnose(person, *WEB, *page)) == [("origin-not-allowed", "likely")]
    assert causes(diagnose(person, *WEB)) == []
    list_origin(person, "https://*.example.com")
    assert causes(diagnose(person, *WEB, *page)) == []
    other = causes(diagnose(person, *WEB, "--origin", "https://shop.example.org"))
    assert other == [("origin-not-allowed", "likely"), ("origin-not-framed", "likely")]


SHOP = ("--origin", "https://shop.example.com")


@pytest.mark.parametrize(
    ("fault", "words", "first"),
    [
        ("auth-mode-third-value=SalesforceSessionAuth", (), ("verified-by-session", "certain")),
        ("auth-mode-third-value=ExperienceSiteAuth", (), ("verified-by-session", "certain")),
        ("auth-mode-third-value=FutureAuth", (), ("mode-unknown", "certain")),
        ("site-unavailable", (), ("site-unavailable", "likely")),
        ("frames-missing", SHOP, ("origin-not-framed", "likely")),
        ("cors-missing", SHOP, ("origin-not-allowed", "likely")),
    ],
)
def test_what_keeps_a_page_from_the_chat(
    person: Person, fault: str, words: tuple[str, ...], first: tuple[str, str]
) -> None:
    provisioned(person)
    list_origin(person, "https://shop.example.com")
    sound = diagnose(person, *WEB, *SHOP)
    assert causes(sound) == [], sound.out
    [site] = [line["text"] for line in sound.json["seen"] if line["what"] == "site"]
    assert "trusted frames: 'self'" in site
    [runtime] = [line["text"] for line in sound.json["seen"] if line["what"] == "runtime"]
    assert runtime == "Shop_Web is published (type web, client WebV2), authMode Auth"
    person.breaks(fault)
    assert causes(diagnose(person, *WEB, *words))[0] == first


def test_a_declared_deployment_needs_no_option(person: Person) -> None:
    deployments = "\ndeployments:\n  Shop_Api: {channel: Web_Chat}\n  Shop_Web: {channel: Web_Chat, type: web}\n"
    person.declaration.write_text(person.declaration.read_text() + deployments)
    provisioned(person)
    assert diagnose(person, "--channel", "Web_Chat").json["deployment"] == "Shop_Web"
    assert diagnose(person, *API).json["deployment"] == "Shop_Api"
    assert diagnose(person, "--channel", "App_Chat").json["deployment"] is None


def test_the_declared_origins(person: Person) -> None:
    """An apply adds them; somebody who takes one out again is found by the next diagnosis."""
    origins = ["https://shop.example.com", "https://www.example.com"]
    deployments = f"\ndeployments:\n  Shop_Web: {{channel: Web_Chat, type: web, origins: {json.dumps(origins)}}}\n"
    person.declaration.write_text(person.declaration.read_text() + deployments)
    before = causes(diagnose(person, *WEB))
    assert [cause for cause, _ in before].count("origin-not-allowed") == 2
    provisioned(person)
    assert causes(diagnose(person, *WEB)) == []
    person.breaks("frames-missing")
    assert causes(diagnose(person, *WEB)) == [("origin-not-framed", "likely")] * 2


@pytest.mark.parametrize("mode", ["SalesforceSessionAuth", "ExperienceSiteAuth"])
def test_a_channel_that_verifies_by_a_session(person: Person, mode: str) -> None:
    """The org's own mode is named, and neither the plan nor the diagnosis takes it for malformed."""
    provisioned(person)
    alter(person, "MessagingChannel", "Web_Chat", "<authMode>Auth<", f"<authMode>{mode}<")
    ran = diagnose(person, *WEB)
    assert causes(ran) == [("verified-by-session", "certain")]
    assert mode in ran.json["findings"][0]["meaning"]
    assert person.run("plan", "--env", "local").status == 0


@pytest.mark.parametrize(
    "origin", ["shop.example.com", "https://shop.example.com/page", "ftp://x.example", "https://x:y"]
)
def test_what_is_no_origin(person: Person, origin: str) -> None:
    assert diagnose(person, *WEB, "--origin", origin).status == 64


def test_no_channel_at_all(person: Person) -> None:
    assert diagnose(person).status == 64


def test_a_configuration_that_was_switched_off_in_setup(person: Person) -> None:
    provisioned(person)
    alter(person, "MessagingChannel", "Web_Chat", "<enabled>true</enabled>", "<enabled>false</enabled>")
    ran = diagnose(person, *WEB)
    assert causes(ran) == [("no-active-configuration", "certain")]
    evidence = "\n".join(ran.json["findings"][0]["evidence"])
    assert "storefront_login" in evidence
    assert "has no active AuthSchemes" in evidence


def test_verification_that_was_switched_off(person: Person) -> None:
    provisioned(person)
    alter(person, "MessagingChannel", "Web_Chat", "<authMode>Auth<", "<authMode>UnAuth<")
    assert causes(diagnose(person, *WEB)) == [("verification-off", "certain")]


def alter(person: Person, kind: str, name: str, old: str, new: str) -> None:
    """Change a component as somebody else would, by another program."""
    served = localorg.running(person.org)
    assert served is not None
    client = Client(served, person.org).login()
    try:
        text = client.file(kind, name)
        assert old in text, text
        result = client.deploy({f"{kind}/{name}": text.replace(old, new)})
        assert result["status"] == "Succeeded", result
    finally:
        client.close()


def test_the_only_keys_are_of_no_use(person: Person) -> None:
    provisioned(person)
    alter(person, "PublicKeyCertificate", "storefront_2026_11", "<isActive>true", "<isActive>false")
    one = diagnose(person, *WEB)
    assert (one.status, one.json["verdict"], causes(one)) == (0, "ok", [("key-inactive", "possible")])
    alter(person, "PublicKeyCertificate", "legacy", "<isActive>true", "<isActive>false")
    both = diagnose(person, *WEB)
    assert (both.status, causes(both)) == (1, [("key-inactive", "certain"), ("key-inactive", "certain")])
    assert {finding["evidence"][0].split(" ")[1] for finding in both.json["findings"]} == {
        "storefront_2026_11", "legacy",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("https://id.example.com<", "https://id.example.com/<", ("issuer-differs", "likely")),
    ],
)
def test_a_keyset_that_is_not_as_it_should_be(person: Person, old: str, new: str, expected: tuple[str, str]) -> None:
    provisioned(person)
    alter(person, "PublicKeyCertificateSet", "storefront", old, new)
    assert causes(diagnose(person, *WEB)) == [expected]


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("https://localhost:9/jwks.json", "endpoint-unreachable"),
        ("URL/services/data/", "endpoint-not-jwks"),
        ("URL/jwks.json", "endpoint-refuses"),
    ],
)
def test_an_endpoint_that_is_of_no_use(person: Person, endpoint: str, expected: str) -> None:
    served = localorg.running(person.org)
    assert served is not None
    person.edit("    keys: [storefront_2026_11, legacy]", f"    endpoint: {endpoint.replace('URL', served.url)}")
    assert person.apply().status == 0
    ran = diagnose(person, *WEB, "--allow-private", "--ca-bundle", str(served.ca_bundle))
    assert (ran.status, causes(ran)) == (1, [(expected, "likely")])


def test_a_defective_keyset_beside_a_good_one_is_possible_only(person: Person) -> None:
    with_own_key(person)
    person.edit(
        "        storefront_login: {keyset: storefront, active: true}",
        "        storefront_login: {keyset: storefront, active: true}\n"
        "        partner_login: {keyset: partner, active: true}",
    )
    person.edit("channels:  ", "  partner:\n    issuer: https://id.example.com\n    endpoint: https://localhost:9/\n"
                "channels:  ")  # fmt: skip
    ran = person.apply()
    assert ran.status == 0, ran.out
    found = causes(diagnose(person, *WEB))
    assert found == [("endpoint-unreachable", "possible"), ("issuer-shared", "possible")]


@pytest.mark.parametrize(
    ("fault", "status", "expected"),
    [
        ("chat-unpublished", 1, [("deployment-not-published", "certain")]),
        ("chat-config-cached", 1, [("runtime-behind", "certain")]),
        ("chat-answers-anon", 0, [("refused-tokens-become-guests", "possible")]),
        ("chat-answers-anon=anon", 0, [("refused-tokens-become-guests", "possible")]),
        ("chat-accepts-any-signature", 1, [("any-signature-accepted", "certain")]),
        ("chat-rate-limited", 1, [("rate-limited", "certain")]),
        ("chat-html", 4, [("chat-host-strange", "certain")]),
        ("chat-html=200", 4, [("chat-host-strange", "certain")]),
        ("chat-cut", 4, [("chat-host-unreachable", "certain")]),
        ("channel-unreadable", 1, [("channel-unreadable", "certain")]),
        ("chat-typ-required", 0, []),
        ("chat-x5c-required", 0, []),
        ("chat-error-texts=unauthorized", 0, []),
        ("chat-error-texts=bad-request", 0, []),
        ("chat-error-texts=forbidden", 0, []),
        ("chat-error-texts=error-array", 0, []),
        ("chat-error-texts=empty", 0, []),
        ("chat-error-texts=text", 0, []),
        ("chat-error-texts=server-error", 0, [("chat-host-strange", "possible")]),
    ],
)
def test_a_runtime_that_misbehaves(person: Person, fault: str, status: int, expected: list[tuple[str, str]]) -> None:
    provisioned(person)
    person.breaks(fault)
    ran = diagnose(person, *WEB)
    assert (ran.status, causes(ran)) == (status, expected), ran.out
    assert ran.json["verdict"] == {0: "ok", 1: "failing", 4: "unreachable"}[status]


def test_a_runtime_that_still_knows_no_active_configuration(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Metadata are in order, and the runtime says that nothing is active: it is behind."""
    provisioned(person)
    words = "User verification configuration has no active AuthSchemes."
    monkeypatch.setattr(ChatRuntime, "exchange", lambda *_: ChatAnswer(Kind.REFUSED, 400, words, {}))
    assert causes(diagnose(person, *WEB)) == [("runtime-behind", "certain")]


def test_a_custom_client_without_a_public_configuration(person: Person) -> None:
    provisioned(person)
    person.breaks("chat-config-not-for-api")
    found = diagnose(person, *API)
    assert causes(found) == [("deployment-not-found", "likely")]


def test_a_broken_declaration_does_not_stand_in_the_way(person: Person) -> None:
    provisioned(person)
    person.declaration.write_text(person.declaration.read_text() + "\nnonsense: true\n")
    assert diagnose(person, *WEB).json["verdict"] == "ok"


def test_nothing_is_changed_and_no_token_is_shown(person: Person) -> None:
    provisioned(person)
    before = person.plan()
    ran = person.run("diagnose", "chat", "--env", "local", "-vv", *WEB)
    assert "eyJ" not in ran.out + ran.err
    assert person.plan()["changes"] == before["changes"]
