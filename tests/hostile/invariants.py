"""What holds for every command, whatever an org or a file gives it: the rows of a table in docs/threat-model.md."""

from __future__ import annotations

import base64
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from tests.hostile.values import MARK

#: The documented ends of a command, besides 130 for an interrupt.
STATUSES = frozenset({0, 1, 2, 3, 4, 5, 6, 64})
#: Formats in which stdout is one JSON document, whatever happens.
DOCUMENTS = frozenset({"json", "sarif"})
_COMMANDS = re.compile(r"^\s*::|##\[|##vso\[|##teamcity\[", re.MULTILINE)
_ANNOTATION = re.compile(r"::(?:error|warning|notice)[ :]")
#: The beginning of the annotation in the hostile values.
_FORGED = "::error file=x"
#: Fenced blocks and code spans: nothing in them is markup.
_CODE = re.compile(r"^\s*(`{3,}|~{3,}).*?^\s*\1\s*$|(`+)(?!`).+?(?<!`)\2(?!`)", re.DOTALL | re.MULTILINE)
_TAGS = re.compile(r"<(?:img|script|svg|iframe)\b", re.IGNORECASE)
_LINKS = re.compile(r"(?<!\\)\]\((?:javascript|data):", re.IGNORECASE)
#: `a\u202eb` in JSON is the escape of a character, not the character.
_KEPT = frozenset("\n\t")
SECONDS = 30.0
#: Shorter texts are in every output.
SHORTEST = 8


@dataclass(frozen=True, slots=True)
class Run:
    """The result of a command. ``sessions`` and ``secrets`` must be nowhere; ``folder`` is the only place for files."""

    words: tuple[str, ...]
    shown: str
    status: int
    out: str
    err: str
    folder: Path
    seconds: float
    sessions: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    left: dict[str, bytes] = field(default_factory=dict)

    @property
    def said(self) -> str:
        return self.out + self.err


def _ends_as_documented(run: Run) -> Iterator[str]:
    if run.status not in STATUSES:
        yield f"status {run.status}"
    if "Traceback" in run.said or "Internal error" in run.said:
        yield f"a defect: {run.said[-500:]}"
    if run.status not in (0, 2) and not run.said.strip():
        yield "a failure without a word"


def _one_document(run: Run) -> Iterator[str]:
    if run.shown not in DOCUMENTS:
        return
    try:
        json.loads(run.out)
    except ValueError:
        yield f"stdout is not one JSON document: {run.out[:200]!r}"


def _no_secret(run: Run) -> Iterator[str]:
    kept = {"the output": run.said.encode("utf-8", "surrogatepass"), **run.left}
    everything = b"\0".join(kept.values())
    for name, needle in _needles(run):
        if len(needle) >= SHORTEST and needle in everything:
            yield from (f"{name} is in {where}" for where, content in kept.items() if needle in content)


def _needles(run: Run) -> Iterator[tuple[str, bytes]]:
    """Every spelling of a session that a reader could undo."""
    for session in run.sessions:
        yield "a session", session.encode()
        yield "a session without its org", session.partition("!")[2].encode()
        yield "a percent-encoded session", quote(session, safe="").encode()
        yield "a session in base64", base64.b64encode(session.encode())[: len(session)]
    for secret in run.secrets:
        yield "a secret", secret.encode()


def _no_control_characters(run: Run) -> Iterator[str]:
    found = {character for character in set(run.said) if unicodedata.category(character) in ("Cc", "Cf", "Cs")} - _KEPT
    if found:
        yield f"control or format characters: {sorted(f'U+{ord(each):04X}' for each in found)}"


def _no_workflow_command(run: Run) -> Iterator[str]:
    for stream in (run.out, run.err):
        for line in stream.splitlines():
            ours = run.shown == "github" and _ANNOTATION.match(line) and _FORGED not in line[: len(_FORGED)]
            if not ours and _COMMANDS.search(line):
                yield f"a workflow command: {line[:200]!r}"


def _no_markup(run: Run) -> Iterator[str]:
    if run.shown != "markdown":
        return
    text = _CODE.sub(" ", run.out)
    for pattern in (_TAGS, _LINKS):
        if match := pattern.search(text):
            yield f"markup: {text[max(0, match.start() - 40) : match.end() + 40]!r}"


def _no_file_elsewhere(run: Run) -> Iterator[str]:
    parents = [run.folder.parent, *run.folder.parents[1:4], Path("/")]
    for parent in dict.fromkeys(parents):
        if (parent / f"{MARK}-file").exists():
            yield f"a file outside: {parent}"
    for path in run.folder.rglob(f"{MARK}-file*"):
        if path.is_file() and path.parent == run.folder:
            yield f"a command ran, or a path was followed: {path.name}"


def _no_other_host(run: Run) -> Iterator[str]:
    if run.asked:
        yield f"another host was asked: {', '.join(run.asked)}"


def _soon(run: Run) -> Iterator[str]:
    if run.seconds > SECONDS:
        yield f"{run.seconds:.0f} s"
    if len(run.said) > 20_000_000:
        yield f"{len(run.said)} characters of output"


@dataclass(frozen=True, slots=True)
class Invariant:
    """A sentence of the threat model, and the faults that a run has against it."""

    sentence: str
    faults: Callable[[Run], Iterator[str]]


INVARIANTS: tuple[Invariant, ...] = (
    Invariant("The command exits with a documented status and with plain words", _ends_as_documented),
    Invariant("In a format for programs stdout is one document", _one_document),
    Invariant("No session, key or other secret is in the output or in a file, in any spelling", _no_secret),
    Invariant("No control, bidirectional or other format character is in the output", _no_control_characters),
    Invariant("No text becomes a workflow command", _no_workflow_command),
    Invariant("No text becomes a tag or a link of a comment", _no_markup),
    Invariant("No text becomes a path or a shell command: nothing is written elsewhere", _no_file_elsewhere),
    Invariant("No text leads to another host", _no_other_host),
    Invariant("The command takes bounded time and prints a bounded text", _soon),
)


def faults(run: Run) -> list[str]:
    """Return each fault of a run, with the invariant that it breaks."""
    return [f"{each.sentence}: {fault}" for each in INVARIANTS for fault in each.faults(run)]
