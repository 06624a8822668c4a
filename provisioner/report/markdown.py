"""Foreign text inside Markdown: it can neither format, nor leave its code, nor mention people.

Sources: CommonMark 0.31 (§2.4 backslash escapes, §4.5 fences, §6.1 code spans), GitHub Flavored Markdown (tables),
and the reference syntax of GitHub and GitLab (@user, #1, !1, ~label, GH-1), which both look for in rendered text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from provisioner.report.visible import visible

_PUNCTUATION = re.compile(r"[\\`*_\[\]<>|~&@#:!$%]")
#: What makes a reference of the word that follows it.
_REFERENCE = re.compile(r"[@#!~$%&](?=\w)|GH(?=-\d)", re.I)
#: Separates a sign from its word unseen, so that there is nothing to refer to.
_APART = "&#8203;"


def plain(text: str) -> str:
    """``text`` in running Markdown, as it is written and nothing else."""
    shown = visible(text)
    result, end = [], 0
    for match in _REFERENCE.finditer(shown):
        result += [_PUNCTUATION.sub(r"\\\g<0>", shown[end : match.end()]), _APART]
        end = match.end()
    return "".join(result) + _PUNCTUATION.sub(r"\\\g<0>", shown[end:])


def code(text: str) -> str:
    """``text`` as a code span, fit for a table's cell, too."""
    shown = visible(text).replace("|", "\\|")
    fence = "`" * (_longest_run(shown) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") or not shown.strip() else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def html_code(text: str) -> str:
    """``text`` as code inside an HTML block, where Markdown does not hold."""
    return f"<code>{html.escape(visible(text))}</code>"


def fenced(lines: Sequence[str], language: str) -> str:
    """``lines``, each escaped, in a fence that none of them can close."""
    shown = [visible(line) for line in lines]
    fence = "`" * max(3, *(_longest_run(line) + 1 for line in shown), 3)
    return "\n".join((fence + language, *shown, fence))


def _longest_run(text: str) -> int:
    return max(map(len, re.findall(r"`+", text)), default=0)
