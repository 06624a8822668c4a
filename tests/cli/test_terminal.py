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


class Terminal:
    """A terminal of one's own: Ctrl-C typed there reaches the command, and so does its closing."""

    def __init__(self, person: Person, *words: str) -> None:
        self._ours, theirs = pty.openpty()
        self.screen = ""
        self.process = subprocess.Popen(
            [sys.executable, "-c", _IN_A_SESSION, *words],
            cwd=person.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLUMNS": "80"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)

    def until(self, words: str) -> None:
        deadline = time.monotonic() + 60
        while words not in self.screen:
            assert time.monotonic() < deadline, self.screen
            if select.select([self._ours], [], [], 0.2)[0]:
                self.screen += os.read(self._ours, 65536).decode("utf-8", "replace")

    def type(self, characters: bytes) -> None:
        os.write(self._ours, characters)

    def rest(self) -> int:
        """Its status, when everything that it says is on the screen."""
        while True:
            try:
                read = os.read(self._ours, 65536)
            except OSError:
                break
            if not read:
                break
            self.screen += read.decode("utf-8", "replace")
        os.close(self._ours)
        return self.process.wait(60)

    def close(self) -> int:
        """The window is closed, the connection lost, the laptop gone."""
        os.close(self._ours)
        return self.process.wait(60)


#: The terminal becomes the session's own, as it is behind a login.
_IN_A_SESSION = """
import fcntl, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from provisioner.cli.main import entry
entry()
"""


def test_ctrl_c_at_the_question_sends_nothing(person: Person) -> None:
    terminal = Terminal(person, "apply", "--env", "local")
    terminal.until("Only `yes` applies")
    terminal.type(b"\x03")
    assert terminal.rest() == 130
    assert "othing was sent" in terminal.screen
    assert "Traceback" not in terminal.screen
    assert person.plan()["summary"]["create"] == 3


def test_ctrl_c_while_a_deployment_runs_says_its_id(person: Person) -> None:
    person.breaks("deploy-queued=100000")
    terminal = Terminal(person, "apply", "--env", "local", "--yes")
    terminal.until("accepted")
    terminal.type(b"\x03")
    assert terminal.rest() == 130
    said = " ".join(terminal.screen.split())
    assert "--resume 0Af" in said
    person.mends()
    assert person.apply().status == 0


def test_a_second_ctrl_c_ends_what_the_first_one_waits_for(person: Person) -> None:
    """The first one calls the deployment off; the org is slow to answer, and the person has had enough."""
    person.breaks("deploy-queued=100000")
    terminal = Terminal(person, "apply", "--env", "local", "--yes", "--cancel-on-interrupt")
    terminal.until("accepted")
    person.breaks("slow=3000ms")
    terminal.type(b"\x03")
    time.sleep(1)
    terminal.type(b"\x03")
    began = time.monotonic()
    assert terminal.rest() == 130
    assert time.monotonic() - began < 8
    assert "Traceback" not in terminal.screen
    assert "0Af" in terminal.screen
    person.mends()
    assert person.apply().status == 0


def test_a_closed_terminal_loses_nothing(person: Person) -> None:
    person.breaks("deploy-queued=100000")
    terminal = Terminal(person, "apply", "--env", "local", "--yes")
    terminal.until("accepted")
    assert terminal.close() in (130, -1, -13)
    person.mends()
    ran = person.apply()
    assert ran.status == 0
    assert "was cut off" in ran.err or "interrupted" in ran.err, ran.err
