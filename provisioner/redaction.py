"""The mask over secret values: no text that passes through :data:`redactor` shows a value that it was told.

An org, a proxy or a library may repeat a secret in another spelling, and output formats escape: each value is looked
for as it is, in base64, and in the text with its escapes decoded (percent, HTML entities, backslashes), several deep.
"""

from __future__ import annotations

import base64
import html
import json
import logging
import re
import sys
import threading
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

MASK = "***"
#: Shorter values are masked as whole words only, and in values, not in whole documents.
SHORTEST_MASKED = 6
#: A value of one or two characters stays: its mask would blot out numbers and articles, and hides nothing.
SHORTEST_WORD = 3
#: How many times over a text may have been escaped.
_DEEPEST = 3
#: A value's base64 in the middle of another has to be as long as this.
_SHORTEST_BASE64 = 8

#: The members of a JWK that are public, and the shortest of its others.
_PUBLIC_IN_JSON = frozenset({"kty", "kid", "alg", "use", "key_ops", "n", "e", "x5c", "x5t", "x5t#S256", "x5u"})
_SHORTEST_IN_JSON = 16

Span = tuple[int, int]

_PATTERNS = (
    # To its end if the text has it; else only characters of key material, so that prose after it stays.
    re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
        r"(?:.{0,20000}?-----END [A-Z ]*PRIVATE KEY-----"
        r"|(?:(?:\s|\\[nr])*[A-Za-z0-9+/=]{16,})*(?:(?:\s|\\[nr])*[A-Za-z0-9+/]+={1,2})?)",
        re.S,
    ),
    # Each begins with its letters, not with the boundary before them: letters are searched for many times faster.
    re.compile(r"ey(?<=\bey)[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"),
    re.compile(r"00D(?<=\b00D)[A-Za-z0-9]{12,15}![A-Za-z0-9._-]{8,}"),
)
_SESSION = re.compile(r"00D[A-Za-z0-9]*!(.*)", re.S)
_ESCAPE = re.compile(
    r"(?:%[0-9A-Fa-f]{2})+"
    r"|&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|amp|lt|gt|quot|apos);"
    r"|\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|x[0-9A-Fa-f]{2}|[abfnrtv0!-/:-@\[-`{-~])"
)
_CONTROLS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}


class Redactor:
    """Masks the values that it was told, line by line for values of several lines (keys, certificates).

    It also masks, without being told, PEM private keys, JWTs and Salesforce session ids.
    """

    def __init__(self) -> None:
        self._matcher = _Matcher(frozenset())
        self._lock = threading.Lock()

    @property
    def values(self) -> frozenset[str]:
        """The values that are masked, and their parts."""
        return self._matcher.values

    @values.setter
    def values(self, values: frozenset[str]) -> None:
        self._matcher = _Matcher(values)

    def keep(self, value: str) -> None:
        """Mask ``value`` from now on: whole, line by line, in base64, and of a session also the part after its org."""
        lines = value.splitlines()
        session = _SESSION.fullmatch(value.strip())
        whole = [value, value.strip(), *(session.groups() if session else ())]
        parts = [*whole, *(line.strip() for line in lines)]
        kept = {part for part in parts if len(part) >= SHORTEST_MASKED and not part.startswith("-----")}
        kept |= {each for part in whole for each in _in_base64(part)}
        if len(lines) <= 1 and SHORTEST_WORD <= len(value.strip()) < SHORTEST_MASKED:
            kept.add(value.strip())
        with self._lock:
            if not kept <= self.values:
                self.values |= kept

    def keep_key(self, value: str) -> None:
        """Mask key material as :meth:`keep` does; of JSON only what is not public in a JWK, such as `kid`."""
        try:
            document = json.loads(value.lstrip("\ufeff"))
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict | list):
            self.keep(value)
            return
        for text in _texts_in(document):
            if len(text) >= _SHORTEST_IN_JSON:
                self.keep(text)

    def redact(self, text: str) -> str:
        """Return a text for people, or one value of a document, without secrets."""
        return self._masked(text, words=True)

    def redact_document(self, text: str) -> str:
        """Return a document without secrets. Short ones stay in it: they could be a part of its own words."""
        return self._masked(text, words=False)

    def _masked(self, text: str, *, words: bool) -> str:
        spans = [span for layer in _layers(text) for span in layer.back(self._spans(layer.text, words))]
        return _without(text, spans) if spans else text

    def _spans(self, text: str, words: bool) -> Iterator[Span]:
        for pattern in _PATTERNS:
            yield from (match.span() for match in pattern.finditer(text))
        yield from self._matcher.spans(text, words=words)


class _Matcher:
    """Finds a set of values in texts."""

    def __init__(self, values: frozenset[str]) -> None:
        self.values = values
        whole = [value for value in values if len(value) >= SHORTEST_MASKED]
        self._literals = tuple(value for value in whole if not _has_blank(value))
        self._broken = tuple(_across_lines(value) for value in whole if _has_blank(value))
        short = "|".join(re.escape(value) for value in values if len(value) < SHORTEST_MASKED)
        self._words = re.compile(rf"(?<!\w)(?:{short})(?!\w)") if short else None

    def spans(self, text: str, *, words: bool) -> Iterator[Span]:
        """Where a value begins and ends."""
        for value in self._literals:
            start = text.find(value)
            while start >= 0:
                yield start, start + len(value)
                start = text.find(value, start + 1)
        patterns = (*self._broken, self._words) if words and self._words is not None else self._broken
        for pattern in patterns:
            yield from (match.span() for match in pattern.finditer(text))


