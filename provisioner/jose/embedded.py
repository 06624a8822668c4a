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
#: A list of bytes, as C, Go, Java, C#, Rust, Python and JavaScript write it, or one a line, as PowerShell does. Java's
#: bytes have a sign.
_NUMBER = rb"(?:0[xX][0-9A-Fa-f]{1,2}|-?[0-9]{1,3})"
_NUMBERS = re.compile(
    rb"(?<![\w.+-])" + _NUMBER + rb"(?:(?:\s{0,40},\s{0,40}|\s{1,40})" + _NUMBER + rb"(?![\w.])){59,}+"
)
#: A long run of hexadecimal among other text that begins as DER does: SQL (X'3082…'), the registry of Windows (30,82).
_HEXADECIMAL_RUN = re.compile(
    rb"(?<![0-9A-Za-z])30[,:]?82(?:[,:]?(?:\\?\r?\n[ \t]{0,20})?[0-9A-Fa-f]{2}){200,}+(?![0-9A-Za-z])"
)
_NO_DIGIT = re.compile(rb"[^0-9A-Fa-f]+")
#: A line of `xxd` or `hexdump -C`: the offset, up to 16 bytes, and the same as text.
_DUMPED = re.compile(rb"^[0-9a-f]{7,8}:?[ \t]{1,3}((?:[0-9a-f]{2}[ \t]{0,2}){1,16}?)(?:[ \t]{2}|\||\r?$)", re.M)
_DUMP = re.compile(rb"\s*0{7,8}:?[ \t]{1,3}[0-9a-f]{2}")
#: A long run of base64, with further lines of nothing else.
_VALUE = re.compile(
    rb"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{48,}+={0,2}+"
    rb"(?:[ \t]*+\\?+\r?+\n[ \t]*+[A-Za-z0-9+/]{4,}+={0,2}+(?![\w:-]))*+"
)
#: The name of a value before it: ``name: ``, ``NAME="``, ``<name>``, and a YAML block (``name: |``).
_NAME = re.compile(rb"""([A-Za-z_][A-Za-z0-9_.-]{0,80})["']?(?:\s*[:=]\s*(?:[|>][+-]?\s*)?["']?|>\s*)$""")


@dataclass(frozen=True, slots=True)
class Value:
    """A decoded base64 value among other text. ``name`` is None if none stands before it."""

    name: str | None
    octets: bytes


def hexadecimal(content: bytes) -> bytes | None:
    """Return the bytes of a text that is hexadecimal as a whole, or a dump; None for another text."""
    if _DUMP.match(content) is not None:
        content = b"".join(_DUMPED.findall(content))
    if _HEXADECIMAL.fullmatch(content) is None:
        return None
    try:
        return bytes.fromhex(_HEXADECIMAL_PREFIX.sub(b"", content).decode())
    except ValueError:
        return None


def hexadecimal_run(content: bytes) -> bytes | None:
    """Return the bytes of the first long run of hexadecimal among other text; None if it has none."""
    match = _HEXADECIMAL_RUN.search(content)
    return bytes.fromhex(_NO_DIGIT.sub(b"", match[0]).decode()) if match is not None else None


def numbers(content: bytes) -> bytes | None:
    """Return the bytes of the first long list of bytes in a text; None if it has none."""
    match = _NUMBERS.search(content)
    if match is None:
        return None
    words = match[0].lower().replace(b",", b" ").split()
    return octets_of([int(each, 16 if each.startswith(b"0x") else 10) for each in words])


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
        text = b"".join(match[0].replace(b"\\", b"").split()).translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
        try:
            octets = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
        except (ValueError, binascii.Error):
            continue
        before = content[max(0, match.start() - 2 * _LONGEST_NAME) : match.start()]
        name = _NAME.search(before)
        yield Value(name[1].decode() if name is not None else None, octets)
