"""Pages that a reader follows: every command runs, in order, and prints what the page shows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests import forked
from tests.docs.screens import ROOT
from tests.docs.sessions import appended, blocks, fits, merged, perform, rewritten


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("name", "least"), [("tour", 10), ("first-declaration", 6)])
def test_a_page_prints_what_it_shows(name: str, least: int, tmp_path: Path) -> None:
    page = ROOT / f"docs/{name}.md"
    program = tmp_path / "bin/provisioner"
    program.parent.mkdir()
    forked.program(program)
    folder = tmp_path / "tour"
    folder.mkdir()
    environment = {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "PYTHONPATH": str(ROOT),
        "COLUMNS": "80",
    }
    text = page.read_text("utf-8")
    printed = perform(text, folder, environment)
    if os.environ.get("UPDATE_GOLDEN"):
        text = rewritten(text, printed)
        page.write_text(text, encoding="utf-8")
    sessions = blocks(text)
    assert sum(map(len, sessions)) >= least
    for steps, texts in zip(sessions, printed, strict=True):
        for step, shown in zip(steps, texts, strict=True):
            assert fits(step.printed, shown), f"$ {step.command}\n{shown}"


def test_what_a_reader_adds_is_found_with_its_place() -> None:
    session = "<!-- run -->\n```console\n$ a\n```\n"
    page = f"{session}<!-- append: x.yaml -->\n```yaml\nb: 1\n```\n{session}"
    assert appended(page) == [(1, "x.yaml", "b: 1\n")]


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


@pytest.mark.parametrize(
    ("shown", "printed", "screen"),
    [
        ("a\n…\nd", "a\nb\nd", "a\n…\nd"),
        ("a\n…\nd", "x\nb\nc\nd", "x\n…\nd"),
        ("a\n…", "x\nb\nc", "x\n…"),
        ("a\n…\nd\ne", "a\nb\nx\ne", "a\n…\nx\ne"),
        ("a", "b", "b"),
    ],
)
def test_a_changed_screen_still_leaves_lines_out(shown: str, printed: str, screen: str) -> None:
    assert merged(shown, printed) == screen
    assert fits(screen, printed)
