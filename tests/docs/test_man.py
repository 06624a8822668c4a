"""The man pages are those that the code makes, and a formatter has nothing to say about them."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from provisioner.cli.commands import VERBS
from tests.docs.man import FOLDER, pages


def test_each_page_is_what_the_code_says() -> None:
    assert len(pages()) == len(VERBS) + 1
    assert {path.name for path in FOLDER.iterdir()} == set(pages()), "run `make reference`"
    old = [name for name, page in pages().items() if (FOLDER / name).read_text("utf-8") != page]
    assert old == [], "run `make reference`"


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_a_formatter_warns_of_nothing() -> None:
    words = ["groff", "-man", "-ww", "-z", "-Tutf8", "-K", "utf8", *(str(FOLDER / name) for name in pages())]
    done = subprocess.run(words, capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_what_is_shown() -> None:
    words = ["groff", "-man", "-Tascii", "-P-c", "-P-u", "-P-b", str(FOLDER / "provisioner-plan.1")]
    shown = " ".join(subprocess.run(words, capture_output=True, text=True, check=True, timeout=100).stdout.split())
    assert "provisioner-plan - show what would change in an org" in shown
    assert "--out FILE also save the plan to FILE" in shown
    assert "provisioner plan --env sandbox" in shown
