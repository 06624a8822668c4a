"""What is built holds all that the product needs, and nothing else; the wheel runs outside the checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from email.message import Message
from email.parser import HeaderParser
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
    install = [*pip, "--python", str(python), "install", "--no-deps", "--no-index", "--no-compile", str(wheel)]
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


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source archive, as a release builds them."""
    folder = tmp_path_factory.mktemp("built")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)],
        cwd=ROOT,
        check=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    return folder


def names_in_wheel(built: Path) -> set[str]:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def wheel_metadata(built: Path) -> Message:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return HeaderParser().parsestr(archive.read(name).decode())


def tracked(folder: str) -> set[str]:
    listed = subprocess.run(["git", "ls-files", "-z", folder], cwd=ROOT, capture_output=True, text=True, check=True)
    return {name for name in listed.stdout.split("\0") if name}


def test_the_source_archive_has_no_strays(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    beside = {name for name in names if not name.startswith(("provisioner/", "man/"))}
    assert beside == {
        ".gitignore", "CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "SECURITY.md", "pyproject.toml",
    }  # fmt: skip
    assert tracked("provisioner") | tracked("man") <= names


def test_the_wheel_has_the_package_and_the_license(built: Path) -> None:
    names = names_in_wheel(built)
    inside = {name for name in names if name.startswith("provisioner/")}
    assert tracked("provisioner") <= inside
    assert not [name for name in inside if "__pycache__" in name]
    man = {name for name in names if ".data/data/share/man/man1/" in name}
    assert {name.rpartition("/")[2] for name in man} == {Path(name).name for name in tracked("man")}
    beside = {re.sub(r"^[^/]+\.dist-info/", "", name) for name in names - inside - man}
    assert beside == {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}


def test_the_metadata_says_what_a_buyer_asks(built: Path) -> None:
    metadata = wheel_metadata(built)
    assert metadata["Version"] == provisioner.__version__
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["License-File"] == "LICENSE"
    assert metadata["Requires-Python"] == ">=3.11"
    pythons = [each for each in metadata.get_all("Classifier") or [] if ":: Python :: 3." in each]
    assert [each.rpartition(" ")[2] for each in pythons] == ["3.11", "3.12", "3.13", "3.14"]


def test_classifiers_are_ones_that_an_index_takes() -> None:
    from trove_classifiers import classifiers

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert set(project["classifiers"]) <= classifiers


def test_the_license_is_the_official_text() -> None:
    """The text that apache.org serves has this digest."""
    import hashlib

    official = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == official


def test_there_is_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert "version" not in project
    assert project["dynamic"] == ["version"]
