"""docs/login.md against the program: every reason why a step of a rotation is refused."""

from __future__ import annotations

import re

from tests.docs.screens import ROOT

ROOMS = ("planning/login_rotation.py", "workflows/login_rotation/rotate.py")


def test_it_names_every_reason_and_no_other() -> None:
    code = "".join((ROOT / "provisioner" / name).read_text() for name in ROOMS)
    reasons = set(re.findall(r"Refusal\(\s*\"([a-z-]+)\"", code))
    assert len(reasons) > 10
    rows = [line.split("|")[1] for line in (ROOT / "docs/login.md").read_text().splitlines() if line.startswith("| `")]
    assert {name for row in rows for name in re.findall(r"`([a-z-]+)`", row)} == reasons
