"""Sections of a page that programs write, between two comments of its Markdown."""

from __future__ import annotations

from pathlib import Path


def replace_section(page: Path, name: str, text: str) -> None:
    """Replace the text between the comments of a section; the rest of the page stays."""
    content = page.read_text()
    begin, end = f"<!-- {name}: written by a program -->\n", f"<!-- {name}: end -->\n"
    before, found, rest = content.partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{page} has no section {name}")
    page.write_text(f"{before}{begin}{text}{end}{after}")


def section(page: Path, name: str) -> str:
    """Return the text of a section."""
    content = page.read_text()
    return content.partition(f"<!-- {name}: written by a program -->\n")[2].partition(f"<!-- {name}: end -->\n")[0]
