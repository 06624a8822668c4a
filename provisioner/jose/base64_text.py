"""Base64 in its kinds (RFC 4648 §4 standard, §5 base64url), distinguished by their errors."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

_PEM_LINE = re.compile(r"-----(BEGIN|END) [^-]*-----")
_STANDARD = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_SPACE = re.compile(r"\s")
#: A modulus as openssl prints it. Base64url of 2048 bits has 342 characters, and never only those of hexadecimal.
_HEXADECIMAL = re.compile(r"(?:Modulus=|0x)?\s*((?:[0-9A-Fa-f]{2}[:\s]*){200,5000})")
_URL = re.compile(r"[A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Decoded:
    """The bytes, None if they cannot be decoded, and the rule that the text breaks, if any (without its prefix)."""

    octets: bytes | None
    fault: str | None = None


def decode_standard(text: str) -> Decoded:
    """Decode standard base64 with its padding, which ``x5c`` requires (RFC 7517 §4.7).

    The faults are ``pem-armour``, ``line-breaks``, ``base64url`` and ``not-base64``. A fault with a clear meaning still
    gives bytes.
    """
    fault = None
    if "-----" in text:
        fault, text = "pem-armour", _PEM_LINE.sub("", text)
    if _SPACE.search(text):
        fault, text = fault or "line-breaks", "".join(text.split())
    if ("-" in text or "_" in text) and _URL.fullmatch(text.rstrip("=")):
        fault, text = fault or "base64url", text.rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
        text += "=" * (-len(text) % 4)
    if not text or not _STANDARD.fullmatch(text) or len(text.rstrip("=")) % 4 == 1:
        return Decoded(None, fault or "not-base64")
    unpadded = text.rstrip("=")
    padded = unpadded + "=" * (-len(unpadded) % 4)
    octets = base64.b64decode(padded)
    if octets.startswith(b"-----BEGIN "):  # base64 of a whole PEM file
        return Decoded(decode_standard(octets.decode("ascii", "replace")).octets, "pem-armour")
    return Decoded(octets, fault or (None if text == padded else "not-base64"))


def decode_url(text: str) -> Decoded:
    """Decode base64url without padding, which ``n`` and ``e`` require (RFC 7518 §2).

    ``fault`` is the rest of a sentence about another encoding.
    """
    hexadecimal = _HEXADECIMAL.fullmatch(text)
    if hexadecimal is not None:
        return Decoded(bytes.fromhex(re.sub(r"[:\s]", "", hexadecimal[1])), "is hexadecimal")
    fault = None
    if _SPACE.search(text):
        fault, text = "has white space in it", "".join(text.split())
    if "+" in text or "/" in text:
        fault, text = fault or "is standard base64", text.translate({ord("+"): "-", ord("/"): "_"})
    if text.endswith("="):
        fault, text = fault or "has padding at its end", text.rstrip("=")
    if not text or not _URL.fullmatch(text) or len(text) % 4 == 1:
        return Decoded(None, fault or "is no base64")
    return Decoded(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), fault)
