"""The mask over secret values: no text that passes through :data:`redactor` shows a registered value.

An org, a proxy or a library may repeat a secret in another notation, and output formats escape: each value is searched
unchanged, in base64, and in the text with its escapes decoded (percent, HTML entities, backslashes), several levels
deep.
"""

from __future__ import annotations

import base64
import html
import json
import logging
import re
import sys
import threading
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import StringIO

MASK = "***"
#: Shorter values are masked only as whole words, and only in values, not in whole documents.
SHORTEST_MASKED = 6
#: A value of one or two characters stays: its mask would hide numbers and articles, and no secret.
SHORTEST_WORD = 3
#: The number of levels of escapes.
_DEEPEST = 3
#: No private key, JWT or session id is shorter.
_SHORTEST_BY_FORM = 20
#: The minimum length of a value's base64 in the middle of another.
_SHORTEST_BASE64 = 8

#: The members of a JWK that are public, and the length of the shortest other one.
_PUBLIC_IN_JSON = frozenset({"kty", "kid", "alg", "use", "key_ops", "n", "e", "x5c", "x5t", "x5t#S256", "x5u"})
_SHORTEST_IN_JSON = 16

Span = tuple[int, int]

#: Each begins with its letters, not with the boundary before them: letters are searched for many times faster.
_SESSION_ID = re.compile(r"00D(?<=\b00D)[A-Za-z0-9]{12,15}![A-Za-z0-9._-]{8,}")
_PEM_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----")
_PEM_END = re.compile(r"-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----")
#: No private key is longer.
_LONGEST_PEM = 20_000
#: Only characters of key material, so that prose after a key without its end stays.
_KEY_MATERIAL = re.compile(r"(?:(?:\s|\\[nr])*[A-Za-z0-9+/=]{16,})*(?:(?:\s|\\[nr])*[A-Za-z0-9+/]+={1,2})?")
#: A run of the characters of a JWT, as long as one can be.
_JWT_RUN = re.compile(r"(?<![A-Za-z0-9_.-])[A-Za-z0-9_.-]{20,}")
_JWT_PAYLOAD = re.compile(r"\.[A-Za-z0-9_-]{8}")
_JWT_HEADER = re.compile(r"\bey(?=[A-Za-z0-9_-]{8})")
_SESSION = re.compile(r"00D[A-Za-z0-9]*!(.*)", re.S)
_ESCAPE = re.compile(
    r"(?:%[0-9A-Fa-f]{2})+"
    r"|&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|amp|lt|gt|quot|apos);"
    r"|\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|x[0-9A-Fa-f]{2}|[abfnrtv0!-/:-@\[-`{-~])"
)
_BLANK = re.compile(r"\s")
_CONTROLS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}


class Redactor:
    """Masks the registered values, line by line for values of several lines (keys, certificates).

    It also masks PEM private keys, JWTs and Salesforce session ids that were not registered.
    """

    def __init__(self) -> None:
        self._matcher = _Matcher(frozenset())
        self._lock = threading.Lock()

    @property
    def values(self) -> frozenset[str]:
        """Return the values that are masked, and their parts."""
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
        """Mask key material as :meth:`keep` does; of JSON only the members that are not public in a JWK."""
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
        """Return a document without secrets. Short secrets stay in it: they could be part of an ordinary word."""
        return self._masked(text, words=False)

    def _masked(self, text: str, *, words: bool) -> str:
        if len(text) < self._matcher.shortest:
            return text
        spans = self._spans(text, words)
        if "%" in text or "&" in text or "\\" in text:
            for layer in _decoded_layers(text):
                spans += layer.back(self._spans(layer.text, words))
        return _without(text, spans) if spans else text

    def _spans(self, text: str, words: bool) -> list[Span]:
        # The searches for fixed letters keep texts without secrets cheap: a large plan has hundreds of thousands.
        spans = self._matcher.spans(text, words=words)
        if "-----BEGIN " in text:
            spans += _private_keys(text)
        if "ey" in text and _JWT_PAYLOAD.search(text) is not None:
            spans += _jwts(text)
        if "00D" in text:
            spans += (match.span() for match in _SESSION_ID.finditer(text))
        return spans


def _private_keys(text: str) -> Iterator[Span]:
    """Find PEM private keys: to their end line if there is one, else to the end of the key material."""
    done = 0
    for begin in _PEM_BEGIN.finditer(text):
        if begin.start() < done:
            continue
        end = _PEM_END.search(text, begin.end(), begin.end() + _LONGEST_PEM)
        material = _KEY_MATERIAL.match(text, begin.end())
        done = end.end() if end is not None else material.end() if material is not None else begin.end()
        yield begin.start(), done


def _jwts(text: str) -> Iterator[Span]:
    """Find JWTs in linear time: a part that begins with `ey`, a part of eight characters or more, and a last part."""
    for run in _JWT_RUN.finditer(text):
        parts = run[0].split(".")
        start = run.start()
        for header, payload, signature in zip(parts, parts[1:], parts[2:], strict=False):
            found = _JWT_HEADER.search(header) if len(payload) >= 8 else None
            if found is not None:
                yield start + found.start(), start + len(header) + len(payload) + len(signature) + 2
            start += len(header) + 1


