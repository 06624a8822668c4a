"""Machines with less than usual: no home folder, a user id without a name, a folder that nobody may write to."""

from __future__ import annotations

import os
import pwd
import shutil
import sys
from pathlib import Path

import pytest

from provisioner.cli.main import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A process of a user id that the machine does not know, without HOME, in a folder with the example."""

    def unknown(_: object) -> None:
        raise KeyError("uid not found")

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.setattr(pwd, "getpwnam", unknown)
    for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "PROVISIONER_STATE_DIR", "LOGNAME", "USER"):
        monkeypatch.delenv(name, raising=False)
    shutil.copytree(ROOT / "config", tmp_path / "config")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    status = main([*words])
    out, err = capsys.readouterr()
    said = " ".join((out + err).split())
    assert "Internal error" not in said
    assert "Traceback" not in said
    return status, said


@pytest.mark.usefixtures("nobody")
def test_a_key_needs_a_named_place(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, said = run(capsys, "keys", "generate", "shop_2027", "--bits", "2048")
    assert status == 1
    assert "This user has no home folder" in said
    assert "--private-key FILE" in said
    assert run(capsys, "keys", "generate", "shop_2027", "--bits", "2048", "--private-key", "made/s.key")[0] == 0
    assert (tmp_path / "made/s.key").stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize("path", ["~/s.key", "~nobody-here/s.key"])
def test_a_home_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str], path: str) -> None:
    status, said = run(capsys, "keys", "generate", "shop_2027", "--bits", "2048", "--private-key", path)
    assert status == 1
    assert "this machine has no such home folder" in said
    assert "Write the full path." in said


@pytest.mark.usefixtures("nobody")
def test_a_missing_journal_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    status, said = run(capsys, "restore")
    assert status == 0
    assert "This machine keeps no journal: the user has no home folder." in said
    assert "PROVISIONER_STATE_DIR" in said


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize("words", [("validate",), ("envs",), ("keys", "expiring"), ("render", "--env", "local")])
def test_what_reads_needs_no_home(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    assert run(capsys, *words)[0] == 0


@pytest.mark.skipif(sys.platform == "win32", reason="folders are not emptied under a process there")
def test_a_folder_that_is_gone(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    here = Path.cwd()
    gone = tmp_path / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    try:
        status, said = run(capsys, "validate")
    finally:
        os.chdir(here)
    assert status == 1
    assert "The current folder no longer exists." in said


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_read_only(capsys: pytest.CaptureFixture[str], nobody: Path) -> None:
    (nobody / "config").chmod(0o555)
    status, said = run(capsys, "keys", "generate", "shop_2027", "--bits", "2048", "--private-key", "s.key")
    assert status == 1
    assert "permission" in said
    assert not (nobody / "s.key").exists()
