"""render --snippet: the code that opens a deployment, and what is refused if a part of it is not known."""

from __future__ import annotations

import json
import re

import pytest

from provisioner import localorg
from tests.cli.conftest import Person, Ran

DEPLOYMENTS = """
deployments:
  Shop_Web: {channel: Web_Chat}
  Shop_Api: {channel: Web_Chat, type: custom_client}
  App_Api: {channel: App_Chat}
  Shop_App: {channel: App_Chat}
external: {channels: [App_Chat]}
"""


@pytest.fixture
def shop(person: Person) -> Person:
    person.declaration.write_text(person.declaration.read_text() + DEPLOYMENTS)
    return person


def render(person: Person, name: str, *words: str) -> Ran:
    return person.run("render", "--env", "local", "--snippet", name, *words)


def test_a_web_page(shop: Person) -> None:
    served = localorg.running(shop.org)
    assert served is not None
    ran = render(shop, "Shop_Web")
    assert ran.status == 0, ran.err
    site = rf"{re.escape(served.url)}/ESWShopWeb\d+"
    wanted = rf'init\("{served.org_id[:15]}", "Shop_Web", "{site}", {{scrt2URL: "{re.escape(served.chat_url)}"}}\)'
    assert re.search(wanted, ran.out)
    assert re.search(rf'<script src="{site}/assets/js/bootstrap\.min\.js"', ran.out)
    assert "Install Code Snippet, use that." in ran.out
    document = render(shop, "Shop_Web", "--format", "json").json
    assert (document["type"], document["settings"]) == ("web", None)
    assert document["code"] == ran.out.rstrip("\n")


@pytest.mark.parametrize(
    ("name", "kind"), [("Shop_Api", "custom_client"), ("App_Api", "custom_client"), ("Shop_App", "mobile")]
)
def test_an_app_or_a_client_of_its_own(shop: Person, name: str, kind: str) -> None:
    served = localorg.running(shop.org)
    assert served is not None
    ran = render(shop, name)
    wanted = {"OrganizationId": served.org_id[:15], "DeveloperName": name, "Url": served.chat_url}
    assert json.loads(ran.out) == wanted
    document = render(shop, name, "--format", "json").json
    assert (document["type"], document["settings"], document["site_url"]) == (kind, wanted, None)
    assert "```json" in render(shop, name, "--format", "markdown").out


def test_nothing_is_asked_if_all_is_declared(shop: Person) -> None:
    environment = "org_id: 00D5g0000001234EAA\nlogin_url: https://acme.my.salesforce.com\nusername: ci@acme.example\n"
    (shop.folder / "config/environments/prod.yaml").write_text(
        f"{environment}consumer_key: x\nprivate_key: ${{env:NONE}}\nvariables: {{storefront_issuer: 'https://a.b'}}\n"
    )
    ran = shop.run("render", "--env", "prod", "--snippet", "Shop_Api")
    assert ran.status == 0, ran.err
    assert json.loads(ran.out)["Url"] == "https://acme.my.salesforce-scrt.com"
    assert json.loads(ran.out)["OrganizationId"] == "00D5g0000001234"
    assert "Asking" not in ran.err


def test_a_deployment_that_is_not_declared(shop: Person) -> None:
    ran = render(shop, "Shop_Wep")
    assert (ran.status, ran.out) == (64, "")
    assert "Did you mean Shop_Web?" in ran.err


@pytest.mark.parametrize(
    ("fault", "name", "status", "words"),
    [
        ("chat-unpublished", "Shop_Web", 1, "HTTP 412): Embedded Messaging Config is not Published"),
        ("chat-config-not-for-api", "App_Api", 1, "does not tell how a page opens it"),
        ("chat-html", "Shop_Web", 4, "HTTP 503"),
        ("chat-cut", "Shop_Web", 4, "no answer"),
    ],
)
def test_what_is_not_known_is_refused(shop: Person, fault: str, name: str, status: int, words: str) -> None:
    shop.breaks(fault)
    ran = render(shop, name)
    assert (ran.status, ran.out) == (status, "")
    assert words in " ".join(ran.err.split())
    assert "Install Code Snippet" in " ".join(ran.err.split())


@pytest.mark.parametrize("site", ["", 'https://a.my.site.com/"><script>', "http://a.my.site.com/x", "https://a b/"])
def test_a_site_that_is_no_address(shop: Person, site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the chat host says becomes HTML: only a plain address does."""
    from provisioner.salesforce.chat_answers import ChatAnswer

    monkeypatch.setattr(ChatAnswer, "site_url", property(lambda _: site or None))
    ran = render(shop, "Shop_Web")
    assert (ran.status, ran.out) == (1, "")
    assert "names no site" in ran.err


def test_the_network_needs_trust(shop: Person) -> None:
    assert render(shop, "Shop_Web", "--untrusted").status == 3
