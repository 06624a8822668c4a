"""Bounded reads: regular files only, and never without end."""

from __future__ import annotations

import os
import socket
import time
import tracemalloc
from pathlib import Path
from typing import Literal

import platformdirs.macos
import pytest

from provisioner import files
from provisioner.files import (
    OutsideError,
    UnreadableError,
    expand_home,
    open_flags,
    read_all,
    read_regular,
    read_start,
    user_directory,
)


def problem(path: Path, limit: int = 100, within: Path | None = None) -> str:
    with pytest.raises(UnreadableError) as raised:
        read_regular(path, limit, within=within)
    assert raised.value.remedy.endswith(".")
    return raised.value.problem


def test_a_regular_file_is_read_to_its_limit(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 100)
    assert read_regular(tmp_path / "a", 100) == b"x" * 100
    assert read_start(tmp_path / "a", 7) == b"x" * 7
    assert "is larger than" in problem(tmp_path / "a", 99)


def test_a_small_file_takes_little_memory(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 100)
    read_regular(tmp_path / "a", 1 << 20)
    tracemalloc.start()
    try:
        read_regular(tmp_path / "a", 1 << 20)
        assert tracemalloc.get_traced_memory()[1] < 300_000, "a read asks for no more than the file and a buffer"
    finally:
        tracemalloc.stop()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux has files without a size")
def test_a_file_that_states_no_size_is_read_whole() -> None:
    status = Path("/proc/self/status")
    assert status.stat().st_size == 0
    assert read_regular(status, 1 << 20).startswith(b"Name:")
    assert b"VmSize:" in read_regular(status, 1 << 20)
    assert "is larger than" in problem(status, 10)


def test_a_link_is_followed_where_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "link").symlink_to("a")
    assert read_regular(tmp_path / "link", 100) == b"x"
    assert read_regular(tmp_path / "link", 100, within=tmp_path) == b"x"


def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        began = time.monotonic()
        assert "not a regular file" in problem(tmp_path / "pipe")
        assert "not a regular file" in problem(tmp_path / "socket")
        assert "a directory" in problem(tmp_path)
        assert "not a regular file" in problem(Path("/dev/zero"))
    assert time.monotonic() - began < 30


def test_a_file_outside_is_refused_links_resolved(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "outside").write_bytes(b"x")
    (inside / "link").symlink_to("../outside")
    (inside / "folder").symlink_to("..")
    for path in (inside / "link", inside / "folder/outside", inside / "../outside", Path("/etc/passwd")):
        with pytest.raises(OutsideError):
            read_regular(path, 100, within=inside)
    (tmp_path / "way").symlink_to("inside")
    (inside / "own").write_bytes(b"y")
    assert read_regular(tmp_path / "way/own", 100, within=tmp_path / "way") == b"y"


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    assert problem(tmp_path / "missing") == "cannot be read: no such file or directory"
    assert problem(tmp_path / "a\0b") == "is not a path"
    assert "too long" in problem(tmp_path / ("x" * 300))
    (tmp_path / "loop").symlink_to("loop")
    assert problem(tmp_path / "loop")


def test_a_drive_without_an_answer_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"x")
    monkeypatch.setattr(files, "READ_SECONDS", 0.1)
    monkeypatch.setattr(files.os, "open", lambda *_: time.sleep(30))
    began = time.monotonic()
    assert "gave no content within" in problem(tmp_path / "a")
    assert time.monotonic() - began < 25


@pytest.mark.parametrize("path", ["/proc/self/environ", "/proc/self/../self/environ", "/dev/zero", "/sys/kernel"])
def test_nothing_of_the_kernel_is_named(path: str, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(path)
    for each in (Path(path), tmp_path / "link"):
        with pytest.raises(UnreadableError) as raised:
            files.require_no_kernel_file(each)
        assert "which provisioner never reads" in raised.value.problem
    files.require_no_kernel_file(tmp_path / "ordinary")


def test_a_home_that_does_not_exist_is_said() -> None:
    with pytest.raises(UnreadableError) as raised:
        expand_home("~no-such-user-here/x")
    assert "~no-such-user-here" in raised.value.problem
    assert expand_home("~/x") == Path.home() / "x"


class TestUserDirectory:
    """XDG counts everywhere; else the custom of the system does."""

    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME"):
            monkeypatch.delenv(name, raising=False)

    @pytest.mark.parametrize(("kind", "below"), [("state", ".local/state"), ("config", ".config")])
    @pytest.mark.parametrize("relative", [False, True])
    def test_below_the_home(
        self, kind: Literal["state", "config"], below: str, relative: bool, tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        if relative:  # the specification: such a value is invalid and is ignored
            monkeypatch.setenv(f"XDG_{kind.upper()}_HOME", "relative")
        assert user_directory(kind) == tmp_path / below / "provisioner"

    def test_xdg(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
        assert user_directory("state") == tmp_path / "xdg/provisioner"

    def test_nobody_is_at_home(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(files, "home_folder", lambda: None)
        assert user_directory("state") is None

    def test_on_another_system(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(platformdirs, "PlatformDirs", platformdirs.macos.MacOS)
        found = user_directory("state")
        assert found is not None
        assert found.as_posix().endswith("/Library/Application Support/provisioner")


def test_flags_that_a_system_lacks_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "O_BINARY", 1 << 30, raising=False)
    monkeypatch.delattr(os, "O_NOFOLLOW")
    assert open_flags("O_RDWR", "O_NOFOLLOW") == os.O_RDWR | 1 << 30


class TestReadAll:
    """Many files in one pass: the same answers as one by one, and a file without an answer delays only itself."""

    def test_each_file_has_its_answer(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"x" * 100)
        (tmp_path / "large").write_bytes(b"x" * 101)
        os.mkfifo(tmp_path / "pipe")
        names = ["a", "missing", "large", "pipe", "a"]
        first, *wrong, last = read_all([tmp_path / name for name in names], 100, within=tmp_path)
        assert first == last == b"x" * 100
        assert [problem(tmp_path / name) for name in names[1:4]] == [
            each.problem for each in wrong if isinstance(each, UnreadableError)
        ]
        assert read_all([], 100) == []
        (outside,) = read_all([Path("/etc/passwd")], 1 << 20, within=tmp_path)
        assert isinstance(outside, OutsideError)

    def test_a_file_without_an_answer_delays_only_itself(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        really = os.open

        def slow(path: str, flags: int) -> int:
            if path.endswith("dead"):
                time.sleep(30)
            return really(path, flags)

        for name in ("a", "dead", "b"):
            (tmp_path / name).write_bytes(name.encode())
        monkeypatch.setattr(files, "READ_SECONDS", 1)
        monkeypatch.setattr(files.os, "open", slow)
        began = time.monotonic()
        first, dead, last = read_all([tmp_path / name for name in ("a", "dead", "b")], 100)
        assert (first, last) == (b"a", b"b")
        assert isinstance(dead, UnreadableError)
        assert "gave no content within" in dead.problem
        assert time.monotonic() - began < 25

    def test_slow_files_together_may_take_longer(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        really = os.open

        def slow(path: str, flags: int) -> int:
            time.sleep(0.2)
            return really(path, flags)

        (tmp_path / "a").write_bytes(b"x")
        monkeypatch.setattr(files, "READ_SECONDS", 1.2)
        monkeypatch.setattr(files.os, "open", slow)
        assert read_all([tmp_path / "a"] * 8, 100) == [b"x"] * 8