@dataclass(frozen=True, slots=True)
class _Layer:
    """A text with its escapes decoded. Each piece: where it begins here, its begin and end above, is it an escape."""

    text: str
    above: _Layer | None = None
    pieces: Sequence[tuple[int, int, int, bool]] = field(default=())

    def back(self, spans: Iterable[Span]) -> Iterable[Span]:
        """The same places in the text as it was given."""
        if self.above is None:
            return spans
        found = ((self._above(start)[0], self._above(end - 1)[1]) for start, end in spans if end > start)
        return self.above.back(found)

    def _above(self, at: int) -> Span:
        """The begin and end, in the layer above, of what the character at ``at`` was decoded from."""
        begin, start, end, is_escape = self.pieces[bisect_right(self.pieces, at, key=lambda piece: piece[0]) - 1]
        return (start, end) if is_escape else (start + at - begin, start + at - begin + 1)


def _layers(text: str) -> Iterator[_Layer]:
    """The text, and what it is with its escapes decoded once, twice, and so on."""
    layer: _Layer | None = _Layer(text)
    for _ in range(_DEEPEST + 1):
        if layer is None:
            return
        yield layer
        layer = _decoded(layer)


def _decoded(layer: _Layer) -> _Layer | None:
    """One layer deeper; None if the text has no escapes."""
    text, done, length = layer.text, 0, 0
    parts: list[str] = []
    pieces: list[tuple[int, int, int, bool]] = []
    for match in _ESCAPE.finditer(text):
        for part, start, end, is_escape in ((text[done : match.start()], done, match.start(), False), *_pieces(match)):
            if part:
                parts.append(part)
                pieces.append((length, start, end, is_escape))
                length += len(part)
        done = match.end()
    if not pieces:
        return None
    parts.append(text[done:])
    pieces.append((length, done, len(text), False))
    return _Layer("".join(parts), layer, pieces)


def _pieces(match: re.Match[str]) -> Iterator[tuple[str, int, int, bool]]:
    """What an escape stands for; of several percent escapes in a row each by itself, if they are ASCII."""
    escape, start = match[0], match.start()
    if escape[0] == "%":
        octets = bytes.fromhex(escape.replace("%", ""))
        if octets.isascii():
            for number, octet in enumerate(octets):
                yield chr(octet), start + 3 * number, start + 3 * number + 3, True
        else:
            yield octets.decode("utf-8", "replace"), start, match.end(), True
    elif escape[0] == "&":
        yield _character(escape[2:-1]) if escape[1] == "#" else html.unescape(escape), start, match.end(), True
    elif escape[1] in "uUx" and len(escape) > 2:
        yield _character(f"x{escape[2:]}"), start, match.end(), True
    else:
        yield _CONTROLS.get(escape[1], escape[1]), start, match.end(), True


def _character(code: str) -> str:
    """The character of a code, which is hexadecimal after an ``x``."""
    number = int(code[1:], 16) if code[0] in "xX" else int(code)
    return chr(number) if number <= sys.maxunicode else "\N{REPLACEMENT CHARACTER}"


def _without(text: str, spans: list[Span]) -> str:
    """``text`` with a mask in the place of all spans that touch each other."""
    parts, done = [], 0
    start, end = -1, -1
    for begin, stop in [*sorted(spans), (len(text) + 1, len(text) + 1)]:
        if begin <= end:
            end = max(end, stop)
            continue
        if start >= 0:
            parts += [text[done:start], MASK]
            done = end
        start, end = begin, stop
    return "".join(parts) + text[done:]


def _texts_in(document: object) -> Iterator[str]:
    """The strings of a JSON document, without those of a JWK's public members."""
    waiting = [document]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting += [member for name, member in each.items() if name not in _PUBLIC_IN_JSON]
        elif isinstance(each, list):
            waiting += each
        elif isinstance(each, str):
            yield each


def _has_blank(value: str) -> bool:
    return any(character.isspace() for character in value)


def _across_lines(value: str) -> re.Pattern[str]:
    """A value with blanks, wherever its blanks became line breaks or, in a form, signs of plus."""
    ends = (r"[\s+]+" if value[0].isspace() else "", r"[\s+]+" if value[-1].isspace() else "")
    return re.compile(ends[0] + r"[\s+]+".join(map(re.escape, value.split())) + ends[1])


def _in_base64(value: str) -> Iterator[str]:
    """What of a value's base64 is the same wherever it begins in what was encoded, in both alphabets."""
    octets = value.encode("utf-8", "surrogatepass")
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + octets).decode()
        own = encoded[-(-offset * 8 // 6) : (offset + len(octets)) * 8 // 6]
        if len(own) >= _SHORTEST_BASE64:
            yield from (own, own.replace("+", "-").replace("/", "_"))


#: The process's one redactor: everything that prints goes through it.
redactor = Redactor()


class RedactingFilter(logging.Filter):
    """Keeps secrets out of every log record that passes."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = redactor.redact(record.getMessage())
        record.args = ()
        return True
