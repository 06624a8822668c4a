"""The page of a web deployment's site: which hosts are asked, and what an answer is taken for."""

from __future__ import annotations

import pytest

from provisioner.salesforce.chat import ChatSettings
from provisioner.salesforce.chat_hosts import ChatHost, derived_chat_host
from provisioner.salesforce.chat_site import SitePage, ask_site
from tests.salesforce.certificates import Authority
from tests.salesforce.conftest import Waits
from tests.salesforce.server import CUT, ORG_ID, Answer, ScriptedOrg

SITE, CSP = "/ESWShop", "Content-Security-Policy"
SHOP = "https://shop.example.com"


def ask(scripted: ScriptedOrg, authority: Authority, waits: Waits, url: str | None = None) -> SitePage:
    settings = ChatSettings(derived_chat_host(scripted.url), ORG_ID, "Shop_Web", authority.ca_bundle)
    return ask_site(settings, url or scripted.url + SITE, waits.clock)


def test_who_may_show_it(scripted: ScriptedOrg, authority: Authority, waits: Waits) -> None:
    scripted.always(SITE, Answer("page", headers={CSP: f"frame-ancestors 'self' {SHOP}"}))
    site = ask(scripted, authority, waits)
    assert (site.status, site.policies) == (200, (("'self'", SHOP),))
    assert site.may_be_framed_by(SHOP)
    assert site.may_be_framed_by(scripted.url)
    assert not site.may_be_framed_by("https://www.example.com")
    (request,) = scripted.received
    assert "Authorization" not in request.headers
    assert "Cookie" not in request.headers


def test_a_slash_is_followed_and_another_host_is_not(scripted: ScriptedOrg, authority: Authority, waits: Waits) -> None:
    scripted.always(SITE, Answer("", 302, {"Location": f"{SITE}/"}))
    scripted.always(f"{SITE}/", Answer("page", headers={CSP: "frame-ancestors 'none'"}))
    assert ask(scripted, authority, waits).policies == (("'none'",),)
    for elsewhere in ("https://elsewhere.example/", "https://[", "http://localhost/", ""):
        scripted.always(SITE, Answer("", 302, {"Location": elsewhere}))
        assert ask(scripted, authority, waits).status == 302
    scripted.always(SITE, Answer("", 302, {"Location": SITE}))
    assert ask(scripted, authority, waits).status == 302, "a circle ends"


def test_no_answer(scripted: ScriptedOrg, authority: Authority, waits: Waits) -> None:
    scripted.always(SITE, CUT)
    site = ask(scripted, authority, waits)
    assert (site.status, site.asked, site.policies) == (None, True, ())
    assert site.why


@pytest.mark.parametrize(
    "url",
    ["https://elsewhere.example/x", "https://site.com.evil.example/", "http://a.my.site.com/x", "ftp://x", "x", ""],
)
def test_hosts_that_are_not_asked(scripted: ScriptedOrg, authority: Authority, waits: Waits, url: str) -> None:
    settings = ChatSettings(derived_chat_host(scripted.url), ORG_ID, "Shop_Web", authority.ca_bundle)
    site = ask_site(settings, url, waits.clock)
    assert (site.asked, site.status) == (False, None)
    assert "was not asked" in site.why


def test_a_real_chat_host_leads_to_nothing_on_this_machine(
    scripted: ScriptedOrg, authority: Authority, waits: Waits
) -> None:
    settings = ChatSettings(ChatHost("https://acme.my.salesforce-scrt.com"), ORG_ID, "Shop_Web", authority.ca_bundle)
    assert not ask_site(settings, scripted.url + SITE, waits.clock).asked
    assert scripted.received == []
