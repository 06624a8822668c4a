"""Documents as Markdown. Foreign text in it can neither format, nor leave its code, nor mention people.

Sources: CommonMark 0.31 (§2.4 backslash escapes, §4.5 fences, §6.1 code spans), GitHub Flavored Markdown (tables), and
the reference syntax of GitHub and GitLab (@user, #1, !1, ~label, GH-1), which both find in rendered text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from typing import assert_never

from provisioner.report.document import WIDTH, Block, Code, Document, Fitted, Gap, Heading, Line, Sum, Table, outlined
from provisioner.report.style import Look, Part, Row, Span, Style
from provisioner.report.visible import visible

#: A colon makes an emoji or a link only if a word or a slash follows it; a dot makes a link after www.
_PUNCTUATION = re.compile(r"[\\`*_\[\]<>|~&@#!$%]|:(?=[\w+/-])|(?<=www)\.", re.I)
#: Characters that make a reference of the next word.
_REFERENCE = re.compile(r"[@#!~$%&](?=\w)|GH(?=-\d)", re.I)
#: Separates a character from the next word invisibly, so that they are not a reference.
_APART = "&#8203;"
_BOLD = frozenset((Look.STRONG, Look.BAD, Look.DANGER))
_BACKTICKED = re.compile(r"(?<!`)`(?!`)([^`]+)`(?!`)")
#: The beginning of a line that Markdown reads as a list, or as the underline of a heading.
_STARTS_A_BLOCK = re.compile(r"[-+=](?=[\s=-]|$)|\d+(?=[.)](?:\s|$))")


def markdown(document: Document, top: int = 3) -> str:
    """Return the document as Markdown, with a final line break.

    ``top`` is the level of its title; it is greater than 1 for a part of a comment. Indented lines become a list,
    nested in the same way.
    """
    parts: list[str] = []
    for block in outlined(document):
        parts += _list(block) if isinstance(block, list) else _block(block, top)
    return "\n\n".join(parts) + "\n"


def inline(parts: Sequence[Part]) -> str:
    """Return parts as running Markdown; unbreakable parts (names, places, commands) become code."""
    text = ""
    for part in parts:
        shown = _span(part if isinstance(part, Span) else Span(part))
        if text and shown and _would_merge(text, shown):
            text += _APART
        text += shown
    return text.strip(" ")


def _block(block: Block, top: int) -> list[str]:
    match block:
        case Heading(parts=parts, level=level):
            return [f"{'#' * (top + level - 1)} {inline([_not_bold(part) for part in parts])}"]
        case Line(parts=parts):
            return [_paragraph(parts)] if inline(parts) else []
        case Table(rows=rows, head=head, right=right):
            return [_table(head, rows, right)] if head else ["\n".join(map(_field, rows))] if rows else []
        case Sum(text=text):
            return [f"**{plain(text)}**"]
        case Code(lines=lines, language=language):
            return [fenced(lines, language)]
        case Fitted(draw=draw, language=language):
            drawn = draw(Style(WIDTH))
            return [fenced(drawn, language)] if drawn else []
        case Gap():
            return []
        case _:
            assert_never(block)


def _paragraph(parts: Sequence[Part]) -> str:
    text = inline(parts)
    start = _STARTS_A_BLOCK.match(text)
    if start is None:
        return text
    at = start.end() if text[0].isdigit() else 0
    return f"{text[:at]}\\{text[at:]}"


def _list(outline: Sequence[Line]) -> list[str]:
    """Return the indented lines as one list; a line belongs to the nearest one above it with less indentation."""
    lines: list[str] = []
    above: list[tuple[int, int]] = []  # indentation of a line, and the column of its text in the list
    for each in outline:
        while above and above[-1][0] >= each.indent:
            above.pop()
        at = above[-1][1] if above else 0
        number = each.mark is not None and re.fullmatch(r"\d{1,9}\.", each.mark.text)
        sign = f"{each.mark.text} " if each.mark is not None and number else "- "
        lines.append(" " * at + sign + _paragraph(each.parts))
        above.append((each.indent, at + len(sign)))
    return ["\n".join(lines)] if lines else []


def _table(head: Row, rows: Sequence[Row], right: Sequence[int]) -> str:
    titles = [inline([_not_bold(part)]) for part in head]
    return table_of(titles, ([inline([part]) for part in row] for row in rows), right)


def table_of(head: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Return a table of cells that are Markdown; the columns with an index in ``right`` align right."""
    rule = "|".join("--:" if number in right else "---" for number in range(len(head)))
    return "\n".join((f"| {' | '.join(head)} |", f"|{rule}|", *(f"| {' | '.join(row)} |" for row in rows)))


def _field(row: Row) -> str:
    """Return ``- kid: shop-1``: a row of a table without a head."""
    first, *others = (inline([part]) for part in row)
    name = first.removesuffix(":")
    return f"- {': '.join(filter(None, (name, *others)))}"


def _not_bold(part: Part) -> Part:
    return Span(part.text, whole=part.whole) if isinstance(part, Span) else part


def _span(span: Span) -> str:
    core = span.text.strip(" ")
    if not core:
        return " " if span.text else ""
    before = " " if span.text.startswith(" ") else ""
    after = " " if span.text.endswith(" ") else ""
    if span.whole:
        return f"{before}{code(core)}{after}"
    text = _sentence(core)
    if span.look in _BOLD:
        text = f"**{text}**"
    return f"{before}{text}{after}"


def _sentence(text: str) -> str:
    """Return running text; text between backticks in it, such as a command, is code."""
    written = ""
    for number, piece in enumerate(_BACKTICKED.split(text)):
        shown = code(piece) if number % 2 else plain(piece)
        written += (_APART if written and shown and _would_merge(written, shown) else "") + shown
    return written


def _would_merge(before: str, after: str) -> bool:
    """Return whether two adjacent texts would form other Markdown than each alone."""
    if before[-1] == "`" or after[0] == "`":
        return before[-1] == after[0]
    if before[-1] == ":":
        return not after[0].isspace()
    if before[-1] == "*":
        return after[0].isalnum() or after[0] == "*"
    return after[0] == "*" and before[-1].isalnum()


def plain(text: str) -> str:
    """Return ``text`` in running Markdown without any markup."""
    shown = visible(text)
    result, end = [], 0
    for match in _REFERENCE.finditer(shown):
        result += [_PUNCTUATION.sub(r"\\\g<0>", shown[end : match.end()]), _APART]
        end = match.end()
    return "".join(result) + _PUNCTUATION.sub(r"\\\g<0>", shown[end:])


def code(text: str) -> str:
    """Return ``text`` as a code span, also valid in a table's cell."""
    shown = visible(text).replace("|", "\\|")
    fence = "`" * (_longest_run(shown) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") or not shown.strip() else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def html_code(text: str) -> str:
    """Return ``text`` as code inside an HTML block, which Markdown does not process."""
    return f"<code>{html.escape(visible(text))}</code>"


def fenced(lines: Sequence[str], language: str) -> str:
    """Return ``lines``, each escaped, in a fence that none of them can close."""
    shown = [visible(line) for line in lines]
    fence = "`" * max(3, *(_longest_run(line) + 1 for line in shown), 3)
    return "\n".join((fence + language, *shown, fence))


def _longest_run(text: str) -> int:
    return max(map(len, re.findall(r"`+", text)), default=0)
