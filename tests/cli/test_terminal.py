"""At a terminal: the question before an apply, colours, and the line that is written over."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Person

ROOT = Path(__file__).parents[2]


def at_a_terminal(person: Person, *words: str, answers: dict[str, str], environment: dict[str, str]) -> tuple[int, str]:
    """Run a command on a pseudo terminal; what is asked for is answered. Its status, and all that was on the screen."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "provisioner", *words],
        cwd=person.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLUMNS": "80", **environment},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    screen, open_answers, deadline = "", dict(answers), time.monotonic() + 60
    while time.monotonic() < deadline:
        ready, _, _ = select.select([ours], [], [], 0.2)
        if ready:
            try:
                screen += os.read(ours, 65536).decode("utf-8", "replace")
            except OSError:  # the other end is closed
                break
        for question, answer in list(open_answers.items()):
            if question in screen:
                os.write(ours, (answer + "\n").encode())
                del open_answers[question]
    os.close(ours)
    return process.wait(30), screen


@pytest.mark.parametrize(
    ("answer", "status", "sentence"),
    [("yes", 0, "Applied and read back"), ("y", 3, "was not confirmed"), ("", 3, "nothing was sent")],
)
def test_only_yes_applies(person: Person, answer: str, status: int, sentence: str) -> None:
    ended, screen = at_a_terminal(
        person, "apply", "--env", "local", answers={"Only `yes` applies": answer}, environment={}
    )
    assert ended == status, screen
    assert sentence in screen
    assert "\x1b[32m" in screen, "a terminal gets colours"
    assert (person.plan()["changes"] == []) is (status == 0)


@pytest.mark.parametrize(("answer", "status"), [("local", 0), ("yes", 3)])
def test_production_is_confirmed_by_its_name(person: Person, answer: str, status: int) -> None:
    environment = person.folder / "config/environments/local.yaml"
    environment.write_text(environment.read_text() + "production: true\n")
    person.breaks("production")
    ended, screen = at_a_terminal(
        person, "apply", "--env", "local", "--yes", answers={"Type the environment's name": answer}, environment={}
    )
    assert ended == status, screen
    person.mends()


@pytest.mark.parametrize(
    ("words", "environment"), [(["--no-color"], {}), ([], {"NO_COLOR": "1"}), ([], {"TERM": "dumb"})]
)
def test_colours_can_be_had_without(person: Person, words: list[str], environment: dict[str, str]) -> None:
    ended, screen = at_a_terminal(person, "plan", "--env", "local", *words, answers={}, environment=environment)
    assert ended == 0
    assert "\x1b[" not in screen
    assert max(map(len, screen.splitlines())) <= 80


def test_no_input_never_asks(person: Person) -> None:
    ended, screen = at_a_terminal(person, "apply", "--env", "local", "--no-input", answers={}, environment={})
    assert ended == 3
    assert "--yes was not given" in " ".join(screen.split())
