"""A result as a document: one value for all writers for people (`terminal.py`, `markdown.py`).

A view is a function from a result to a document. A document is an outline: its order is the reading order, and indented
lines belong to the line above them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from provisioner.diagnostics import Location
from provisioner.report.style import Look, Part, Row, Span, Style

#: The width of fitted lines in a document without columns of its own (Markdown, HTML).
WIDTH = 100


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a document, or of a part of it if ``level`` is 2 or more."""

    parts: tuple[Part, ...]
    level: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, or an item of the outline if it is indented or has a ``mark`` (``!``, ``-``, ``1.``).

    ``indent`` and ``hang`` are the columns of its first line and of the others.
    """

    parts: tuple[Part, ...]
    indent: int = 0
    hang: int | None = None
    mark: Span | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows in columns. Without a ``head`` it is a list of fields, each with a name and a value."""

    rows: tuple[Row, ...]
    head: Row = ()
    indent: int = 0
    right: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Sum:
    """The line with the sum of a document. It is never broken: a program may search for it."""

    text: str
    look: Look = Look.STRONG


@dataclass(frozen=True, slots=True)
class Code:
    """Lines of a file, unchanged."""

    lines: tuple[str, ...]
    language: str = ""
    indent: int = 2


@dataclass(frozen=True, slots=True)
class Fitted:
    """Lines with a layout by the available width, such as a source line with a mark below it."""

    draw: Callable[[Style], list[str]]
    language: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """An empty line."""


Block = Heading | Line | Table | Sum | Code | Fitted | Gap
Document = Sequence[Block]

GAP = Gap()


def outlined(document: Document) -> Iterator[Block | list[Line]]:
    """Yield the blocks; indented lines that follow each other are one list, for writers that show them as such."""
    lines: list[Line] = []
    for block in document:
        if isinstance(block, Line) and (block.indent or block.mark is not None):
            lines.append(block)
            continue
        if lines:
            yield lines
            lines = []
        yield block
    if lines:
        yield lines


def heading(*parts: Part, level: int = 1) -> Block:
    """Return a heading of ``parts``; text without a look is strong."""
    return Heading(tuple(Span(part, Look.STRONG) if isinstance(part, str) else part for part in parts), level)


def line(*parts: Part, indent: int = 0, hang: int | None = None, mark: Span | str | None = None) -> Block:
    """Return a line of ``parts``."""
    return Line(parts, indent, hang, Span(mark) if isinstance(mark, str) else mark)


def labelled(label: str, text: str, *, indent: int = 0, hang: int | None = None, look: Look = Look.STRONG) -> Block:
    """Return ``Next: …``, ``Fix: …``: a label with a look, and a sentence with a hanging indent."""
    return Line((Span(label, look), f" {text}"), indent, indent + 2 if hang is None else hang)


def instruction(label: str, text: str, *, indent: int = 0, look: Look = Look.STRONG) -> list[Block]:
    """Return ``Next: …`` for a text with commands in its later lines; no command is broken, so it can be copied."""
    first, *commands = text.splitlines() or [""]
    whole = [line(Span(command, whole=True), indent=indent + 2) for command in commands]
    return [labelled(label, first, indent=indent, look=look), *whole]


def numbered(steps: Sequence[str]) -> list[Block]:
    """Return numbered steps; a command at the end of a step is on a separate unbroken line, to be copied."""
    lines: list[Block] = []
    for number, step in enumerate(steps, 1):
        sentence, colon, command = step.rpartition(": provisioner ")
        lines.append(line(f"{sentence}:" if colon else step, mark=f"{number}.", indent=2, hang=5))
        if colon:
            lines.append(line(Span(f"provisioner {command}", Look.STRONG, whole=True), indent=5))
    return lines


def next_steps(steps: Sequence[str]) -> list[Block]:
    """Return ``Next:`` and numbered steps, below an empty line."""
    return [GAP, line(Span("Next:", Look.STRONG)), *numbered(steps)]


def at(place: Location | str | None) -> list[Part]:
    """Return the place after an address, if there is one."""
    return ["  ", Span(str(place), Look.FAINT, whole=True)] if place else []


def table(rows: Sequence[Row], *, head: Sequence[str] = (), look: Look = Look.STRONG, indent: int = 0,
          right: Sequence[int] = ()) -> Block:  # fmt: skip
    """Return a table; ``look`` is that of the head."""
    return Table(tuple(rows), tuple(Span(word, look) for word in head), indent, tuple(right))


def joined(documents: Sequence[Document], gap: int = 1) -> list[Block]:
    """Return the documents as one, with ``gap`` empty lines between them; empty documents are omitted."""
    blocks: list[Block] = []
    for document in filter(None, documents):
        if blocks:
            blocks += [GAP] * gap
        blocks += document
    return blocks
