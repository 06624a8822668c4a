"""The proof of a login that a change of its app made: what is said while it is tried again."""

from __future__ import annotations

from typing import cast

import pytest

from provisioner.errors import LoginError
from provisioner.salesforce import LoginSettings
from provisioner.salesforce.clock import Clock
from provisioner.secrets import Secret
from provisioner.workflows import login_proof
from provisioner.workflows.console import Console


class Listener:
    """A console that keeps the sentences."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, sentence: str) -> None:
        self.said.append(sentence)


def without_waiting() -> Clock:
    passed = [0.0]

    def sleep(seconds: float) -> None:
        passed[0] += seconds

    return Clock(monotonic=lambda: passed[0], sleep=sleep)


def tried(monkeypatch: pytest.MonkeyPatch, audience: str) -> list[str]:
    """Return what is said while an org does not know the app for two minutes."""
    server: dict[str, str | int] = {
        "status": 400,
        "error": "app_not_found",
        "error_description": "External client app is not installed in this org",
    }
    refused = LoginError("The org refused the login.", next="Find out more.", server=server)
    monkeypatch.setattr(login_proof, "_failure", lambda settings, clock: refused)
    settings = LoginSettings(
        login_url="https://acme.my.salesforce.com",
        audience=audience,
        username="ci@acme.com",
        consumer_key="x" * 80,
        private_key=Secret(""),
        environment="sandbox",
    )
    listener = Listener()
    found = login_proof.prove_login(cast(Console, listener), settings, minutes=2, changed=True, clock=without_waiting())
    assert found.error is refused
    return listener.said


def test_the_same_answer_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = tried(monkeypatch, "https://acme.my.salesforce.com")
    assert "app_not_found: External client app is not installed in this org" in first
    assert "audience" not in first
    assert others == [f"The same answer after {seconds} seconds." for seconds in (30, 60, 90)]


def test_a_generic_audience_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *_ = tried(monkeypatch, "https://test.salesforce.com")
    assert "The audience is https://test.salesforce.com" in first
    assert first.endswith("write that as login_url of sandbox, and remove audience.")
