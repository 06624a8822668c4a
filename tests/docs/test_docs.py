"""The documentation against the program: screens, commands, links, faults."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from provisioner.cli.main import GROUPS, VERBS, find_verb, verb_parser
from provisioner.localorg import FAULTS
from tests.docs.screens import ROOT

README = ROOT / "README.md"

DOCUMENTS = [README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pty on Windows")
def test_the_readme_shows_what_is_printed(tmp_path: Path) -> None:
    """The picture is the screen of `make apply`, on a copy of the config."""
    from tests.docs.picture import PICTURE, screen, svg

    shutil.copytree(ROOT / "config", tmp_path / "config")
    printed = svg(screen(tmp_path))
    if os.environ.get("UPDATE_GOLDEN"):
        PICTURE.write_text(printed, encoding="utf-8")
    assert PICTURE.read_text("utf-8") == printed
    assert PICTURE.relative_to(ROOT).as_posix() in README.read_text("utf-8")


def commands() -> list[tuple[str, str]]:
    """Every `provisioner …` command line in the documents and in the help texts."""
    found = []
    texts = {path.name: path.read_text() for path in DOCUMENTS}
    texts |= {f"help of {verb}": verb_parser(verb).format_help() for verb in VERBS}
    for name, text in texts.items():
        whole = re.sub(r" \\\n\s*", " ", text)  # a command may continue on the next line
        lines = re.findall(r"(?:`|\$ |^  |bin/)(provisioner [a-z][^`\n]*)", whole, re.MULTILINE)
        found += [(name, line.strip()) for line in lines]
    return found


def test_every_command_that_a_message_names_exists() -> None:
    """What the program tells people to type: in backquotes, or behind a colon as the next thing to do."""
    named = re.compile(r"(?:`|: |with )provisioner ((?:[a-z]+)(?: [a-z]+)?)")
    for path in sorted((ROOT / "provisioner").rglob("*.py")):
        for match in named.finditer(path.read_text()):
            if match[1].startswith("help"):
                continue
            verb, _ = find_verb(match[1].split())
            assert verb in VERBS or verb in GROUPS, f"{path.name} names `provisioner {match[1]}`"


@pytest.mark.parametrize(("source", "line"), commands(), ids=lambda text: text[:60])
def test_every_command_that_is_shown_is_understood(source: str, line: str) -> None:
    verb, rest = find_verb(shlex.split(re.split(r" [<>|] |  +[#(]", line)[0])[1:])
    if verb is None or "COMMAND" in line:
        return
    assert verb in VERBS, f"{source} shows `{line}`"
    words = [word for word in rest if word != "…"]
    if not any(
        word.isupper() and not word.startswith("-") for word in words
    ):  # placeholders such as ID stand for values
        verb_parser(verb).parse_args(words)


def test_every_link_leads_somewhere() -> None:
    for document in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text()):
            if not target.startswith("https://"):
                assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_every_fault_that_is_named_exists() -> None:
    names = {fault.name for fault in FAULTS}
    table = [line for line in (ROOT / "docs/unproven.md").read_text().splitlines() if re.match(r"\| \d+ ", line)]
    assert len(table) > 20
    for line in table:
        for fault in re.findall(r"`([a-z0-9-]+)`", line.split("|")[4]):
            assert fault in names, line


def test_every_room_stands_in_the_architecture() -> None:
    text = (ROOT / "docs/architecture.md").read_text()
    rooms = [path.name for path in (ROOT / "provisioner").iterdir() if (path / "__init__.py").exists()]
    assert len(rooms) > 10
    for room in rooms:
        assert f"`{room}/`" in text, room


def test_the_readme_lists_the_exit_statuses() -> None:
    from provisioner.errors import ExitStatus

    rows = re.findall(r"^\| (\d+) \|", README.read_text(), re.MULTILINE)
    assert [int(row) for row in rows] == [int(status) for status in ExitStatus]


def test_the_threat_model_names_tests_that_exist() -> None:
    text = (ROOT / "docs/threat-model.md").read_text()
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", text)
    assert len(named) > 25
    for file, test in named:
        assert re.search(rf"def {test}\b", (ROOT / "tests" / file).read_text()), f"{file}::{test}"
