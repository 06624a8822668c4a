"""A forked program is a process of its own: its status, streams, variables and folder are those that it was given."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import forked


def ends_by_a_signal() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def shows_its_surroundings() -> None:
    for each in (Path.cwd(), dict(os.environ), sys.argv[1:], sys.stdin.read()):
        sys.stdout.write(f"{each}\n")
    sys.stderr.write("to stderr")
    os.environ["LEFT"] = "behind"
    sys.exit(3)


def run(function: str, *words: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return forked.run(f"{__name__}:{function}", words, cwd=cwd, env=env, timeout=60)


def test_it_has_what_it_is_given(tmp_path: Path) -> None:
    for _ in range(2):
        done = run("shows_its_surroundings", "a b", cwd=tmp_path, ONLY="this")
        assert (done.returncode, done.stderr) == (3, "to stderr")
        assert done.stdout == f"{tmp_path}\n{{'ONLY': 'this'}}\n['a b']\n\n"


def test_a_signal_is_its_status(tmp_path: Path) -> None:
    assert run("ends_by_a_signal", cwd=tmp_path).returncode == -signal.SIGTERM


@pytest.mark.parametrize(("words", "status"), [(["--version"], 0), (["no-such-verb"], 64)])
def test_the_script_is_the_program(words: list[str], status: int, tmp_path: Path) -> None:
    forked.program(tmp_path / "provisioner")
    real, fork = (
        subprocess.run([*program, *words], cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        for program in ([sys.executable, "-m", "provisioner"], [str(tmp_path / "provisioner")])
    )
    assert (fork.returncode, fork.stdout, fork.stderr) == (real.returncode, real.stdout, real.stderr)
    assert fork.returncode == status


def test_a_pipe_goes_through_the_script(tmp_path: Path) -> None:
    forked.program(tmp_path / "provisioner")
    done = subprocess.run(
        ["sh", "-c", "echo not-a-token | ./provisioner token explain - 2>&1 | head -c 5"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout == "Refus"


def test_the_server_exits_with_its_process(tmp_path: Path) -> None:
    code = "from tests import forked; forked.program(__import__('pathlib').Path('p')); print(forked._server())"
    environment = {**os.environ, "PYTHONPATH": str(forked.ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert not Path(done.stdout.strip()).exists()