class _Matcher:
    """Finds a set of values in texts."""

    def __init__(self, values: frozenset[str]) -> None:
        self.values = values
        #: The length of the shortest secret: of any value, and of any form that the redactor recognises.
        self.shortest = min([_SHORTEST_BY_FORM, *(len(" ".join(value.split())) for value in values)])
        whole = sorted((value for value in values if len(value) >= SHORTEST_MASKED), key=len)
        self._literals = tuple(value for value in whole if not _has_blank(value))
        self._lengths = tuple(map(len, self._literals))
        #: The patterns of values with blanks, each with its first word.
        self._broken = tuple(("".join(value.split()[:1]), _across_lines(value)) for value in whole if _has_blank(value))
        short = "|".join(re.escape(value) for value in values if len(value) < SHORTEST_MASKED)
        self._words = re.compile(rf"(?<!\w)(?:{short})(?!\w)") if short else None

    def spans(self, text: str, *, words: bool) -> list[Span]:
        """Return the begin and the end of each value."""
        found: list[Span] = []
        fitting = self._literals[: bisect_right(self._lengths, len(text))]
        for value in [value for value in fitting if value in text]:
            start = text.find(value)
            while start >= 0:
                found.append((start, start + len(value)))
                start = text.find(value, start + 1)
        for pattern in [pattern for first, pattern in self._broken if first in text]:
            found += (match.span() for match in pattern.finditer(text))
        if words and self._words is not None:
            found += (match.span() for match in self._words.finditer(text))
        return found


class _Places:
    """The places of the escapes in a text, as parallel lists of numbers, because a text can have millions of them."""

    def __init__(self) -> None:
        self.begin, self.after = array("q"), array("q")  # in the decoded text
        self.start, self.end = array("q"), array("q")  # in the text above

    def add(self, begin: int, after: int, start: int, end: int) -> None:
        self.begin.append(begin)
        self.after.append(after)
        self.start.append(start)
        self.end.append(end)

    def above(self, at: int) -> Span:
        """Return the begin and end, in the text above, of the source of the character at ``at``."""
        index = bisect_right(self.begin, at) - 1
        if index < 0:
            return at, at + 1
        if at < self.after[index]:
            return self.start[index], self.end[index]
        place = self.end[index] + at - self.after[index]
        return place, place + 1


@dataclass(frozen=True, slots=True)
class _Layer:
    """A text with its escapes decoded, and their places in the layer above."""

    text: str
    above: _Layer | None = None
    places: _Places | None = None

    def back(self, spans: Iterable[Span]) -> Iterable[Span]:
        """Return the same places in the original text."""
        if self.above is None or self.places is None:
            return spans
        found = [(self.places.above(start)[0], self.places.above(end - 1)[1]) for start, end in spans if end > start]
        return self.above.back(found)


def _decoded_layers(text: str) -> Iterator[_Layer]:
    """Yield the text with its escapes decoded once, twice, and so on; nothing if it has none."""
    layer: _Layer | None = _Layer(text)
    for _ in range(_DEEPEST):
        layer = _decoded(layer) if layer is not None else None
        if layer is None:
            return
        yield layer


def _decoded(layer: _Layer) -> _Layer | None:
    """Return the next deeper layer; None if the text has no escapes."""
    text, done, length = layer.text, 0, 0
    if _ESCAPE.search(text) is None:
        return None
    decoded = StringIO()
    places = _Places()
    for match in _ESCAPE.finditer(text):
        length += decoded.write(text[done : match.start()])
        for part, start, end in _pieces(match):
            places.add(length, length + len(part), start, end)
            length += decoded.write(part)
        done = match.end()
    decoded.write(text[done:])
    return _Layer(decoded.getvalue(), layer, places)


def _pieces(match: re.Match[str]) -> Iterator[tuple[str, int, int]]:
    """Decode an escape; of several consecutive percent escapes each separately, if they are ASCII."""
    escape, start = match[0], match.start()
    if escape[0] == "%":
        octets = bytes.fromhex(escape.replace("%", ""))
        if octets.isascii():
            for number, octet in enumerate(octets):
                yield chr(octet), start + 3 * number, start + 3 * number + 3
        else:
            yield octets.decode("utf-8", "replace"), start, match.end()
    elif escape[0] == "&":
        yield _character(escape[2:-1]) if escape[1] == "#" else html.unescape(escape), start, match.end()
    elif escape[1] in "uUx" and len(escape) > 2:
        yield _character(f"x{escape[2:]}"), start, match.end()
    else:
        yield _CONTROLS.get(escape[1], escape[1]), start, match.end()


def _character(code: str) -> str:
    """Return the character of a code, which is hexadecimal after an ``x``."""
    number = int(code[1:], 16) if code[0] in "xX" else int(code)
    return chr(number) if number <= sys.maxunicode else "\N{REPLACEMENT CHARACTER}"


def _without(text: str, spans: list[Span]) -> str:
    """Return ``text`` with one mask for all spans that touch each other."""
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
    """Yield the strings of a JSON document, without those of a JWK's public members."""
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
    return _BLANK.search(value) is not None


def _across_lines(value: str) -> re.Pattern[str]:
    """Return a pattern for a value with blanks: each may be a line break or, in a form, a plus sign."""
    ends = (r"[\s+]+" if value[0].isspace() else "", r"[\s+]+" if value[-1].isspace() else "")
    return re.compile(ends[0] + r"[\s+]+".join(map(re.escape, value.split())) + ends[1])


def _in_base64(value: str) -> Iterator[str]:
    """Yield the parts of a value's base64 that do not depend on its position in the encoded text, in both alphabets."""
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
