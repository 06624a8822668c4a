"""Short phrases that many messages use."""

from __future__ import annotations

from collections.abc import Sequence


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return the number with its noun: ``1 error``, ``2 errors``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def enumerated(words: Sequence[str]) -> str:
    """Return the words as a phrase: ``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def bounded(text: str, longest: int) -> str:
    """Return ``text``; if it is longer than ``longest``, its beginning, its end, and the number of characters."""
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]} … {text[-half:]} ({len(text)} characters)"
