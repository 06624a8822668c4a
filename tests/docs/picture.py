"""The README's picture: the screen of ``make apply`` at a terminal, as SVG."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from xml.sax.saxutils import escape

from tests.docs.screens import steady

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs/_static/apply.svg"
COLUMNS = 80
#: Paragraphs of the screen that begin with these words are left out, with an ellipsis in their place.
LEFT_OUT = ("+ key.legacy", "Declared for the other mode", "Note: Visitors")
_LINE, _CHARACTER, _MARGIN = 18, 8.4, 20
_COLORS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "35": "#d2a8ff", "36": "#79c0ff"}
_FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
_ESCAPE = re.compile(r"\x1b\[([\d;]*)m")


def screen(folder: Path) -> str:
    """Return what ``make apply`` prints at a terminal, run on a copy of the config, with its colors."""
    words = [sys.executable, "-m", "provisioner", "apply", "--env", "local", "--yes"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        words,
        cwd=folder,
        env={**environment, "COLUMNS": str(COLUMNS)},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    printed = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # on Linux, the end of a terminal whose other side is closed
            break
        if not part:
            break
        printed += part
    os.close(ours)
    assert process.wait() == 0
    return steady(printed.decode().replace("\r\n", "\n"))


def svg(text: str) -> str:
    """Return the picture of a screen."""
    paragraphs = text.strip("\n").split("\n\n")
    shown = ["\x1b[2m…\x1b[0m" if _ESCAPE.sub("", part).startswith(LEFT_OUT) else part for part in paragraphs]
    lines = "\n\n".join(shown).split("\n")
    width, height = round(COLUMNS * _CHARACTER + 2 * _MARGIN), (len(lines) + 1) * _LINE + 2 * _MARGIN
    rows = [f'<text y="{_MARGIN + _LINE}" xml:space="preserve"><tspan fill="#7ee787">$</tspan> make apply</text>']
    for number, line in enumerate(lines, 2):
        rows.append(f'<text y="{_MARGIN + number * _LINE}" xml:space="preserve">{_spans(line)}</text>')
    body = "\n".join(row.replace("<text ", f'<text x="{_MARGIN}" ', 1) for row in rows)
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">
<title>The screen of make apply: a plan with its impact on customers, applied and read back</title>
<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>
<g font-family="{_FONTS}" font-size="14" fill="#e6edf3">
{body}
</g>
</svg>
"""


def _spans(line: str) -> str:
    """Return a line as spans, each at its column, so that another font does not move the columns."""
    spans, column, style = [], 0, ""
    for number, part in enumerate(_ESCAPE.split(line)):
        if number % 2:
            style = _style(part)
        elif part:
            at = f'x="{_MARGIN + column * _CHARACTER:g}" textLength="{len(part) * _CHARACTER:g}"'
            spans.append(f"<tspan {at}{style}>{escape(part)}</tspan>")
            column += len(part)
    return "".join(spans)


def _style(codes: str) -> str:
    if codes in ("", "0"):
        return ""
    if codes == "1":
        return ' font-weight="bold"'
    return ' fill="#8b949e"' if codes == "2" else f' fill="{_COLORS[codes]}"'
