"""At a terminal: the question before an apply, colours, and the line that is written over."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from provisioner import localorg
from tests import forked
from tests.cli.conftest import Person

ROOT = Path(__file__).parents[2]


def at_a_terminal(
    person: Person, *words: str, answers: dict[str, str], environment: dict[str, str], stdout: Path | None = None
) -> tuple[int, str]:
    """Run a command as a fork on a pseudo terminal; what is asked for is answered.

    Its status, and all that was on the screen.

    ``stdout`` is a file that stdout is sent to instead.
    """
    ours, theirs = pty.openpty()
    out = os.open(stdout, os.O_WRONLY | os.O_CREAT) if stdout is not None else os.dup(theirs)
    # Python reads the encoding of its streams at its start.
    program = [sys.executable, "-m", "provisioner"] if "PYTHONIOENCODING" in environment else forked.command()
    process = subprocess.Popen(
        [*program, *words],
        cwd=person.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLUMNS": "80", **environment},
        stdin=theirs,
        stdout=out,
        stderr=theirs,
    )
    os.close(out)
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
        person, "apply", "--env", "local", answers={"Type `yes` to apply": answer}, environment={}
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
        person, "apply", "--env", "local", "--yes", answers={"Type the environment name": answer}, environment={}
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


# Nobody is asked about a plan that they cannot see.

ASKED = "Type `yes` to apply"
PLANNED = ("+ key.storefront_2026_11", "+ keyset.storefront", "~ channel.Web_Chat")


def seen_before(question: str, screen: str) -> str:
    """What was on the screen when the question came."""
    before, asked, _ = screen.partition(question)
    assert asked, screen
    return re.sub(r"\x1b\[[0-9;]*m", "", before)


@pytest.mark.parametrize("words", [(), ("--format", "json"), ("-q",), ("-q", "--format", "json")], ids=" ".join)
def test_the_plan_is_seen_though_stdout_is_a_file(person: Person, words: tuple[str, ...]) -> None:
    out = person.folder / "out"
    ended, screen = at_a_terminal(
        person, "apply", "--env", "local", *words, answers={ASKED: "yes"}, environment={}, stdout=out
    )
    assert ended == 0, screen
    before = seen_before("Apply this to local", screen)
    assert all(each in before for each in PLANNED), before
    if "json" in words:
        assert json.loads(out.read_text())["outcome"] == "applied"
    else:
        assert "Plan for local" in out.read_text()


def test_the_plan_is_seen_once_where_stdout_shows_it(person: Person) -> None:
    _, screen = at_a_terminal(person, "apply", "--env", "local", answers={ASKED: "no"}, environment={})
    assert screen.count("Plan for local") == 1


def test_json_at_a_terminal_shows_the_plan_as_well(person: Person) -> None:
    ended, screen = at_a_terminal(
        person, "apply", "--env", "local", "--format", "json", answers={ASKED: "no"}, environment={}
    )
    assert ended == 3
    assert all(each in seen_before("Apply this to local", screen) for each in PLANNED)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437"])
def test_a_legacy_terminal_shows_the_plan(person: Person, encoding: str) -> None:
    person.edit("label: Storefront\n", 'label: "日本"\n')
    ended, screen = at_a_terminal(
        person, "apply", "--env", "local", answers={ASKED: "yes"}, environment={"PYTHONIOENCODING": encoding}
    )
    assert ended == 0, screen
    assert "\\u65e5\\u672c" in seen_before("Apply this to local", screen)
    assert "Applied and read back" in screen


def test_nobody_is_asked_if_the_plan_was_lost(person: Person) -> None:
    ended, screen = at_a_terminal(
        person, "apply", "--env", "local", answers={ASKED: "yes"}, environment={}, stdout=Path("/dev/full")
    )
    assert ended == 3, screen
    said = " ".join(screen.split())
    assert ASKED not in said
    assert "The output is incomplete" in said
    assert person.plan()["summary"]["create"] == 3


def test_a_lost_plan_is_no_reason_with_yes(person: Person) -> None:
    ended, screen = at_a_terminal(
        person, "apply", "--env", "local", "--yes", answers={}, environment={}, stdout=Path("/dev/full")
    )
    assert (ended, "The output is incomplete" in " ".join(screen.split())) == (1, True)
    assert person.plan()["changes"] == []


def test_a_restore_shows_its_plan_and_what_it_leaves(person: Person) -> None:
    assert person.apply().status == 0
    ended, screen = at_a_terminal(
        person, "restore", "latest", "--env", "local", "--allow-destroy", "-q",
        answers={ASKED: "no"}, environment={}, stdout=person.folder / "out",
    )  # fmt: skip
    assert ended == 3, screen
    assert "- key.storefront_2026_11" in seen_before("Apply this to local", screen)


def test_a_revocation_shows_what_breaks(person: Person) -> None:
    assert person.apply().status == 0
    words = ("keys", "rotate", "storefront", "--env", "local", "--revoke", "legacy", "--confirm", "legacy")
    ended, screen = at_a_terminal(
        person, *words, "--format", "json", answers={ASKED: "no"}, environment={}, stdout=person.folder / "out"
    )
    assert ended == 3, screen
    before = " ".join(seen_before("Apply this to local", screen).split())
    assert "Revoking legacy (kid" in before
    assert "stops verifying on Web_Chat" in before
    assert "~ key.legacy" in before


def test_a_promotion_shows_its_plan(person: Person, second_org: Path) -> None:
    localorg.mend(second_org, None)
    localorg.reset(second_org)
    file = person.folder / "config/environments/local.yaml"
    (file.parent / "next.yaml").write_text(file.read_text().replace(str(person.org), str(second_org)))
    assert person.apply().status == 0
    ended, screen = at_a_terminal(
        person, "promote", "--from", "local", "--to", "next", "-q",
        answers={ASKED: "no"}, environment={}, stdout=person.folder / "out",
    )  # fmt: skip
    assert ended == 3, screen
    assert all(each in seen_before("Apply this to next", screen) for each in PLANNED)


@pytest.mark.parametrize(("keys", "status"), [(b"\x03", 130), (b"\x04", 3), (b"no\n", 3)])
def test_what_follows_a_question_has_its_own_line(person: Person, keys: bytes, status: int) -> None:
    terminal = Terminal(person, "apply", "--env", "local")
    terminal.until(ASKED)
    terminal.type(keys)
    assert terminal.rest() == status
    after = re.sub(r"\x1b\[[0-9;]*m", "", terminal.screen.partition(ASKED)[2])
    asked, *others = after.splitlines()
    assert len(asked) < len(" applies: ^C") + 1, after
    assert others[0].startswith(("Error: Interrupted. Nothing was sent.", "! The plan was not confirmed.")), after
    assert len(others) <= 3, after


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
    terminal.until("Type `yes` to apply")
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
    person.breaks("slow=30000ms")
    terminal.type(b"\x03")
    terminal.until("Cancelling deployment")
    terminal.type(b"\x03")
    began = time.monotonic()
    assert terminal.rest() == 130
    assert time.monotonic() - began < 20
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
