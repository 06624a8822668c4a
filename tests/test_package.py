"""The wheel holds all that the product needs: it runs outside the checkout, from a virtual environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

import provisioner

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def bin_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh virtual environment into which the built wheel went, and nothing but the wheel.

    Its requirements are seen through a .pth file, so that nothing is fetched.
    """
    folder = tmp_path_factory.mktemp("package")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "--quiet"]
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, stdin=subprocess.DEVNULL)
    (wheel,) = folder.glob("*.whl")

    environment = folder / "venv"
    venv.create(environment, with_pip=False, symlinks=True)
    scheme = {"base": str(environment), "platbase": str(environment)}
    site = Path(sysconfig.get_path("purelib", "venv", vars=scheme))
    python = Path(sysconfig.get_path("scripts", "venv", vars=scheme)) / "python"
    install = [*pip, "--python", str(python), "install", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True, stdin=subprocess.DEVNULL)
    (site / "requirements_of_the_checkout.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python.parent


def run(bin_folder: Path, cwd: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [bin_folder / "provisioner", *words],
        cwd=cwd,
        env={"PATH": os.defpath, "HOME": str(cwd)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def test_it_says_its_version(bin_folder: Path, tmp_path: Path) -> None:
    done = run(bin_folder, tmp_path, "--version")

    assert (done.returncode, done.stderr) == (0, "")
    assert provisioner.__version__ in done.stdout


def test_it_runs_from_the_wheel_not_from_the_checkout(bin_folder: Path, tmp_path: Path) -> None:
    where = [bin_folder / "python", "-c", "import provisioner; print(provisioner.__file__)"]
    done = subprocess.run(where, cwd=tmp_path, capture_output=True, text=True, check=True)

    assert Path(done.stdout.strip()).is_relative_to(bin_folder.parent)


def test_a_first_configuration_comes_with_it(bin_folder: Path, tmp_path: Path) -> None:
    started = run(bin_folder, tmp_path, "init")
    checked = run(bin_folder, tmp_path, "validate")

    assert (started.returncode, checked.returncode) == (0, 0), started.stderr + checked.stdout + checked.stderr
