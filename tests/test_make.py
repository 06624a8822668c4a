"""The Makefile: what it runs, and what it says where it cannot."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def make(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run make with nothing of the person's own settings."""
    return subprocess.run(
        ["make", "--no-print-directory", *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def command(*words: str, **environment: str) -> str:
    """The product's command line that make would run."""
    lines = make("--dry-run", *words, **environment).stdout.splitlines()
    (found,) = [line for line in lines if line.startswith(".venv/bin/provisioner")]
    return " ".join(found.split())


def test_without_a_target_it_shows_what_it_can_do() -> None:
    done = make()

    assert done.returncode == 0
    assert {"plan", "apply", "validate", "drift", "diagnose", "verify", "promote", "test", "lint", "bench"} <= {
        line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ")
    }


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["plan"], "plan --env 'local'"),
        (["plan", "ENV=sandbox"], "plan --env 'sandbox'"),
        (["validate"], "validate --env 'local'"),
        (["drift", "ENV=sandbox"], "drift --env 'sandbox'"),
        (["drift", "ENV=*"], "drift --env '*'"),
        (["plan", "ENV=sandbox,prod*"], "plan --env 'sandbox,prod*'"),
        (["diagnose", "ENV=sandbox"], "diagnose login --env 'sandbox'"),
        (["verify", "ENV=sandbox"], "verify --env 'sandbox'"),
        (["verify", "CHANNEL=Web", "DEPLOYMENT=Shop"], "verify --env 'local' --channel 'Web' --deployment 'Shop'"),
        (["plan", "ARGS=--format json"], "plan --env 'local' --format json"),
    ],
)
def test_a_target_is_a_command_in_an_environment(words: list[str], expected: str) -> None:
    assert command(*words) == f".venv/bin/provisioner {expected}"


@pytest.mark.parametrize(
    ("words", "confirmed"),
    [
        (["apply"], True),
        (["apply", "ENV=local"], True),
        (["apply", "ENV=sandbox"], False),
        (["apply", "ENV=localhost"], False),
        (["apply", "ENV=sandbox", "YES=1"], True),
        (["apply", "ENV=sandbox", "YES="], False),
        (["apply", "ENV=sandbox", "YES=0"], False),
        (["promote", "FROM=local", "TO=sandbox"], False),
        (["promote", "FROM=sandbox", "TO=production", "YES=1"], True),
    ],
)
def test_only_the_local_org_is_changed_without_a_question(words: list[str], confirmed: bool) -> None:
    assert ("--yes" in command(*words).split()) is confirmed


def test_the_environment_may_come_from_the_shell() -> None:
    assert command("apply", ENV="sandbox") == ".venv/bin/provisioner apply --env 'sandbox'"


@pytest.mark.parametrize("words", [["FROM=sandbox"], ["TO=production"], []])
def test_promote_needs_both_ends(words: list[str]) -> None:
    done = make("promote", *words)

    assert done.returncode != 0
    assert "make promote FROM=sandbox TO=production" in done.stderr


def setting_up(folder: Path, python: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Make a virtual environment with a program that passes for Python."""
    return subprocess.run(
        [ROOT / ".ci" / "venv", folder / "venv", "lock.txt", *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHON": python},
        capture_output=True,
        text=True,
    )


def pretender(folder: Path, script: str, name: str = "python") -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def working(folder: Path, version: str, pip: str = "true") -> str:
    """A program that passes for a Python: it makes environments of itself, and its pip notes its words."""
    script = (
        'echo "$@" >> pip.log\n'
        f'case "$*" in *python_version*) echo {version};; *--version*) ;;\n'
        '*"-m venv"*) for last; do :; done; mkdir -p "$last/bin"; cp "$0" "$last/bin/python";;\n'
        f'*"pip install"*) {pip};; esac'
    )
    return pretender(folder, script, f"python{version}")


def installs(folder: Path) -> list[str]:
    log = (folder / "pip.log").read_text(encoding="utf-8").splitlines()
    return [line for line in log if "pip install" in line]


def test_an_old_python_is_named_with_the_way_out(tmp_path: Path) -> None:
    old = pretender(tmp_path, 'test "$1" = --version && echo Python 3.9.2 && exit 0; exit 1')

    done = setting_up(tmp_path, old)

    assert done.returncode == 1
    assert "Python 3.9.2; Python 3.11 or newer is needed" in done.stderr
    assert "make PYTHON=" in done.stderr


def test_a_python_without_venv_names_the_package(tmp_path: Path) -> None:
    bare = pretender(tmp_path, 'case "$*" in *ensurepip*) exit 1;; esac; exit 0')

    done = setting_up(tmp_path, bare)

    assert done.returncode == 1
    assert "apt-get install python3-venv" in done.stderr


def test_a_python_that_is_missing_is_named(tmp_path: Path) -> None:
    done = setting_up(tmp_path, str(tmp_path / "no-python"))

    assert done.returncode == 1
    assert f"{tmp_path}/no-python is missing" in done.stderr


def test_only_the_files_of_the_lock_are_installed(tmp_path: Path) -> None:
    done = setting_up(tmp_path, working(tmp_path, "3.13.0"), "--editable", ".")

    assert done.returncode == 0, done.stderr
    of_the_lock, of_the_package = installs(tmp_path)
    assert {"-I", "--no-deps", "--require-hashes"} <= set(of_the_lock.split())
    assert {"-I", "--no-deps", "--no-build-isolation"} <= set(of_the_package.split())


def test_another_python_makes_the_environment_again(tmp_path: Path) -> None:
    first, other = working(tmp_path, "3.11.7"), working(tmp_path, "3.13.0")

    setting_up(tmp_path, first)
    same, unnamed, changed = (setting_up(tmp_path, python) for python in (first, "", other))

    assert [done.returncode for done in (same, unnamed, changed)] == [0, 0, 0]
    assert (same.stderr, unnamed.stderr) == ("", "")
    assert changed.stderr.startswith("Setting up ")
    assert (tmp_path / "venv/bin/python").read_bytes() == Path(other).read_bytes()


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("Retrying (Retry(total=4)) after connection broken by ProxyError", "HTTPS_PROXY"),
        ("Could not fetch URL: There was a problem confirming the ssl certificate: SSLError", "PIP_CERT"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "lock.txt pins"),
        ("No matching distribution found for lxml==6.1.3", "has no wheel of the pinned version for Python 3.13.0"),
        ("[Errno 28] No space left on device", "disk is full"),
        ("Something else", "venv is damaged, remove it"),
    ],
)
def test_a_failure_of_pip_has_its_own_next_step(reason: str, advice: str, tmp_path: Path) -> None:
    done = setting_up(tmp_path, working(tmp_path, "3.13.0", f'echo "ERROR: {reason}" >&2; exit 1'))

    assert done.returncode == 1
    assert f"ERROR: {reason}\n" in done.stderr
    assert advice in done.stderr.splitlines()[-1]
    assert ("HTTPS_PROXY" in done.stderr) is (advice in ("HTTPS_PROXY", "PIP_CERT"))
