"""The document tree, and its writers for terminals and Markdown."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from provisioner.report.document import GAP, Block, Code, Fitted, Sum, heading, joined, labelled, line, table
from provisioner.report.markdown import inline, markdown
from provisioner.report.style import Look, Span, Style
from provisioner.report.terminal import terminal
from tests.report.test_plan_markdown import without_code

DOCUMENT = [
    heading("Plan for sandbox"),
    line("A sentence.", indent=2),
    GAP,
    line(Span("key.shop", whole=True), mark=Span("!", Look.DANGER), indent=2),
    line("What happened.", indent=4),
    labelled("Next:", "Do it.", indent=4),
    line("another", mark="!", indent=2),
    GAP,
    line("first", mark="1.", indent=2),
    line(Span("provisioner plan", whole=True), indent=5),
    line("second", mark="2.", indent=2),
    table([("a", "1"), ("b", "20")], head=("name", "count"), right=(1,), indent=2),
    table([("kid:", "shop-1")], indent=2),
    Code(("version: 1", "keys: {}"), "yaml"),
    Fitted(lambda style: ["-" * (style.width // 10)]),
    Sum("No changes."),
]


def test_a_terminal_shows_the_outline_by_indentation() -> None:
    expected = """\
Plan for sandbox
  A sentence.

  ! key.shop
    What happened.
    Next: Do it.
  ! another

  1. first
     provisioner plan
  2. second
  name  count
  a         1
  b        20
  kid:  shop-1
  version: 1
  keys: {}
--------
No changes."""
    assert terminal(DOCUMENT, Style(80)) == expected


def test_markdown_shows_the_outline_as_nested_lists() -> None:
    expected = """\
### Plan for sandbox

- A sentence.

- `key.shop`
  - What happened.
  - **Next:** Do it.
- another

1. first
   - `provisioner plan`
2. second

| name | count |
|---|--:|
| a | 1 |
| b | 20 |

- kid: shop-1

```yaml
version: 1
keys: {}
```

```
----------
```

**No changes.**
"""
    assert markdown(DOCUMENT) == expected


def test_an_empty_document_is_empty() -> None:
    assert terminal([], Style(80)) == ""
    assert markdown([GAP, table([]), line("")]).strip() == ""


def test_documents_are_joined_by_empty_lines() -> None:
    a, b = [line("a")], [line("b")]
    assert terminal(joined([a, [], b], gap=2), Style(80)) == "a\n\n\nb"


def test_a_line_that_begins_like_a_block_is_text() -> None:
    for text in ("- a", "+ a", "1. a", "12) a", "=====", "---", "# a", "> a", "* a", "| a |", "```", "    a"):
        first = markdown([line(text)]).splitlines()[0]
        assert re.match(r"\\|\d+\\|\w", first), first


def test_neighbours_of_one_look_stay_apart() -> None:
    bold, code = Span("a", Look.STRONG), Span("c", whole=True)
    assert inline([bold, bold]) == "**a**&#8203;**a**"
    assert inline(["x", bold, "y"]) == "x&#8203;**a**&#8203;y"
    assert inline([code, code]) == "`c`&#8203;`c`"
    assert inline([bold, ": y ", code]) == "**a**: y `c`"
    assert inline(["x:", "smile:"]) == "x:&#8203;smile:"
    assert inline(["a: b:c"]) == "a: b\\:c"


def test_a_command_in_backticks_is_code() -> None:
    assert inline(["Run `provisioner plan --env a_b`: safe."]) == "Run `provisioner plan --env a_b`: safe."
    assert inline(["a `b``c` d"]) == "a \\`b\\`\\`c\\` d"
    assert inline([Span("See `x`", Look.STRONG)]) == "**See `x`**"
    assert inline(["one ` alone"]) == "one \\` alone"


EVIL = "`</code></details>\n```\n<img src=x onerror=alert(1)> @acme #1 ![x](https://evil.example) | a\x1b[2J\n# h"


def every_block(text: str) -> list[Block]:
    return [
        heading(text, Span(text, whole=True)),
        line(text),
        line(Span(text, Look.STRONG), text, Span(text, whole=True), mark="!", indent=2),
        labelled(text, text, indent=4),
        table([(text, Span(text, Look.BAD), Span(text, whole=True))], head=(text, text, text)),
        table([(text, text)]),
        Code((text,), "yaml"),
        Fitted(lambda _: [text]),
        Sum(text),
    ]


def test_foreign_text_in_a_document_stays_text() -> None:
    text = markdown(every_block(EVIL))
    outside = without_code(text)
    assert "<img" not in outside
    assert not re.search(r"@\w|#\d|\]\(", outside)
    assert "\x1b" not in text


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_foreign_text_makes_no_new_line(text: str) -> None:
    empty = markdown(every_block("x")).count("\n")
    written = markdown([block for block in every_block(text) if text.strip(" ")])
    assert not text.strip(" ") or written.count("\n") == empty
