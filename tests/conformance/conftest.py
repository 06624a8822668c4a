"""Other people's programs, a local org to drive them against, and what happens where they are missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Generator, Iterator
from functools import partial
from pathlib import Path

import filelock
import pytest

from provisioner import localorg
from tests import forked
from tests.conformance import product
from tests.conformance.cli import CliUnavailableError, SalesforceCli, installed
from tests.conformance.material import SourceProject
from tests.conformance.product import Configuration, LocalOrg

BROWSER_PACKAGES = ("puppeteer-core@24.43.1", "axe-core@4.14.1")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REQUIRED = bool(os.environ.get("PROVISIONER_REQUIRE_CONFORMANCE"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where conformance must be proven, a test that was skipped has failed.

    Elsewhere all that were skipped for one reason are shown in one line.
    """
    report = yield
    if report.skipped and item.get_closest_marker("conformance") and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2]
        if REQUIRED:
            report.outcome = "failed"
            report.longrepr = f"{reason}. PROVISIONER_REQUIRE_CONFORMANCE is set: none of these may be skipped."
        else:
            report.longrepr = (__file__, 1, reason)
    return report


@pytest.fixture(scope="session")
def cli_folder() -> Path:
    try:
        return installed()
    except CliUnavailableError as error:
        pytest.skip(f"the Salesforce CLI cannot be had: {error}")


@pytest.fixture(scope="session")
def running_org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalOrg]:
    """One running org a worker; tests get it reset."""
    running = LocalOrg.start(tmp_path_factory.mktemp("conformance") / "org")
    yield running
    running.stop()


@pytest.fixture
def org(running_org: LocalOrg) -> LocalOrg:
    """A running local org as if it were new, with nothing broken."""
    localorg.mend(running_org.folder)
    localorg.reset(running_org.folder)
    return running_org


@pytest.fixture(autouse=True)
def _forked_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start the program as a fork. Benchmarks use the same helpers, and start it as a person does."""
    monkeypatch.setattr(product, "run", partial(forked.run, forked.PRODUCT))


@pytest.fixture
def project(tmp_path: Path) -> SourceProject:
    return SourceProject(tmp_path / "project")


@pytest.fixture
def visitor(cli_folder: Path, org: LocalOrg, project: SourceProject, tmp_path: Path) -> SalesforceCli:
    """The official CLI of somebody who has not logged in yet."""
    home = tmp_path / "home"
    home.mkdir()
    return SalesforceCli(cli_folder, home, project.folder, org.ca_bundle)


@pytest.fixture
def sf(visitor: SalesforceCli, org: LocalOrg) -> SalesforceCli:
    """The official CLI, logged in to the org by JWT; the org is the project's default."""
    assert visitor.log_in(org).result["username"] == org.username
    return visitor


@pytest.fixture
def configuration(tmp_path: Path, org: LocalOrg) -> Configuration:
    """Our own product's folder for the same org."""
    return Configuration(tmp_path / "ours", org)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("Chromium is not installed")
    return found


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
            words = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
            if subprocess.run([*words, *BROWSER_PACKAGES], cwd=folder, capture_output=True).returncode != 0:
                pytest.skip("npm cannot install what drives the browser")
            (folder / "complete").touch()
    return folder
