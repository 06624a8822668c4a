"""Reads a compact JWS (RFC 7515 §7.1) leniently: every readable part, and the faults of the others."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

from provisioner.hidden_characters import is_hidden
from provisioner.jose.base64_text import decode_url
from provisioner.jose.json_text import NotJsonError, read_json

_BEARER = re.compile(r"(?:authorization\s*:\s*)?bearer(?:\s+|$)", re.I)
#: Salesforce's own tool prints `JWT : ey…` among other lines.
_BANNER = re.compile(r"^[ \t]*JWT\s{0,20}:[ \t]*(\S+)[ \t\r]*$", re.M)
#: Three parts; the first is the base64url of a JSON object.
_TOKEN = re.compile(r"(?<![\w.-])ey[\w-]{8,}\.ey[\w-]{8,}\.[\w-]{20,}(?![\w+=-]|\.[\w.-])", re.A)
#: The same in standard base64, or with padding: no verifier takes it, and it is a whole token.
_LOOSE_TOKEN = re.compile(r"ey[\w+/-]{8,}={0,2}\.ey[\w+/-]{8,}={0,2}\.[\w+/-]{20,}={0,2}", re.A)
#: A line of a token that was broken into lines of one width; mail marks the break with `=`.
_LINE = re.compile(r"[\w.-]+=?", re.A)
#: Two parts of one text in the source code of a program.
_JOINED = re.compile(r"[\"'`]\s{0,40}(?:[+.&]|\|\|)?[ \t\\]{0,40}\r?\n?[ \t]{0,80}[\"'`](?=[\w.-])", re.A)
_ESCAPED_STOP = re.compile(r"%(?:25){0,3}(?:2e|(?:20|22|3a|3d)ey)", re.I)
#: Invisible characters that pages and chats put around a text.
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u2060\ufeff"
_LONGEST_AROUND = 200_000
_QUOTES = ('"', "'")
_NAMES = ("header", "payload")


@dataclass(frozen=True, slots=True)
class Compact:
    """A token of three parts. ``header`` and ``claims`` are None if they cannot be read.

    ``faults`` are sentences about defects that every verifier refuses; ``doubts`` about those that only some refuse.
    ``signature`` is None if it is missing or not base64.
    """

    header: Mapping[str, Any] | None
    claims: Mapping[str, Any] | None
    signature: bytes | None
    signing_input: bytes
    faults: tuple[str, ...]
    doubts: tuple[str, ...]

    def text(self, name: str) -> str | None:
        """Return a claim that is text and not empty."""
        value = (self.claims or {}).get(name)
        return value if isinstance(value, str) and value else None

    def header_text(self, name: str) -> str | None:
        """Return a header parameter that is text and not empty."""
        value = (self.header or {}).get(name)
        return value if isinstance(value, str) and value else None


def clean(content: bytes) -> str | None:
    """Return the token without surrounding blanks, quotes, ``Bearer`` or a banner; None if the content is not text."""
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = content.decode(encoding).strip().strip(_INVISIBLE).strip()
    except UnicodeDecodeError:
        return None
    banner = _BANNER.search(text)
    if banner is not None:
        text = banner[1]
    for _ in range(2):
        if len(text) > 1 and text[0] in _QUOTES and text[-1] == text[0]:
            text = text[1:-1].strip()
        text = _BEARER.sub("", text, count=1).strip() if _BEARER.match(text) else text
    return text


def only_token(text: str) -> str | None:
    """Return the only token in other text (JSON, a cookie, a command, a form).

    None for no token, for several, and for a text that is only a token.
    """
    if len(text) > _LONGEST_AROUND or _LOOSE_TOKEN.fullmatch(_without_hidden("".join(text.split()))):
        return None
    for reading in _readings(text):
        found = set(_TOKEN.findall(reading))
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def _readings(text: str) -> Iterator[str]:
    """Yield a text without the breaks and escapes that hide a token in it, the strictest reading first."""
    for _ in range(3):
        if _ESCAPED_STOP.search(text) is None:
            break
        text = unquote(text)
    yield "\n".join(_unbroken(text))
    yield text
    yield _JOINED.sub("", text)


def _unbroken(text: str) -> Iterator[str]:
    """Yield each token of a text that was broken into lines of one width, the last shorter, as one line."""
    lines = [line.strip() for line in text.splitlines()]
    at = 0
    while at < len(lines):
        first = lines[at]
        parts = [first]
        at += 1
        if not first.startswith("ey") or _LINE.fullmatch(first) is None:
            continue
        while at < len(lines) and len(parts[-1]) == len(first) and _continues(lines[at], first):
            parts.append(lines[at])
            at += 1
        if len(parts) > 1:
            yield "".join(part.removesuffix("=") for part in parts)


def _continues(line: str, first: str) -> bool:
    return len(line) <= len(first) and not line.startswith("ey") and _LINE.fullmatch(line) is not None


def _without_hidden(text: str) -> str:
    return text if text.isascii() else "".join(each for each in text if not is_hidden(each))


def decoded_token(text: str) -> str | None:
    """Return the only token of a text that is base64 or hexadecimal as a whole; None for another text."""
    if len(text) > _LONGEST_AROUND or "." in text:
        return None
    octets = decode_url("".join(text.split())).octets
    found = set(_TOKEN.findall(octets.decode("latin-1"))) if octets is not None else set()
    return found.pop() if len(found) == 1 else None


def tokens_in(text: str) -> int:
    """Return the number of different tokens in a text."""
    return len(set(_TOKEN.findall(text))) if len(text) <= _LONGEST_AROUND else 0


def read_compact(text: str) -> Compact | None:
    """Return the token in a cleaned text; None if it does not have three parts. Never raises."""
    faults: list[str] = []
    doubts: list[str] = []
    joined = "".join(text.split())
    if joined != text:
        faults.append(
            "There is white space inside the token: it was broken into lines, or other text was pasted with it."
        )
    hidden = next((each for each in joined if is_hidden(each)), None) if not joined.isascii() else None
    if hidden is not None:
        joined = _without_hidden(joined)
        faults.append(
            f"There is an invisible character (U+{ord(hidden):04X}) inside the token: a page or a chat added it."
        )
    parts = joined.split(".", 3)
    if len(parts) != 3:
        return None
    objects = [_object(part, name, faults, doubts) for part, name in zip(parts, _NAMES, strict=False)]
    signature = _signature(parts[2], faults, doubts)
    header, claims = objects
    if header is not None and claims is not None and "alg" in claims and "alg" not in header:
        faults.append("The header and the payload are exchanged: the header must be the first part.")
    _doubt_critical(header, doubts)
    signing_input = f"{parts[0]}.{parts[1]}".encode("utf-8", "surrogatepass")
    return Compact(header, claims, signature, signing_input, tuple(faults), tuple(doubts))


def _object(part: str, name: str, faults: list[str], doubts: list[str]) -> Mapping[str, Any] | None:
    octets = _octets(part, f"The {name}", faults, doubts)
    if octets is None:
        return None
    if _TOKEN.fullmatch(octets.decode("latin-1")) is not None:
        faults.append(f"The {name} is a token itself (a nested JWT), not a JSON object.")
        return None
    try:
        text = read_json(octets)
    except NotJsonError as error:
        faults.append(f"The {name} {error.problem}.")
        return None
    if not isinstance(text.value, dict):
        faults.append(f"The {name} is not a JSON object.")
        return None
    if text.byte_order_mark:
        doubts.append(f"The {name} begins with a byte order mark, which JSON does not have.")
    doubts.extend(
        f"The {name} has {member[:40]!r} more than once; it is undefined which one counts."
        for member in list(text.duplicates)[:3]
    )
    return MappingProxyType(text.value)


def _signature(part: str, faults: list[str], doubts: list[str]) -> bytes | None:
    if not part:
        faults.append("The signature is missing: nothing follows the second full stop.")
        return None
    return _octets(part, "The signature", faults, doubts)


def _octets(part: str, subject: str, faults: list[str], doubts: list[str]) -> bytes | None:
    if not part:
        faults.append(f"{subject} is empty.")
        return None
    decoded = decode_url(part)
    if decoded.fault is not None:
        faults.append(f"{subject} {decoded.fault}; it must be base64url without padding.")
    elif decoded.octets is not None and base64.urlsafe_b64encode(decoded.octets).rstrip(b"=") != part.encode():
        doubts.append(f"{subject} is base64url with stray bits at its end, which some verifiers refuse.")
    return decoded.octets


def _doubt_critical(header: Mapping[str, Any] | None, doubts: list[str]) -> None:
    """Add a doubt about ``crit``. RFC 7515 §4.1.11: a verifier must refuse an extension that it does not know."""
    if header is not None and ("crit" in header or header.get("b64") is False):
        doubts.append("The header asks for an extension (crit, b64) that Salesforce does not document.")
