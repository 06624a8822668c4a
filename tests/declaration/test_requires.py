"""A declaration for another version of this program gets one finding, and no advice to lower its version."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner import __version__
from provisioner.declaration.load import ConfigDirectory


def findings(folder: Path, text: str) -> list[tuple[str, str, str]]:
    (folder / "user-verification.yaml").write_text(text)
    found = ConfigDirectory(folder).load(None).findings
    return [(each.rule, each.message, each.fix) for each in found]


@pytest.mark.parametrize("text", ["version: 2\nnew: {a: b}\nkeys: 5\n", "version: 99999999999999999999999\n"])
def test_a_newer_format_is_one_finding(tmp_path: Path, text: str) -> None:
    ((rule, message, fix),) = findings(tmp_path, text)
    assert rule == "version-unsupported"
    assert "written for a newer provisioner" in message
    assert __version__ in message
    assert fix.startswith("Install a newer provisioner")


def test_an_older_format_is_named(tmp_path: Path) -> None:
    ((rule, message, fix),) = findings(tmp_path, "version: 0\n")
    assert (rule, fix) == ("version-unsupported", "Write `version: 1`.")
    assert "newer" not in message


@pytest.mark.parametrize("asked", [">=0", f"=={__version__}", f"~={__version__}", f">=0,<={__version__}"])
def test_a_requirement_that_is_met(tmp_path: Path, asked: str) -> None:
    assert findings(tmp_path, f'version: 1\nrequires: "{asked}"\n') == []


@pytest.mark.parametrize("asked", [">=99", "<0.0.1", f"!={__version__}"])
def test_a_requirement_that_is_not_met_is_one_finding(tmp_path: Path, asked: str) -> None:
    ((rule, message, fix),) = findings(tmp_path, f'version: 1\nrequires: "{asked}"\nnew: 1\n')
    assert rule == "requires-unmet"
    assert asked in message
    assert __version__ in message
    assert fix


@pytest.mark.parametrize("asked", ["newest", "0.2", ">=", "latest,>=1"])
def test_a_requirement_that_is_no_range(tmp_path: Path, asked: str) -> None:
    ((rule, _, fix),) = findings(tmp_path, f'version: 1\nrequires: "{asked}"\n')
    assert rule == "requires-invalid"
    assert ">=0.2" in fix


def test_a_requirement_of_another_type_is_a_wrong_type(tmp_path: Path) -> None:
    assert [rule for rule, _, _ in findings(tmp_path, "version: 1\nrequires: 2\n")] == ["yaml-wrong-type"]


def test_the_place_is_the_value(tmp_path: Path) -> None:
    (tmp_path / "user-verification.yaml").write_text("version: 1\nrequires: '>=99'\n")
    (found,) = ConfigDirectory(tmp_path).load(None).findings
    assert (found.location.line, found.location.column) == (2, 11)
