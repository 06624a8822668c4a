"""Addresses and commands that come from the installed package's metadata."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from provisioner import project
from provisioner.errors import as_ours

Make = Callable[..., None]


class Installed:
    """A distribution as importlib.metadata has it."""

    def __init__(self, folder: Path, urls: list[str], direct_url: object) -> None:
        lines = ["Metadata-Version: 2.4", f"Name: {project.DISTRIBUTION}", "Version: 1", *urls]
        folder.mkdir()
        (folder / "METADATA").write_text("\n".join(lines) + "\n\n")
        if direct_url is not None:
            (folder / "direct_url.json").write_text(json.dumps(direct_url))
        self.distribution = metadata.PathDistribution(folder)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    def make(*urls: str, direct_url: object = None) -> None:
        found = Installed(tmp_path / "x.dist-info", [f"Project-URL: {each}" for each in urls], direct_url).distribution
        monkeypatch.setattr(metadata, "distribution", lambda name: found)
        monkeypatch.setattr(metadata, "metadata", lambda name: found.metadata)

    return make


def test_no_message_names_an_address_that_nobody_filled_in(installed: Make) -> None:
    installed()
    assert project.address("Issues") is None
    assert as_ours(ValueError("x")).next == (
        "Nothing further was sent. Run again with -vv for the details, and report them "
        "to the people who gave you this program."
    )


def test_an_address_that_is_filled_in_is_named(installed: Make) -> None:
    installed("Repository, https://code.example.com/a", "Issues, https://code.example.com/a/issues")
    assert project.address("repository") == "https://code.example.com/a"
    assert as_ours(ValueError("x")).next.endswith("report them at https://code.example.com/a/issues.")


def test_a_page_is_on_the_site_or_in_the_repository(installed: Make, tmp_path: Path) -> None:
    page = "docs/reference/rules.md#key-expired"
    installed("Repository, https://code.example.com/a")
    assert project.page_address(page) == f"https://code.example.com/a/blob/HEAD/{page}"
    (tmp_path / "x.dist-info").rename(tmp_path / "before")
    installed("Documentation, https://docs.example.com/a/", "Repository, https://code.example.com/a")
    assert project.page_address(page) == "https://docs.example.com/a/reference/rules.html#key-expired"
    assert project.page_address("docs/tour.md") == "https://docs.example.com/a/tour.html"
    (tmp_path / "x.dist-info").rename(tmp_path / "between")
    installed()
    assert project.page_address(page) is None


def test_a_program_that_is_not_installed_has_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "metadata", missing)
    monkeypatch.setattr(metadata, "distribution", missing)
    assert project.address("Issues") is None
    assert "FILE: the wheel or the checkout" in project.install_command("localorg")


def test_an_extra_is_installed_from_where_the_program_came(installed: Make, tmp_path: Path) -> None:
    wheel = tmp_path / "a b.whl"
    wheel.touch()
    installed(direct_url={"url": wheel.as_uri(), "archive_info": {}})
    assert project.install_command("localorg") == f"{sys.executable} -m pip install '{wheel}[localorg]'"


def test_a_checkout_stays_editable(installed: Make, tmp_path: Path) -> None:
    installed(direct_url={"url": tmp_path.as_uri(), "dir_info": {"editable": True}})
    assert project.install_command("localorg").endswith(f"pip install --editable '{tmp_path}[localorg]'")


@pytest.mark.parametrize(
    "direct_url",
    [None, {"url": "file:///nowhere/x.whl"}, {"url": "https://files.example.com/x.whl"}, {}, [], {"url": 7}],
)
def test_a_source_that_is_gone_is_asked_for(installed: Make, direct_url: object) -> None:
    installed(direct_url=direct_url)
    command = project.install_command("localorg")
    assert command.endswith(
        "pip install 'FILE[localorg]' (FILE: the wheel or the checkout that this program came from)"
    )
