"""Removes the decoration that terminals, CI logs and other programs add to a message."""

from __future__ import annotations

import html
import re
import unicodedata
from urllib.parse import unquote, unquote_plus

#: Longer text is cut: an error is short, and is at the end of a log.
MOST_CHARACTERS = 200_000
_MOST_LAYERS = 4
_ESC = r"(?:\x1b|(?<!\\)\\+(?:x1[bB]|u001[bB]|033|e)|\^\[|\u241b)"
_COLOUR = re.compile(_ESC + r"(?:\[[0-9;?]{0,20}[A-Za-z]|\][^\x07\n]{0,200}(?:\x07|\x1b\\))")
#: GitLab's section marks, and carriage returns of progress bars.
#: An apostrophe in single quotation marks, as YAML and SQL write it.
_DOUBLED = re.compile(r"(?<=[a-z])''(?=[a-z])")
_MARKS = re.compile(r"section_(?:start|end):\d+:\S*|\r(?!\n)")
_ENTITY = re.compile(r"&(?:quot|apos|lt|gt|amp|nbsp|[lr][sd]quo|#\d{1,6}|#[xX][0-9a-fA-F]{1,6});")
_MOJIBAKE = {"â€™": "'", "â€˜": "'", "â€œ": '"', "â€\x9d": '"', "â€": '"', "\u00c2\u00a0": " "}
_QUOTES = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u2032\u00b4\u02bc", "'") | dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"')
)
_BLANKS = str.maketrans(dict.fromkeys("\u00a0\u2007\u202f", " ") | dict.fromkeys("\u200b\u200c\u200d\ufeff", ""))
#: A Windows path keeps its backslashes; every other backslash may begin an escape.
_ESCAPE = re.compile(
    r"(?P<path>\b[A-Za-z]:\\+[^\s\"'<>|]*)|(?<!\\)\\+(?:u(?P<u>[0-9a-fA-F]{4})|x(?P<x>[0-9a-fA-F]{2})"
    r"|(?P<quote>[\"'/`_])|(?P<line>r\\+n|[nr])|t)"
)
_QUERY = re.compile(
    r"(?P<name>\b(?:error|error_description)=)(?P<value>[^\s&#=+%\"'<>]{0,2000}(?:\+|%[0-9A-Fa-f]{2})[^\s&#\"'<>]*)"
)
#: A JWT in a form or a URL.
_ENCODED_TOKEN = re.compile(r"(?<![A-Za-z0-9_%-])ey[A-Za-z0-9_%.-]{20,}")
#: Tags of a page that begin another line.
_LINE_TAG = re.compile(r"<(?:br|/p|/div|/li|/tr|/pre)\s{0,4}/?>", re.I)
#: A list of lines in JSON or Python, and a cell of a CSV file with quotation marks in it.
_LIST = re.compile(r"""\s*+\[(?P<items>.*)\]\s*""", re.S)
_ITEM = re.compile(r"""\s*+(?:"(?P<double>(?:[^"\\]|\\.)*+)"|'(?P<single>(?:[^'\\]|\\.)*+)')\s*+(?:,\s*+|\Z)""", re.S)
_CELL = re.compile(r"""\s*"[^"].*[^"]"\s*""", re.S)
_PREFIX = re.compile(
    r"""\s*(?:
      \[?\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d?:\d\d(?::\d\d)?(?:[.,]\d+)?(?:\s?(?:Z|UTC|[+-]\d\d:?\d\d))?)?\]?[:\s]\s*
    | \[?\d\d?:\d\d(?::\d\d)?(?:[.,]\d+)?\]?[\s|]\s*
    | [A-Z][a-z]{2}\s{1,2}\d\d?\s\d\d:\d\d:\d\d\s[\w.-]{1,60}\s[\w./-]{1,60}(?:\[\d{1,7}\])?:\s
    | std(?:err|out)\s[FP]\s
    | \#\#\[\w+\] | ::(?:error|warning|debug)(?:\ [^:\n]*)?::
    | \[(?:ERROR|INFO|WARN|WARNING|DEBUG|FATAL|STDERR|STDOUT|stderr|stdout|error|info)\]\s*
    | [│┃║▏▎]\s? | [<>]\s(?=\S) | [\w.-]{1,40}\s+\|\s
    )""",
    re.X,
)
_EDGES = "│┃║"
_BOX = frozenset("╭╮╰╯┌┐└┘╔╗╚╝─━═┄┈├┤┬┴┼╠╣╦╩╬╤╧╪╞╡")


def plain(text: str) -> str:
    """Return the text as its author wrote it: without colours, entities, escapes, typographic quotes, log prefixes."""
    text = _COLOUR.sub("", text[-MOST_CHARACTERS:])
    text = _MARKS.sub("\n", _unlisted(text))
    for broken, right in _MOJIBAKE.items():
        text = text.replace(broken, right)
    for _ in range(_MOST_LAYERS):
        before = text
        if _ENTITY.search(text):
            text = html.unescape(text)
        if "\\" in text:
            text = _ESCAPE.sub(_unescaped, text)
        if text == before:
            break
    text = _LINE_TAG.sub("\n", _DOUBLED.sub("'", text))
    text = _COLOUR.sub("", text).translate(_QUOTES).translate(_BLANKS)
    text = _ENCODED_TOKEN.sub(lambda found: unquote(found[0]), text)
    text = _QUERY.sub(lambda found: found["name"] + unquote_plus(found["value"]), text)
    return "\n".join(_bare_lines(text)).strip()


def _unlisted(text: str) -> str:
    """Return the lines of a list of lines, and the text of a quoted cell; any other text as it is."""
    found = _LIST.fullmatch(text)
    items = _items(found["items"]) if found is not None else []
    if len(items) > 1:
        return "\n".join(items)
    if '""' in text and _CELL.fullmatch(text) is not None:
        return text.strip()[1:-1].replace('""', '"')
    return text


def _items(text: str) -> list[str]:
    """Return the items of a list of strings; none if it has anything else."""
    items: list[str] = []
    place = 0
    while place < len(text):
        item = _ITEM.match(text, place)
        if item is None:
            return []
        items.append(item["double"] or item["single"] or "")
        place = item.end()
    return items


def _unescaped(found: re.Match[str]) -> str:
    if found["path"] is not None:
        return found[0]
    code = found["u"] or found["x"]
    if code is not None:
        character = chr(int(code, 16))
        return character if character in "\n\t" or unicodedata.category(character)[0] != "C" else " "
    if found["quote"] is not None:
        return found["quote"]
    return "\n" if found["line"] is not None else "\t"


def _bare_lines(text: str) -> list[str]:
    """Return the lines without timestamps, levels and boxes; a line that only draws a box is omitted."""
    lines = []
    for line in text.splitlines():
        bare = line
        for _ in range(_MOST_LAYERS):
            found = _PREFIX.match(bare)
            if found is None or found.end() == 0:
                break
            bare = bare[found.end() :]
        bare = bare.rstrip()
        if bare[-1:] and bare[-1] in _EDGES:
            bare = bare[:-1].rstrip()
        signs = frozenset(bare)
        if not (signs & _BOX and signs <= _BOX | set(" -=_*+")):
            lines.append(bare)
    return lines
