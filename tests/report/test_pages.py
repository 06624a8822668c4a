"""Where a rule and a cause are explained: a path without an address of the project, a line for people with one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from provisioner import project
from provisioner.diagnosis.chat.diagnosis import diagnose
from provisioner.diagnosis.findings import Confidence, Finding, LoginDiagnosis, Verdict
from provisioner.report import pages
from provisioner.report.chat_diagnosis import chat_view
from provisioner.report.login_diagnosis import diagnosis_terminal
from provisioner.report.rules import rule_view
from provisioner.report.style import Style
from provisioner.report.terminal import terminal
from tests.report.test_listings import EXPIRED
from tests.report.test_verify_and_chat import DIAGNOSES as CHATS

WIDE = Style(300)


@pytest.fixture
def _published(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(project, "page_address", lambda page: f"https://docs.example.com/{page}")
    made = (pages.rule_page, pages.cause_page, pages.chat_cause_page)
    for each in made:
        each.cache_clear()
    yield
    for each in made:
        each.cache_clear()


def screens() -> list[str]:
    chat = diagnose(CHATS["several causes"])
    finding = Finding(
        "user-not-approved", 1, Confidence.LIKELY, ("it was seen",), "It means this.", ("Do this.",), None
    )
    login = LoginDiagnosis("sandbox", Verdict.FAILING, None, (finding,), ())
    return [
        terminal(rule_view(EXPIRED), WIDE),
        terminal(chat_view(chat, details=True), WIDE),
        diagnosis_terminal(login, WIDE, details=True),
    ]


@pytest.mark.usefixtures("_published")
def test_people_get_the_page_of_a_published_documentation() -> None:
    for screen in screens():
        assert "Page: https://docs.example.com/docs/reference/" in screen


def test_without_an_address_no_page_is_printed() -> None:
    assert pages.rule_page("name-invalid") == "docs/reference/rules.md#name-invalid"
    assert not [screen for screen in screens() if "Page:" in screen]


def test_a_cause_of_the_chat_has_the_page_of_the_chat() -> None:
    assert pages.cause_page("verification-off").endswith("chat-causes.md#verification-off")
    assert pages.cause_page("rate-limited").endswith("/causes.md#rate-limited")
    assert pages.chat_cause_page("rate-limited").endswith("chat-causes.md#rate-limited")
