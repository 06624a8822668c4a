"""The status page in a real browser: no message, no request, no barrier; with the keyboard, and without scripts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import filelock
import pytest

from provisioner.report.status_page import status_page
from tests.report import statuses
from tests.report.statuses import NOW

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(300)]
PACKAGES = ("puppeteer-core@24.43.1", "axe-core@4.14.1")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PAGES = {"fleet": statuses.FLEET, "forty": statuses.forty(), "hostile": statuses.hostile(statuses.HOSTILE[0])}


@pytest.fixture(scope="session")
def tools() -> Path:
    """A folder with the packages that drive the browser."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed")
    default = Path(__file__).parents[2] / ".cache" / "browser"
    folder = Path(os.environ.get("BROWSER_TOOLS_CACHE") or default)
    folder.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(f"{folder}.lock", timeout=300):
        if not (folder / "complete").exists():
            (folder / "package.json").write_text('{"private": true}\n')
            words = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", *PACKAGES]
            if subprocess.run(words, cwd=folder, capture_output=True).returncode != 0:
                pytest.skip("npm cannot install what drives the browser")
            (folder / "complete").touch()
    return folder


@pytest.fixture(scope="module")
def seen(tools: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the browser found on each page, by the page's name."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("Chromium is not installed")
    shots = os.environ.get("STATUS_PAGE_SHOTS")
    found = {}
    for name, states in PAGES.items():
        folder = Path(shots) / name if shots else tmp_path_factory.mktemp(name)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "page.html").write_text(status_page(states, NOW), encoding="utf-8")
        words = ["node", str(Path(__file__).with_name("browser.mjs")), browser, str(folder / "page.html"), str(folder)]
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
