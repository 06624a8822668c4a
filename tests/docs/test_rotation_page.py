"""docs/rotation.md against the program: its screens, and every reason why something is refused."""

from __future__ import annotations

import os
import re

from tests.docs.screens import ROOT
from tests.report.golden import FOLDER

PAGE = ROOT / "docs/rotation.md"
_SCREEN = re.compile(r"(<!-- golden: ([^>]+) -->\n```text\n)(.*?)(```\n)", re.DOTALL)
SOURCES = ("jose/rotation.py", "workflows/rotation/rotate.py")


def test_its_screens_are_what_is_printed() -> None:
    text = PAGE.read_text()
    if os.environ.get("UPDATE_GOLDEN"):
        text = _SCREEN.sub(lambda match: match[1] + (FOLDER / match[2]).read_text() + match[4], text)
        PAGE.write_text(text)
    shown = {match[2]: match[3] for match in _SCREEN.finditer(text)}
    assert shown
    for name, screen in shown.items():
        assert screen == (FOLDER / name).read_text(), name


def test_it_names_every_reason_and_no_other() -> None:
    code = "".join((ROOT / "provisioner" / name).read_text() for name in SOURCES)
    reasons = set(re.findall(r"(?:_NoStep|Refusal)\(\s*\"([a-z-]+)\"", code))
    assert len(reasons) > 10
    rows = [line.split("|")[1] for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    assert {name for row in rows for name in re.findall(r"`([a-z-]+)`", row)} == reasons
