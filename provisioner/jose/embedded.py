"""Finds key material that is written as numbers, or that stands as base64 among other text. Nothing here raises."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

#: A shorter text is no key.
_SHORTEST = 60
#: Values of one text that are looked at.
_MOST_VALUES = 200
_LONGEST_NAME = 80
#: ``30 82 04``, ``30:82:04``, ``0x308204`` and ``0x30, 0x82, 0x04``.
_HEXADECIMAL = re.compile(rb"(?:(?:0[xX]|\\x)?[0-9A-Fa-f]{2}[\s:,;]{0,4}){60,}+")
_HEXADECIMAL_PREFIX = re.compile(rb"0[xX]|\\x|[\s:,;]+")
#: A list of bytes in decimal, as Java, C# and JavaScript write it; Java's bytes have a sign.
_NUMBERS = re.compile(
    rb"[A-Za-z_.<>\[\](){}=\s0-9:]{0,80}?[\[({]\s*(-?\d{1,3}(?:\s*,\s*-?\d{1,3}){59,}+)\s*,?\s*[\])}]+;?"
)
#: A long run of base64, with further lines of nothing else.
_VALUE = re.compile(
    rb"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{60,}+={0,2}+(?:[ \t]*+\r?+\n[ \t]*+[A-Za-z0-9+/]{4,}+={0,2}+(?![\w:-]))*+"
)
#: The name of a value before it: ``name: ``, ``NAME="``, ``<name>``, and a YAML block (``name: |``).
_NAME = re.compile(rb"""([A-Za-z_][A-Za-z0-9_.-]{0,80})["']?(?:\s*[:=]\s*(?:[|>][+-]?\s*)?["']?|>\s*)$""")


@dataclass(frozen=True, slots=True)
class Value:
    """A decoded base64 value among other text. ``name`` is None if none stands before it."""

    name: str | None
    octets: bytes


def hexadecimal(content: bytes) -> bytes | None:
    """Return the bytes of a text that is hexadecimal from its beginning to its end; None for another text."""
    if _HEXADECIMAL.fullmatch(content) is None:
        return None
    try:
        return bytes.fromhex(_HEXADECIMAL_PREFIX.sub(b"", content).decode())
    except ValueError:
        return None


def numbers(content: bytes) -> bytes | None:
    """Return the bytes of a text that is a list of bytes in decimal numbers; None for another text."""
    match = _NUMBERS.fullmatch(content)
    return octets_of([int(each) for each in match[1].split(b",")]) if match is not None else None


def octets_of(numbers: list[int]) -> bytes | None:
    """Return numbers from -128 to 255 as bytes; None for others, and for too few."""
    if len(numbers) < _SHORTEST or not all(-128 <= each <= 255 for each in numbers):
        return None
    return bytes(each % 256 for each in numbers)


def values(content: bytes) -> Iterator[Value]:
    """Yield the base64 values among other text, decoded, in their order."""
    for number, match in enumerate(_VALUE.finditer(content)):
        if number == _MOST_VALUES:
            return
        text = b"".join(match[0].split()).translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
        try:
            octets = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
        except (ValueError, binascii.Error):
            continue
        before = content[max(0, match.start() - 2 * _LONGEST_NAME) : match.start()]
        name = _NAME.search(before)
        yield Value(name[1].decode() if name is not None else None, octets)
