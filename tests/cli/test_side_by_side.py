"""Several environments at a time: order, bound, failures, talk, interrupts."""

from __future__ import annotations

import _thread
import argparse
import re
import sys
import threading
from pathlib import Path

import pytest

from provisioner.cli.context import Context
from provisioner.errors import ExitStatus, InterruptedRunError, LoginError, ProvisionerError, UsageError
from provisioner.salesforce.parallel import in_background
from provisioner.secrets import Reference, Resolver
from provisioner.workflows.side_by_side import AT_ONCE, side_by_side, worst

PATIENCE = 30.0


def context(**options: object) -> Context:
    given = {"config": None, "verbose": 0, "quiet": False, "no_color": True, "no_input": False, **options}
    return Context(argparse.Namespace(**given))


def test_results_come_in_the_order_given_whoever_is_done_first() -> None:
    last_is_done = threading.Event()

    def work(name: str) -> str:
        if name == "c":
            last_is_done.set()
        else:
            assert last_is_done.wait(PATIENCE)
        return name.upper()

    assert side_by_side(["a", "b", "c"], work) == [("a", "A"), ("b", "B"), ("c", "C")]


def test_as_many_as_the_bound_work_at_once_and_no_more() -> None:
    together = threading.Barrier(3)
    working: set[str] = set()
    most: list[int] = []

    def work(name: str) -> None:
        working.add(name)
        together.wait(PATIENCE)  # passes only if three are here at once
        most.append(len(working))
        together.wait(PATIENCE)
        working.discard(name)

    side_by_side([str(number) for number in range(12)], work, at_once=3)

    assert len(most) == 12
    assert max(most) == 3


def test_nothing_to_do_is_done_at_once() -> None:
    assert side_by_side([], lambda name: name) == []


def test_a_result_that_counts_as_false_is_a_result() -> None:
    assert side_by_side(["a", "b"], {"a": 0, "b": None}.__getitem__) == [("a", 0), ("b", None)]


def test_no_failure_hides_another_or_a_result() -> None:
    login = LoginError("No.", next="Try.")

    def work(name: str) -> str:
        match name:
            case "login":
                raise login
            case "defect":
                raise ZeroDivisionError("a secret word")
            case "exit":
                raise SystemExit(0)
        return name

    results = dict(side_by_side(["login", "defect", "fine", "exit"], work, at_once=1))

    assert results["login"] is login
    assert results["fine"] == "fine"
    for name, kind in (("defect", "ZeroDivisionError"), ("exit", "SystemExit")):
        error = results[name]
        assert isinstance(error, ProvisionerError)
        assert (error.code, error.exit_status) == ("internal", ExitStatus.WRONG_INPUT)
        assert kind in error.message
        assert "secret" not in error.message


@pytest.mark.parametrize(("verbose", "shown"), [(0, False), (2, True)])
def test_a_defect_shows_its_traceback_only_on_demand(
    capsys: pytest.CaptureFixture[str], verbose: int, shown: bool
) -> None:
    context(verbose=verbose)
    nothing: dict[str, str] = {}
    side_by_side(["uat"], nothing.__getitem__)
    err = capsys.readouterr().err
    assert ("KeyError" in err) is shown
    assert all(line.startswith("[uat] ") for line in err.splitlines())


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        ([0, 2, 1, 6, 3, 4, 5, 130], 130),
        ([0, 2, 1, 6, 3, 4, 5], 5),
        ([0, 2, 1, 6, 3, 4], 4),
        ([0, 2, 1, 6, 3], 3),
        ([0, 2, 1, 6], 6),
        ([0, 2, 1], 1),
        ([0, 2], 2),
        ([0, 0], 0),
        ([0, 64], 1),
        ([64, 4], 4),
    ],
)
def test_the_worst_status_is_the_run_s(statuses: list[int], status: int) -> None:
    assert worst(statuses) == status
    assert worst(reversed(statuses)) == status


def test_each_line_of_the_talk_says_whose_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    spoken = context()

    def work(name: str) -> None:
        for number in range(50):
            spoken.say(f"{name} says {number}\nand {name} goes on")
        in_background(lambda: spoken.say(f"a request of {name}")).result()

    names = [f"env{number}" for number in range(AT_ONCE)]
    side_by_side(names, work)
    spoken.say("Done.")

    *lines, last = capsys.readouterr().err.splitlines()
    assert len(lines) == len(names) * 101
    for line in lines:
        name, said = re.fullmatch(r"\[(env\d)\] (.*)", line).groups()  # type: ignore[union-attr]
        assert name in said
    assert last == "Done."


def test_quiet_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    silent = context(quiet=True)
    side_by_side(["a", "b"], silent.say)
    assert capsys.readouterr().err == ""


def test_only_one_question_is_asked_at_a_time(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asking: list[str] = []

    class Person:
        def readline(self) -> str:
            asking.append("asked")
            assert len(asking) == 1, "a question while another one waits for its answer"
            threading.Event().wait(0.02)
            asking.clear()
            return "yes\n"

    monkeypatch.setattr(sys, "stdin", Person())
    person = context()
    results = side_by_side(["a", "b", "c"], lambda name: person.ask(f"{name}? "))
    assert [answer for _, answer in results] == ["yes"] * 3
    assert sorted(capsys.readouterr().err.split()) == ["a?", "b?", "c?"]


def test_commands_that_may_ask_for_a_password_run_one_at_a_time(tmp_path: Path) -> None:
    script = tmp_path / "ask"
    script.write_text("#!/bin/sh\nmkdir running || exit 9\nsleep 0.05\nrmdir running\necho secret-word\n")
    script.chmod(0o755)
    reference = Reference.parse(f"${{command:sh -c 'cd {tmp_path} && ./ask'}}")
    assert reference is not None
    results = side_by_side(
        ["a", "b", "c", "d"], lambda _: Resolver(tmp_path, allow_commands=True).resolve(reference).reveal()
    )
    assert [value for _, value in results] == ["secret-word"] * 4


def test_an_interrupt_keeps_results_and_starts_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    spoken = context()
    never, spoke, begun = threading.Event(), threading.Event(), []

    def work(name: str) -> str:
        begun.append(name)
        if name == "second":
            _thread.interrupt_main()
            never.wait(PATIENCE)
            spoken.say("too late")
            spoke.set()
        return name

    try:
        results = dict(side_by_side(["first", "second", "third"], work, at_once=1))
    finally:
        never.set()
        assert spoke.wait(PATIENCE)

    assert results["first"] == "first"
    for name in ("second", "third"):
        error = results[name]
        assert isinstance(error, InterruptedRunError)
        assert error.exit_status == ExitStatus.INTERRUPTED
        assert error.next
    assert begun == ["first", "second"]
    assert "too late" not in capsys.readouterr().err


def test_wrong_usage_that_one_environment_shows_stays_there() -> None:
    def work(name: str) -> str:
        raise UsageError("No.", next="Read.")

    ((_, error),) = side_by_side(["a"], work)
    assert isinstance(error, UsageError)
    assert worst([error.exit_status]) == ExitStatus.WRONG_INPUT
