"""Documents as HTML. Foreign text stays text: it cannot be markup and cannot hide characters."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import assert_never

from provisioner.report.document import WIDTH, Block, Code, Document, Fitted, Gap, Heading, Line, Sum, Table, outlined
from provisioner.report.style import Look, Part, Row, Span, Style
from provisioner.report.visible import visible

_CLASSES = {Look.GOOD: "ok", Look.CAREFUL: "warn", Look.CHANGED: "warn", Look.BAD: "bad", Look.DANGER: "bad",
            Look.FAINT: "quiet"}  # fmt: skip


def text(value: object) -> str:
    """Return a value as text of HTML, also for an attribute in quotes; hidden characters are shown as escapes."""
    return html.escape(visible(str(value)), quote=True)


def document_html(document: Document, top: int = 2) -> str:
    """Return a document as HTML. ``top`` is the level of its title. Indented lines become a list."""
    parts: list[str] = []
    for block in outlined(document):
        parts += _outline(block) if isinstance(block, list) else [_block(block, top)]
    return "\n".join(filter(None, parts))


def _block(block: Block, top: int) -> str:
    match block:
        case Heading(parts=parts, level=level):
            number = min(top + level - 1, 6)
            return f"<h{number}>{inline(parts)}</h{number}>"
        case Line(parts=parts):
            return f"<p>{inline(parts)}</p>"
        case Table(rows=rows, head=head):
            return _table(head, rows)
        case Sum(text=words):
            return f"<p><strong>{text(words)}</strong></p>"
        case Code(lines=lines):
            return _preformatted(lines)
        case Fitted(draw=draw):
            return _preformatted(draw(Style(WIDTH)))
        case Gap():
            return ""
        case _:
            assert_never(block)


def inline(parts: Sequence[Part]) -> str:
    """Return parts as running HTML."""
    return "".join(_span(part if isinstance(part, Span) else Span(part)) for part in parts).strip()


def _span(span: Span) -> str:
    shown = f"<code>{text(span.text)}</code>" if span.whole and span.text.strip() else text(span.text)
    if span.look is Look.STRONG:
        return f"<strong>{shown}</strong>"
    name = _CLASSES.get(span.look)
    return f'<span class="{name}">{shown}</span>' if name else shown


def _table(head: Row, rows: Iterable[Row]) -> str:
    titles = "".join(f'<th scope="col">{inline([part])}</th>' for part in head)
    body = "".join("<tr>" + "".join(f"<td>{inline([part])}</td>" for part in row) + "</tr>" for row in rows)
    return f"<table>{f'<thead><tr>{titles}</tr></thead>' if head else ''}<tbody>{body}</tbody></table>"


def _preformatted(lines: Iterable[str]) -> str:
    return "<pre>" + "\n".join(map(text, lines)) + "</pre>"


def _outline(lines: Sequence[Line]) -> list[str]:
    items = (f"<li>{inline([each.mark, ' ', *each.parts] if each.mark else each.parts)}</li>" for each in lines)
    return [f'<ul class="outline">{"".join(items)}</ul>']
