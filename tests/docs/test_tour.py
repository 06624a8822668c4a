"""docs/tour.md: every command of it runs, in order, and prints what the page shows."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.docs.screens import ROOT
from tests.docs.sessions import blocks, fits, rewritten, run

PAGE = ROOT / "docs/tour.md"


@pytest.mark.timeout(300)
def test_the_tour_prints_what_it_shows(tmp_path: Path) -> None:
    program = tmp_path / "bin/provisioner"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m provisioner "$@"\n')
    program.chmod(0o755)
    folder = tmp_path / "tour"
    folder.mkdir()
    environment = {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "PYTHONPATH": str(ROOT),
        "COLUMNS": "80",
    }
    sessions = blocks(PAGE.read_text("utf-8"))
    printed = [[run(step.command, folder, environment) for step in steps] for steps in sessions]
    if os.environ.get("UPDATE_GOLDEN"):
        PAGE.write_text(rewritten(PAGE.read_text("utf-8"), printed), encoding="utf-8")
        sessions = blocks(PAGE.read_text("utf-8"))
    assert sum(map(len, sessions)) > 10
    for steps, texts in zip(sessions, printed, strict=True):
        for step, text in zip(steps, texts, strict=True):
            assert fits(step.printed, text), f"$ {step.command}\n{text}"


@pytest.mark.parametrize(
    ("shown", "printed", "fit"),
    [
        ("a\nb", "a\nb", True),
        ("a\n…\nd", "a\nb\nc\nd", True),
        ("a\n…", "a\nb", True),
        ("a", "a\nb", False),
        ("a\n…\nd", "a\nb\nc", False),
        ("a…", "a\nb", False),
    ],
)
def test_a_screen_fits_what_was_printed(shown: str, printed: str, *, fit: bool) -> None:
    assert fits(shown, printed) is fit
