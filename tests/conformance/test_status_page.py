"""The status page in a real browser: no message, no request, no barrier; with the keyboard, and without scripts."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from provisioner.report.status_page import status_page
from tests.report import statuses
from tests.report.statuses import NOW

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(300)]
PAGES = {"fleet": statuses.FLEET, "forty": statuses.forty(), "hostile": statuses.hostile(statuses.HOSTILE[0])}


@pytest.fixture(scope="module")
def seen(tools: Path, chromium: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the browser found on each page, by the page's name."""
    shots = os.environ.get("STATUS_PAGE_SHOTS")
    found = {}
    for name, states in PAGES.items():
        folder = Path(shots) / name if shots else tmp_path_factory.mktemp(name)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "page.html").write_text(status_page(states, NOW), encoding="utf-8")
        words = ["node", str(Path(__file__).with_name("browser.mjs")), chromium, str(folder / "page.html"), str(folder)]
        done = subprocess.run(words, cwd=tools, capture_output=True, text=True, timeout=240)
        assert done.returncode == 0, done.stderr
        found[name] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("page", PAGES)
def test_no_message_no_request_no_barrier(seen: dict[str, Any], page: str) -> None:
    found = seen[page]
    assert found["messages"] == []
    assert {url.partition("#")[0].rpartition("/")[2] for url in found["requests"]} == {"page.html"}
    assert found["violations"] == []
    assert found["overflowing"] == []


def test_the_keyboard_alone(seen: dict[str, Any]) -> None:
    found = seen["fleet"]
    assert found["stops"][:2] == ["Go to the table", "filter"]
    assert found["before"] == ["sandbox", "production", "uat"]
    assert found["filtered"] == ["production"]
    assert found["announced"] == "1 of 3 environments"
    assert found["sections"] == 1
    assert found["ascending"] == ["production", "sandbox", "uat"]
    assert (found["descending"], found["sorted"]) == (["uat", "sandbox", "production"], "descending")


def test_without_scripts_all_is_there(seen: dict[str, Any]) -> None:
    assert seen["forty"]["withoutScript"] == 40
