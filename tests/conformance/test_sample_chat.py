"""The sample chat page in headless Chromium, against a local org: who is verified, who is a guest, and why."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from provisioner.localorg import break_, mend
from provisioner.localorg.store import Store
from provisioner.tokens import IdentityTokenMinter

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(300)]
SAMPLE = Path(__file__).parents[2] / "docs/sample-chat"
STATE = 'document.getElementById("identity").dataset.state'
REFUSED = "Failed to load resource: the server responded with a status of 401 (Unauthorized)"
Mint = Callable[[str], str]


def loaded(name: str) -> ModuleType:
    """A script of the sample, as a module."""
    spec = importlib.util.spec_from_file_location(f"sample_{name}", SAMPLE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Tab:
    """A tab of the browser, driven from here."""

    def __init__(self, chromium: str, tools: Path) -> None:
        script = str(Path(__file__).with_name("tab.mjs"))
        self._process = subprocess.Popen(
            ["node", script, chromium], cwd=tools, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, do: str, **more: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **more}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer
        return answer["result"]

    def close(self) -> None:
        self._process.communicate(timeout=30)

    def wait(self, until: str) -> None:
        self.ask("wait", until=until)

    def text(self, part: str) -> str:
        return str(self.ask("eval", code=f"document.getElementById({part!r}).textContent"))

    def press(self, selector: str) -> None:
        self.ask("eval", code=f"document.querySelector({selector!r}).click()")

    def settled(self, state: str) -> str:
        """Wait for a verdict; return its reason."""
        self.wait(f"{STATE} !== 'connecting'")
        assert self.ask("eval", code=STATE) == state, self.text("reason")
        return self.text("reason")

    def log_in(self, state: str = "verified") -> str:
        self.press("#login button")
        self.wait("document.getElementById('login').hidden")
        return self.settled(state)

    def say(self, text: str) -> None:
        self.ask("eval", code=f"document.getElementById('text').value = {text!r}")
        self.press("#send button")
        self.wait(f"[...document.querySelectorAll('#log p.own')].some((each) => each.textContent.endsWith({text!r}))")


class Sample:
    """The sample as a newcomer starts it, with a server whose tokens a test may change."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.org = folder / "org"
        self.start = loaded("start")
        settings = self.start.prepare(folder, port)
        self.key = (folder / "signer.key").read_bytes()
        self.shop = self.start.server.Shop(port, settings, self.minter().mint)
        self.chat_url = settings["Url"]
        threading.Thread(target=self.shop.serve_forever, args=(0.05,), daemon=True).start()

    def minter(self, issuer: str | None = None, clock: Callable[[], float] = time.time) -> IdentityTokenMinter:
        return IdentityTokenMinter(self.key, kid=self.start.KID, issuer=issuer or self.start.ISSUER, clock=clock)

    def fresh(self) -> None:
        """Mend the org and the server's tokens."""
        mend(self.org)
        self.shop.mint = self.minter().mint

    @contextlib.contextmanager
    def unverified(self) -> Iterator[None]:
        """The channel without verification."""
        declaration = self.org.parent / "config/user-verification.yaml"
        before = declaration.read_text("utf-8")
        declaration.write_text(before.replace("enabled: true", "enabled: false"), "utf-8")
        self.start.provisioner(self.org.parent, "apply", "--env", "local", "--yes", "--allow-destroy")
        yield
        declaration.write_text(before, "utf-8")
        self.start.provisioner(self.org.parent, "apply", "--env", "local", "--yes")

    def sessions(self) -> list[tuple[str, str]]:
        """The keys of the end users of all visits, and whether each visit lasts."""
        store = Store(self.org / "org.sqlite3")
        rows = store.records("MessagingSession")
        store.close()
        return [(row["MessagingEndUser.MessagingPlatformKey"], row["Status"]) for row in rows]

    def revoked(self) -> int:
        """How many access tokens were revoked."""
        store = Store(self.org / "org.sqlite3")
        found = store.meta("chat-revoked")
        store.close()
        return len(found or [])

    def stop(self) -> None:
        self.shop.shutdown()
        self.shop.server_close()
        subprocess.run([sys.executable, "-m", "provisioner", "localorg", "stop", "--dir", str(self.org)], check=True)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    made = Sample(tmp_path_factory.mktemp("sample"))
    yield made
    made.stop()


