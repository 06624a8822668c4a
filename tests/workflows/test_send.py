"""A plan that is sent after a wait: only the plan that was shown is applied, and any other is shown."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from provisioner.execution.activation import not_asked
from provisioner.execution.apply import Options
from provisioner.execution.journal import Journal
from provisioner.execution.outcome import Result
from provisioner.execution.work import Work
from provisioner.model.environment import Environment
from provisioner.report.style import Style
from provisioner.report.terminal import terminal
from provisioner.workflows import send
from provisioner.workflows.apply import show_outcome
from tests.report import samples


class Seen:
    """A console that keeps the texts of the results."""

    config_path = "config"

    def __init__(self) -> None:
        self.shown: list[str] = []

    def say(self, text: str) -> None:
        pass

    def show(self, view: Any, json: Any = None, **_: Any) -> None:
        self.shown.append(terminal(view(), Style(100)))


def test_a_plan_that_is_blocked_after_a_wait_shows_why(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextlib.contextmanager
    def waited(*_: Any, **__: Any) -> Iterator[bool]:
        yield True

    blocked = replace(samples.FULL, blocked=(samples.NEEDS_ALLOW_DESTROY,))
    shown = replace(samples.FULL, blocked=())
    monkeypatch.setattr(send, "org_lock", waited)
    monkeypatch.setattr(send, "observe", lambda *_: None)
    console: Any = Seen()
    org: Any = SimpleNamespace(pause=None)
    replan: Any = lambda snapshot: blocked  # noqa: E731
    work = Work(None, {}, None, shown, replan)  # type: ignore[arg-type]
    outcome = send.PlanSender(
        console, Environment("sandbox", "sandbox.yaml", Path()), org, Journal(None), Options(), not_asked
    ).run(work)
    show_outcome(console, outcome)
    assert outcome.result is Result.REFUSED
    said = " ".join(" ".join(console.shown).split())
    assert samples.NEEDS_ALLOW_DESTROY.message in said
