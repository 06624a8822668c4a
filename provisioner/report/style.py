"""The layout of text on a terminal: looks, wrapping, and columns.

All output passes through :class:`Style` as spans, so nothing reaches a terminal unescaped. Colour only repeats the
meaning of symbols and words. The looks are readable on dark and on light backgrounds, so there is no yellow, no white,
no black and no blue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from operator import itemgetter

from provisioner.redaction import SHORTEST_WORD, redactor
from provisioner.report.visible import cells, escaped, visible

NARROWEST = 40


class Look(Enum):
    """A look by its meaning; the value is its SGR parameter (ECMA-48 §8.3.117), empty for none."""

    PLAIN = ""
    STRONG = "1"
    FAINT = "2"
    GOOD = "32"
    CHANGED = "36"
    BAD = "31"
    CAREFUL = "35"
    DANGER = "1;31"


@dataclass(slots=True)
class Span:
    """Text with a look, its secrets masked. A ``whole`` span is never broken, even at its spaces.

    It is never changed after its creation; a frozen one takes three times as long to create, and a large plan has
    hundreds of thousands.
    """

    text: str
    look: Look = Look.PLAIN
    whole: bool = False

    def __post_init__(self) -> None:
        """Mask secrets before the text is broken into lines."""
        self.text = _masked(self.text)

    @property
    def cells(self) -> int:
        return cells(escaped(self.text))


Part = Span | str
Row = Sequence[Part]
_Word = list[tuple[str, Look]]


@dataclass(frozen=True, slots=True)
class Style:
    """The properties of a terminal: its width in columns, and whether it shows colour."""

    width: int = 80
    color: bool = False

    def paint(self, text: str, look: Look) -> str:
        """Return ``text``, escaped, in a look."""
        return self._in_look(visible(text), look)

    def _in_look(self, shown: str, look: Look) -> str:
        if not self.color or look is Look.PLAIN or not shown:
            return shown
        return f"\x1b[{look.value}m{shown}\x1b[0m"

    def lines(self, *parts: Part, indent: int = 0, hang: int | None = None) -> list[str]:
        """Return ``parts`` as lines of at most ``width``: the first indented by ``indent``, the others by ``hang``.

        Lines break only at spaces: an address or a URL that is longer than a line stays whole. Line breaks in the parts
        are escaped like every control character.
        """
        if not self.color:
            # A large plan has very many lines, and most of them fit.
            text = "".join([part.text if isinstance(part, Span) else _masked(part) for part in parts])
            line = " " * indent + escaped(text)
            if cells(line) <= max(self.width, NARROWEST):
                return [line.rstrip()]
        spans = [part if isinstance(part, Span) else Span(part) for part in parts]
        return self._wrapped(spans, indent, indent if hang is None else hang)

    def _wrapped(self, spans: Sequence[Span], indent: int, hang: int) -> list[str]:
        lines: list[str] = []
        line, used, empty = [(" " * indent, Look.PLAIN)], indent, True
        width = max(self.width, NARROWEST)
        for gap, word in _words(spans):
            size = sum([cells(text) for text, _ in word])
            before = gap
            if not empty and used + gap + size > width:
                lines.append(self._painted(line))
                line, used, before = [(" " * hang, Look.PLAIN)], hang, 0
            # A space between two words of one look belongs to the look: fewer escapes.
            line += [(" " * before, word[0][1] if word[0][1] is line[-1][1] else Look.PLAIN), *word]
            used, empty = used + before + size, False
        return [*lines, self._painted(line)]

    def _painted(self, line: list[tuple[str, Look]]) -> str:
        """Return the runs of one line; neighbours with the same look become one."""
        if not self.color:
            return "".join([text for text, _ in line]).rstrip()
        runs = ((look, "".join(text for text, _ in run)) for look, run in groupby(line, key=itemgetter(1)))
        return "".join(self._in_look(text, look) for look, text in runs).rstrip()

    def table(self, rows: Sequence[Row], *, indent: int = 0, right: Sequence[int] = ()) -> list[str]:
        """Return rows in aligned columns, two spaces apart; the columns with an index in ``right`` align right.

        The last column wraps under itself; the others are never broken.
        """
        spans = [[part if isinstance(part, Span) else Span(part) for part in row] for row in rows]
        widths = [max(span.cells for span in column) for column in zip(*spans, strict=True)]
        lines: list[str] = []
        for row in spans:
            parts: list[Part] = []
            at = indent
            for number, (span, width) in enumerate(zip(row[:-1], widths, strict=False)):
                pad = " " * (width - span.cells)
                whole = Span(span.text, span.look, whole=True)
                parts += [pad, whole, "  "] if number in right else [whole, pad + "  "]
                at += width + 2
            last = row[-1]
            if len(row) - 1 in right:
                parts.append(" " * (widths[-1] - last.cells))
            lines += self.lines(*parts, last, indent=indent, hang=at if at < self.width * 2 // 3 else indent + 4)
        return lines


def _words(spans: Sequence[Span]) -> list[tuple[int, _Word]]:
    """Return the words of ``spans``, each with the number of spaces before it."""
    words: list[tuple[int, _Word]] = []
    gap = 0
    word: _Word = []
    for span in spans:
        text = escaped(span.text)
        for number, piece in enumerate((text,) if span.whole else text.split(" ")):
            if number:  # a space is before it
                if word:
                    words.append((gap, word))
                    gap, word = 0, []
                gap += 1
            if piece or span.whole:
                word.append((piece, span.look))
    if word:
        words.append((gap, word))
    return words


def _masked(text: str) -> str:
    return redactor.redact(text) if len(text) >= SHORTEST_WORD else text
