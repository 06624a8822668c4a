"""Documents for a terminal: every block by the style, so that nothing in it reaches the terminal unescaped."""

from __future__ import annotations

from typing import assert_never

from provisioner.report.document import Block, Code, Document, Fitted, Gap, Heading, Line, Sum, Table
from provisioner.report.style import Look, Style


def terminal(document: Document, style: Style) -> str:
    """Return the document as lines in a style."""
    return "\n".join(line for block in document for line in _lines(block, style))


def _lines(block: Block, style: Style) -> list[str]:
    match block:
        case Heading(parts=parts):
            return style.lines(*parts, hang=2)
        case Line(parts=parts, indent=indent, hang=hang, mark=mark):
            marked = parts if mark is None else (mark, " ", *parts)
            return style.lines(*marked, indent=indent, hang=hang)
        case Table(rows=rows, head=head, indent=indent, right=right):
            whole = (head, *rows) if head else rows
            return style.table(whole, indent=indent, right=right) if whole else []
        case Sum(text=text, look=look):
            return [style.paint(text, look)]
        case Code(lines=lines, indent=indent):
            return [" " * indent + style.paint(each, Look.PLAIN) for each in lines]
        case Fitted(draw=draw):
            return draw(style)
        case Gap():
            return [""]
        case _:
            assert_never(block)
