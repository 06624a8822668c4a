"""A release: what may be released, what it is made of, who has which right, and the image."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
RELEASE = ROOT / ".github/workflows/release.yml"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
FILLED_IN = """[project.urls]
Repository = "https://code.example.com/acme/provisioner"
Issues = "https://code.example.com/acme/provisioner/issues"
Changelog = "https://code.example.com/acme/provisioner/changes"
Security = "https://code.example.com/acme/provisioner/security"

[project.scripts]
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a release reads, all filled in: version 9.8.7."""
    for name in (".ci/releasable", ".ci/sbom", "pyproject.toml", "CHANGELOG.md", "provisioner/__init__.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    edit(tmp_path / "provisioner/__init__.py", r'__version__ = ".+"', '__version__ = "9.8.7"')
    edit(tmp_path / "CHANGELOG.md", r"## \[Unreleased\]\n", "## [Unreleased]\n\n## [9.8.7] - 2027-01-02\n")
    edit(tmp_path / "pyproject.toml", r"\[project\.scripts\]\n", FILLED_IN)
    edit(tmp_path / "pyproject.toml", r"license-files = .*\n", r'\g<0>authors = [{ name = "Ada" }]' + "\n")
    return tmp_path


def edit(path: Path, pattern: str, text: str) -> None:
    changed, count = re.subn(pattern, text, path.read_text("utf-8"), count=1)
    assert count == 1, pattern
    path.write_text(changed, "utf-8")


def run(*words: str | Path, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*map(str, words)], cwd=folder, capture_output=True, text=True, timeout=110)


def releasable(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, checkout / ".ci/releasable", *words)


# What may be released


def test_a_tag_with_everything_filled_in_may_be_released(checkout: Path) -> None:
    done = releasable(checkout, "v9.8.7", "--notes")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("### Added")
    assert "[0.1.0]" not in done.stdout
    assert "keepachangelog.com" not in done.stdout


@pytest.mark.parametrize(
    ("file", "pattern", "text", "named"),
    [
        ("provisioner/__init__.py", r"9\.8\.7", "9.8.8", "the tag must be v9.8.8"),
        ("CHANGELOG.md", r"\[9\.8\.7\] - 2027-01-02", "[9.8.7] - unreleased", "CHANGELOG.md: close the section"),
        ("CHANGELOG.md", r"\[9\.8\.7\]", "[9.8.70]", "CHANGELOG.md: close the section"),
        ("pyproject.toml", "authors = .*\n", "", "fill in authors"),
        ("pyproject.toml", "\nIssues = .*\n", "\n", "fill in Issues"),
        ("pyproject.toml", "\nSecurity = .*\n", '\nSecurity = "https://…"\n', "fill in Security"),
        ("pyproject.toml", "\nRepository = .*\n", '\nRepository = "http://a.b/c"\n', "fill in Repository"),
    ],
)
def test_what_is_missing_for_a_release_is_named(checkout: Path, file: str, pattern: str, text: str, named: str) -> None:
    edit(checkout / file, pattern, text)
    done = releasable(checkout, "v9.8.7", "--notes")
    assert (done.returncode, done.stdout) == (1, "")
    assert named in done.stderr


def test_everything_that_is_missing_is_named_at_once(checkout: Path) -> None:
    for name in ("pyproject.toml", "CHANGELOG.md"):
        shutil.copy(ROOT / name, checkout / name)
    if "urls" not in PROJECT:
        assert len(releasable(checkout, "v1").stderr.splitlines()) == 7


# What it is made of


def test_the_bill_of_materials_has_every_package_of_the_lock(checkout: Path) -> None:
    """Its form was held against the official schema (CycloneDX 1.6, strict) with cyclonedx-python-lib."""
    lock = ROOT / ".ci/requirements.txt"
    bill = json.loads(run(sys.executable, checkout / ".ci/sbom", lock).stdout)
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", lock.read_text("utf-8"), re.M)
    assert [(each["name"], each["version"]) for each in bill["components"]] == pinned
    assert len({each["bom-ref"] for each in bill["components"]}) == len(pinned)
    hashes = sum(len(each["hashes"]) for each in bill["components"])
    assert hashes == lock.read_text("utf-8").count("--hash=sha256:")
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["component"]["version"] == "9.8.7"
    assert bill["metadata"]["component"]["purl"] == "pkg:pypi/salesforce-verification-provisioner@9.8.7"


def test_the_same_lock_gives_the_same_bill(checkout: Path) -> None:
    lock = checkout / "lock.txt"
    texts = set()
    for version in ("1.0", "1.0", "1.1"):
        lock.write_text(f"Some_Package=={version} \\\n    --hash=sha256:{'a' * 64}\n")
        texts.add(run(sys.executable, checkout / ".ci/sbom", lock).stdout)
    assert len(texts) == 2
    assert all("pkg:pypi/some-package@1." in text for text in texts)


def test_a_lock_that_pins_nothing_gives_no_bill(checkout: Path) -> None:
    (checkout / "lock.txt").write_text("# nothing\n")
    done = run(sys.executable, checkout / ".ci/sbom", checkout / "lock.txt")
    assert (done.returncode, done.stdout) == (1, "")


# Who has which right


def jobs() -> dict[str, Any]:
    return dict(yaml.safe_load(RELEASE.read_text("utf-8"))["jobs"])


def test_only_the_job_that_publishes_has_the_right() -> None:
    assert {name: job["permissions"] for name, job in jobs().items()} == {
        "test": {"contents": "read"},
        "build": {"contents": "read"},
        "attest": {"attestations": "write", "id-token": "write"},
        "publish": {"id-token": "write"},
        "release": {"contents": "write"},
    }
    assert jobs()["publish"]["environment"] == "pypi"
    assert [name for name, job in jobs().items() if "environment" in job] == ["publish"]
    assert "secrets." not in RELEASE.read_text("utf-8")


def test_no_job_with_a_right_runs_code_of_the_checkout() -> None:
    for name in ("attest", "publish", "release"):
        steps = jobs()[name]["steps"]
        assert not [step for step in steps if step.get("uses", "").startswith("actions/checkout@")], name
    assert not [step for name in ("attest", "publish") for step in jobs()[name]["steps"] if "run" in step]


def test_what_was_not_tested_is_not_published() -> None:
    def before(name: str) -> set[str]:
        needs = jobs()[name].get("needs", [])
        direct = {needs} if isinstance(needs, str) else set(needs)
        return direct.union(*(before(each) for each in direct))

    assert before("publish") == {"test", "build", "attest"}
    assert before("release") == {"test", "build", "attest", "publish"}


def test_docs_pin_actions_as_our_own_workflows_do() -> None:
    """Dependabot renews those of .github; the examples to copy follow."""
    pins: dict[str, set[str]] = {}
    for path in (*(ROOT / ".github/workflows").glob("*.yml"), *(ROOT / "docs/ci").glob("*.yml")):
        for action, pin in re.findall(r"uses: (actions/[\w-]+)@(.+)", path.read_text("utf-8")):
            pins.setdefault(action, set()).add(pin)
    assert {action: sorted(found) for action, found in pins.items() if len(found) > 1} == {}


# The image


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"^#.*\n", "", (ROOT / "Containerfile").read_text("utf-8"), flags=re.M)
    lines = text.replace("\\\n", " ").splitlines()
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines) if word]


def test_the_image_runs_as_a_user_without_rights() -> None:
    found = instructions()
    words = [word for word, _ in found]
    assert set(words) <= {"ARG", "FROM", "COPY", "RUN", "ENV", "USER", "WORKDIR", "ENTRYPOINT", "CMD"}, (
        "nothing is fetched"
    )
    last = dict(found[max(place for place, word in enumerate(words) if word == "FROM") :])
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", last["USER"])
    (program,) = json.loads(last["ENTRYPOINT"])
    assert program in PROJECT["scripts"]


def test_the_image_copies_what_is_there() -> None:
    """Each source is a file of the checkout, or the wheel that its first lines build; the builder is given no more."""
    sources = [rest.split()[0] for word, rest in instructions() if word == "COPY" and not rest.startswith("--from")]
    given = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").split("\n") if line.startswith("!")}
    assert set(sources) == given == {".ci/runtime.txt", "dist/*.whl"}
    lock = yaml.safe_load(RELEASE.read_text("utf-8"))["env"]["RUNTIME_LOCK"]
    assert lock in sources, "the image runs with what the release was tried with"


@pytest.mark.skipif(not (ROOT / ".ci/runtime.txt").exists(), reason="the lock of what runs is not in this checkout")
def test_the_images_steps_run_in_a_plain_folder(tmp_path: Path) -> None:
    """Those that build, with the folders of the image below a temporary one; no engine is needed."""
    wheel = run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", tmp_path / "build")
    assert wheel.returncode == 0, wheel.stderr
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python").symlink_to(sys.executable)
    shutil.copy(ROOT / ".ci/runtime.txt", tmp_path / "build/runtime.txt")
    steps = [rest for word, rest in instructions() if word == "RUN" and not rest.startswith("useradd")]
    assert len(steps) == 3
    for step in steps:
        moved = re.sub(r"(?<![\w.])/(opt|build)/", rf"{shlex.quote(str(tmp_path))}/\1/", step)
        moved = re.sub(r"^python ", f"{shlex.quote(sys.executable)} ", moved)
        done = run("sh", "-c", moved, folder=tmp_path)
        assert done.returncode == 0, done.stderr
    program = tmp_path / "opt/provisioner/bin/provisioner"
    assert run(program, "--version", folder=tmp_path).stdout.startswith("provisioner ")
    code = "from provisioner.localorg.serving import missing_packages; print(missing_packages())"
    assert run(program.with_name("python"), "-c", code, folder=tmp_path).stdout == "[]\n"
