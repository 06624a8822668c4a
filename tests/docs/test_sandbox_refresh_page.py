"""docs/sandbox-refresh.md against the program: its screen is what the refusal prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from provisioner.errors import RefusedError
from provisioner.workflows.connect import require_org
from tests.docs.screens import ROOT
from tests.workflows.test_org_guard import CI, NEW, UAT, environment

PAGE: Path = ROOT / "docs/sandbox-refresh.md"


def test_its_screen_is_what_is_printed() -> None:
    with pytest.raises(RefusedError) as refused:
        require_org(NEW, UAT, environment(), login_url=UAT, username=CI)
    screens = re.findall(r"```text\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert [" ".join(screen.split()) for screen in screens] == [
        f"Error: {refused.value.message} Next: {refused.value.next}"
    ]
