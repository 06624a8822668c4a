"""The shop's server of docs/sample-chat: who gets a token, and who gets none."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.docs.screens import ROOT

SAMPLE = ROOT / "docs/sample-chat"


@pytest.fixture(scope="module")
def shop() -> Iterator[Any]:
    spec = importlib.util.spec_from_file_location("sample_server", SAMPLE / "server.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    settings = {"OrganizationId": "00D", "DeveloperName": "Shop_Api", "Url": "https://chat.example.com:8443/x"}
    made = module.Shop(0, settings, lambda customer: f"token of {customer}")
    threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def browser(shop: Any) -> Iterator[requests.Session]:
    with requests.Session() as made:
        made.trust_env = False
        made.headers["Origin"] = shop.origin
        yield made


def log_in(browser: requests.Session, shop: Any, customer: object = "customer-7") -> requests.Response:
    return browser.post(f"{shop.origin}/login", json={"customer": customer}, timeout=30)


def test_no_login_no_token(browser: requests.Session, shop: Any) -> None:
    assert browser.get(f"{shop.origin}/session", timeout=30).json() == {"customer": None}
    assert browser.post(f"{shop.origin}/identity-token", timeout=30).status_code == 401


def test_the_subject_is_that_of_the_session(browser: requests.Session, shop: Any) -> None:
    answer = log_in(browser, shop)
    assert "HttpOnly; SameSite=Strict" in answer.headers["Set-Cookie"]
    asked = browser.post(f"{shop.origin}/identity-token", json={"customer": "customer-8", "sub": "x"}, timeout=30)
    assert (asked.json(), asked.headers["Cache-Control"]) == ({"token": "token of customer-7"}, "no-store")
    assert browser.get(f"{shop.origin}/identity-token", timeout=30).status_code == 404
    browser.post(f"{shop.origin}/logout", timeout=30)
    assert browser.post(f"{shop.origin}/identity-token", timeout=30).status_code == 401


@pytest.mark.parametrize("changes", [{"Origin": "https://evil.example"}, {"Origin": None}, {"Host": "evil.example"}])
def test_pages_of_others_get_no_token(browser: requests.Session, shop: Any, changes: dict[str, str]) -> None:
    log_in(browser, shop)
    answer = browser.post(f"{shop.origin}/identity-token", headers=changes, timeout=30)
    assert (answer.status_code, answer.text) == (403, "")


@pytest.mark.parametrize("customer", ["", "  ", None, 7, "x" * 81, ["a"]])
def test_customers_without_a_number(browser: requests.Session, shop: Any, customer: object) -> None:
    assert log_in(browser, shop, customer).status_code == 400


def test_a_body_that_is_no_json(browser: requests.Session, shop: Any) -> None:
    assert browser.post(f"{shop.origin}/login", data=b"\xff{", timeout=30).status_code == 400


@pytest.mark.parametrize("path", ["/server.py", "/../server.py", "/config/user-verification.yaml", "/start.py"])
def test_only_the_page_is_served(browser: requests.Session, shop: Any, path: str) -> None:
    assert browser.get(shop.origin + path, timeout=30).status_code == 404


def test_a_name_that_leads_here_gets_no_page(browser: requests.Session, shop: Any) -> None:
    assert browser.get(f"{shop.origin}/session", headers={"Host": "evil.example"}, timeout=30).status_code == 403


def test_the_page_may_ask_nobody_else(browser: requests.Session, shop: Any) -> None:
    answer = browser.get(f"{shop.origin}/", timeout=30)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert policy.endswith("connect-src 'self' https://chat.example.com:8443")
    for file in SAMPLE.glob("*.*"):
        if file.suffix in (".html", ".js", ".css"):
            assert "://" not in file.read_text("utf-8"), file.name