@pytest.fixture
def sample(started: Sample) -> Sample:
    started.fresh()
    return started


@pytest.fixture(scope="module")
def browser(chromium: str, tools: Path) -> Iterator[Tab]:
    made = Tab(chromium, tools)
    yield made
    made.close()


@pytest.fixture
def tab(browser: Tab, sample: Sample) -> Iterator[Tab]:
    """A new visitor's tab on the page; at its end it has asked nobody else."""
    browser.ask("open", url=sample.shop.origin)
    browser.wait(f"{STATE} !== 'connecting'")
    yield browser
    assert set(browser.ask("seen")["requests"]) <= {sample.shop.origin, sample.chat_url}
    kept = "localStorage.length + sessionStorage.length + document.documentElement.outerHTML.split('eyJ').length - 1"
    assert browser.ask("eval", code=kept) == 0, "no token is kept or shown"


def quiet(tab: Tab, *expected: str) -> None:
    """Assert that the console holds nothing but what the browser itself says of refused requests."""
    assert tab.ask("seen")["messages"] == list(expected)


def test_a_customer_chats_and_comes_back(tab: Tab, sample: Sample) -> None:
    assert tab.settled("none") == "This deployment verifies customers, and nobody is logged in."
    assert "sample_login" in tab.log_in()
    assert tab.text("verdict") == "Verified: customer-1001"
    tab.say("Where is my order?")
    tab.wait("document.querySelectorAll('#log p').length === 2")
    known = "v2/iamessage/AUTH/sample_login/uid:customer-1001"
    assert known in tab.text("log")
    tab.press("#end")
    tab.wait("document.querySelector('#log p.note') !== null")
    assert sample.sessions()[-1] == (known, "Ended")
    tab.say("One more question")
    assert sample.sessions()[-1] == (known, "Active")
    revoked = sample.revoked()
    tab.press("#logout button")
    tab.wait("!document.getElementById('login').hidden")
    assert "nobody is logged in" in tab.settled("none")
    assert sample.revoked() == revoked + 1
    assert tab.text("log") == ""
    tab.log_in()
    assert "Where is my order?" in tab.text("log"), "the next login resumes the conversation"
    quiet(tab)


def test_the_wrong_issuer(tab: Tab, sample: Sample) -> None:
    sample.shop.mint = sample.minter(issuer="https://shop.example.com/").mint
    assert tab.log_in("none") == "Refused with 401: JWT issuer is not found"
    assert "iss https://shop.example.com/," in tab.text("facts")
    quiet(tab, REFUSED)


def test_a_token_that_has_expired(tab: Tab, sample: Sample) -> None:
    sample.shop.mint = sample.minter(clock=lambda: time.time() - 3600).mint
    assert "The identity token expired at " in tab.log_in("none")
    quiet(tab)


def test_a_token_that_expires_on_its_way(tab: Tab, sample: Sample) -> None:
    break_(sample.org, "clock-skew=1h")
    assert tab.log_in("none") == "Refused with 401: JWT is expired"
    quiet(tab, REFUSED)


def test_the_token_is_renewed_before_it_expires(tab: Tab, sample: Sample) -> None:
    break_(sample.org, "chat-tokens-expire=6s")
    tab.log_in()
    tab.say("before")
    tab.wait("Number(document.getElementById('fact-renewals').textContent) >= 2")
    tab.say("after")
    assert tab.text("verdict") == "Verified: customer-1001"
    mend(sample.org)
    tab.press("#renew")
    tab.wait("Number(document.getElementById('fact-renewals').textContent) >= 3")
    quiet(tab)


def test_logged_out_in_another_tab(tab: Tab, sample: Sample) -> None:
    """The shop gives no token any more, so the renewal ends the chat."""
    break_(sample.org, "chat-tokens-expire=6s")
    tab.log_in()
    sample.shop.customers.clear()
    tab.wait(f"{STATE} === 'none'")
    assert "not renewed: The shop's server answers identity-token with 401" in tab.text("reason")
    assert tab.ask("eval", code="document.getElementById('text').disabled")
    quiet(tab, REFUSED)


