"""Console sessions in pages: ``<!-- run -->`` before a block runs its commands, and compares what they print.

``<!-- append: FILE -->`` before another block adds its lines to a file, as the page tells its readers to do.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import SequenceMatcher
from pathlib import Path

from tests.docs.screens import steady

_BLOCK = re.compile(r"(<!-- run -->\n```console\n)(.*?)(^```$)", re.DOTALL | re.MULTILINE)
#: A line that stands for any lines.
LEFT_OUT = "…"


@dataclass(frozen=True)
class Step:
    """A command line, as typed, and the lines that it prints."""

    command: str
    printed: str


def blocks(page: str) -> list[list[Step]]:
    """Return the steps of each session of a page."""
    return [list(_steps(match[2])) for match in _BLOCK.finditer(page)]


def appended(page: str) -> list[tuple[int, str, str]]:
    """Return what a page tells to add to files: the number of sessions before it, the file, and the lines."""
    found = re.finditer(r"<!-- append: (\S+) -->\n```\w+\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    return [(len(_BLOCK.findall(page[: match.start()])), match[1], match[2]) for match in found]


def perform(page: str, folder: Path, environment: dict[str, str]) -> list[list[str]]:
    """Do what a page tells, in order, in a folder. Return what each step of each session printed."""
    printed: list[list[str]] = []
    additions = appended(page)
    for number, steps in enumerate(blocks(page)):
        for _, file, lines in (each for each in additions if each[0] == number):
            with (folder / file).open("a", encoding="utf-8") as opened:
                opened.write(lines)
        printed.append([run(step.command, folder, environment) for step in steps])
    return printed


def _steps(block: str) -> Iterator[Step]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        length = next(number for number, line in enumerate(lines, 1) if not line.endswith("\\"))
        yield Step("\n".join(lines[:length]), "\n".join(lines[length:]))


def run(command: str, folder: Path, environment: dict[str, str]) -> str:
    """Run a command line and return what it prints on both streams, without what differs from run to run."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=100,
    )
    assert "Traceback" not in done.stdout
    return _steadier(done.stdout, folder)


def _steadier(text: str, folder: Path) -> str:
    text = text.replace(str(folder), "/home/you/tour")
    text = re.sub(r"(?<![\w-])[\w-]{43}(?![\w-])", "dAz9mdxRRCNDJi_AYQez2wK7rJ1PskbhmLXoWwvhQx4", text)
    text = re.sub(r"\b[0-9a-f]{64}\b", "9b659cae" * 8, text)
    text = re.sub(r"\b[0-9a-f]{8}…[0-9a-f]{8}\b", "9b659cae…979d8a20", text)
    text = re.sub(r"uv-probe-\d{10}-[0-9a-f]{8}", "uv-probe-1795726403-b1ba55b2", text)
    text = re.sub(r"\b1[78]\d{8}\b", "1796126400", text)
    text = re.sub(r"\b\d{8}T\d{6}Z\b", "20261201T120000Z", text)
    text = re.sub(r"\b\d\d:\d\d(:\d\d)? UTC\b", lambda match: f"12:00{':00' if match[1] else ''} UTC", text)
    text = re.sub(r"\b\d+\.\d\d s\b", "0.01 s", text)
    text = re.sub(r"\bfor another 4 minutes \d+ seconds\b", "for another 4 minutes 58 seconds", text)
    soon = (datetime.now(UTC) + timedelta(days=300)).date().isoformat()
    text = re.sub(r"\b20\d\d-\d\d-\d\d\b", lambda match: "2027-12-01" if match[0] > soon else "2026-12-01", text)
    return steady(text).strip("\n")


def fits(shown: str, printed: str) -> bool:
    """Whether a screen of a page is what was printed; a line with an ellipsis stands for any lines."""
    parts = [re.escape(part) for part in re.split(rf"^{LEFT_OUT}$", shown.strip("\n"), flags=re.MULTILINE)]
    return re.fullmatch(".*?".join(parts), printed, re.DOTALL) is not None


def merged(shown: str, printed: str) -> str:
    """Return what was printed, with the lines left out that the screen leaves out."""
    if fits(shown, printed):
        return shown
    before, after = shown.splitlines(), printed.splitlines()
    lines: list[str] = []
    for _, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        changed, now = before[i:j], after[k:m]
        if LEFT_OUT not in changed:
            lines += now
            continue
        head, tail = changed.index(LEFT_OUT), len(changed) - 1 - changed.index(LEFT_OUT)
        lines += [*now[:head], LEFT_OUT, *(now[max(head, len(now) - tail) :] if tail else [])]
    return "\n".join(lines)


def rewritten(page: str, printed: list[list[str]]) -> str:
    """Return a page with what was printed, where it does not fit any more."""
    sessions = iter(printed)

    def block(match: re.Match[str]) -> str:
        steps = zip(_steps(match[2]), next(sessions), strict=True)
        screens = ((step.command, merged(step.printed, text)) for step, text in steps)
        return match[1] + "".join(f"$ {command}\n{text}".rstrip() + "\n" for command, text in screens) + match[3]

    return _BLOCK.sub(block, page)
