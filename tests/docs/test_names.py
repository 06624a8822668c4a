"""Names and addresses that texts give to people: none is dead, and none is somebody else's."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from provisioner import project

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
ADDRESSES: dict[str, str] = PROJECT.get("urls", {})
#: Stands for a copy of this repository in examples; documents say so.
PLACEHOLDER = "your-org/salesforce-verification-provisioner"
#: Where the package's own name has to stand; the locks say whose requirements they hold.
OWN_NAME = (
    "pyproject.toml",
    "provisioner/project.py",
    ".ci/requirements.txt",
    ".ci/runtime.txt",
    ".ci/docs.txt",
    ".ci/policies.txt",
    ".ci/tools.txt",
    ".ci/lowest.txt",
)
INSTALLS = re.compile(
    r"(?:\bpipx? (?:install|run)|\buvx|\buv (?:pip|tool|add|run)[ \w]*|\bpip download)\s+(?:-\S+\s+)*[\"']?"
    r"(?:salesforce[-_.]verification[-_.])?provisioner(?![\w/-]*\.whl)\b",
    re.IGNORECASE,
)


def texts() -> dict[str, str]:
    """Everything that people read, by path: the program, its documents, its workflows."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [
        name for name in listed.stdout.split("\0") if name and not name.startswith(("tests/", "provisioner.schema"))
    ]
    found = {}
    for path in paths:
        try:
            found[path] = (ROOT / path).read_text("utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue
    return found


def test_no_text_installs_our_name_from_an_index() -> None:
    """Whoever owns the name there would put code on machines that hold login keys."""
    assert {path: found for path, text in texts().items() if (found := INSTALLS.findall(text))} == {}


@pytest.mark.parametrize(
    "line",
    [
        'pip install "salesforce-verification-provisioner[localorg]"',
        "pip install --upgrade provisioner",
        "pipx run provisioner plan",
        "uvx provisioner",
        "uv tool install salesforce_verification_provisioner",
    ],
)
def test_such_a_line_would_be_found(line: str) -> None:
    assert INSTALLS.search(line)


def test_our_name_stands_in_few_places() -> None:
    """The package's own name, the file of a wheel, or the placeholder: nothing that looks like an address of ours."""
    for path, text in texts().items():
        for found in re.finditer(r"[\w./:@-]*salesforce[-_]verification[-_]provisioner[\w.*-]*", text):
            word = found[0]
            allowed = PLACEHOLDER in word or word.endswith(".whl") or any(url in word for url in ADDRESSES.values())
            assert allowed or path in OWN_NAME, f"{path}: {word}"


def test_an_address_of_ours_stands_in_one_place() -> None:
    for path, text in texts().items():
        if path != "pyproject.toml":
            assert [url for url in ADDRESSES.values() if url in text] == [], path


def test_a_placeholder_is_said_to_be_one() -> None:
    """A document that shows one tells what to put in its place; so do the workflows, in a comment."""
    for path, text in texts().items():
        if PLACEHOLDER in text:
            assert re.search(r"your copy|name your copy", text), path
    for rev in re.findall(r"^\s*rev: (\S+)", texts()["docs/ci.md"], re.M):
        assert rev.strip('"') == "0" * 40


def test_the_name_is_the_packages() -> None:
    assert PROJECT["name"] == project.DISTRIBUTION