def test_a_refused_token_that_becomes_a_guest(tab: Tab, sample: Sample) -> None:
    """An answer of 200 proves nothing."""
    sample.shop.mint = sample.minter(issuer="https://else.example").mint
    break_(sample.org, "chat-answers-anon")
    assert tab.log_in("guest") == "The runtime gave a guest's access token for the identity token."
    quiet(tab)


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("other-user", "The org takes the customer for somebody-else, so this page does not go on."),
        ("no-version", "The subject iamessage/AUTH/sample_login/uid:customer-1001 is neither a customer's"),
    ],
)
def test_a_subject_that_is_not_the_customers(tab: Tab, sample: Sample, word: str, reason: str) -> None:
    before = sample.sessions()
    break_(sample.org, f"chat-wrong-subject={word}")
    assert tab.log_in("none").startswith(reason)
    assert tab.ask("eval", code="document.getElementById('text').disabled")
    assert sample.sessions() == before
    quiet(tab)


def test_guests_and_customers_where_nobody_is_verified(browser: Tab, sample: Sample) -> None:
    with sample.unverified():
        browser.ask("open", url=sample.shop.origin)
        assert "Verification is off for this deployment, and nobody" in browser.settled("guest")
        browser.say("Do you ship abroad?")
        browser.wait("document.querySelectorAll('#log p').length === 2")
        assert "a guest: v2/iamessage/UNAUTH/NA/uid:" in browser.text("log")
        assert browser.ask("axe") == []
        if shots := os.environ.get("SAMPLE_CHAT_SHOTS"):
            browser.ask("shot", file=str(Path(shots) / "desktop-light-guest.png"))
        assert sample.sessions()[-1][0].startswith("v2/iamessage/UNAUTH/NA/uid:")
        assert "so the identity token is not used" in browser.log_in("guest")
        assert "Do you ship abroad?" not in browser.text("log"), "the guest's chat is not the customer's"
    quiet(browser)


def test_an_origin_that_is_not_listed(browser: Tab, sample: Sample) -> None:
    other = sample.start.server.Shop(0, sample.shop.settings, sample.shop.mint)
    threading.Thread(target=other.serve_forever, args=(0.05,), daemon=True).start()
    browser.ask("open", url=other.origin)
    assert f"or {other.origin} is missing in Setup > CORS." in browser.settled("none")
    other.shutdown()
    other.server_close()


def test_modes_that_take_no_identity_token(browser: Tab, sample: Sample) -> None:
    break_(sample.org, "auth-mode-third-value=SalesforceSessionAuth")
    browser.ask("open", url=sample.shop.origin)
    expected = "The mode SalesforceSessionAuth verifies customers without identity tokens."
    assert browser.settled("none") == expected
    quiet(browser)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("name", "width", "height"), [("phone", 390, 844), ("desktop", 1280, 900)])
def test_no_barrier(browser: Tab, sample: Sample, scheme: str, name: str, width: int, height: int) -> None:
    shots = os.environ.get("SAMPLE_CHAT_SHOTS")
    browser.ask("open", url=sample.shop.origin, width=width, height=height, scheme=scheme)
    for state, act in (("none", None), ("verified", browser.log_in)):
        if act is not None:
            act()
            browser.say("Where is my order?")
            browser.wait("document.querySelectorAll('#log p').length > 1")
        assert browser.settled(state)
        assert browser.ask("axe") == []
        if shots:
            browser.ask("shot", file=str(Path(shots) / f"{name}-{scheme}-{state}.png"))
    quiet(browser)


def test_the_keyboard_alone(tab: Tab) -> None:
    for key in ("Tab", "Enter"):  # the customer's number, and the form
        tab.ask("key", name=key)
    tab.wait(f"{STATE} === 'verified'")
    for _ in range(4):  # log out, renew, the messages, the text
        tab.ask("key", name="Tab")
    tab.ask("type", text="hello")
    tab.ask("key", name="Enter")
    tab.wait("document.querySelector('#log p.own') !== null")
