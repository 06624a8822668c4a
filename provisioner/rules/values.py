"""Questions that several rules ask about a declared value."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from provisioner.model import characters
from provisioner.rules.context import is_open


def length_problem(value: str, longest: int) -> str | None:
    """Return the problem of a text that is empty or too long, as the end of a sentence; None if it is neither."""
    if is_open(value) or 0 < len(value) <= longest:
        return None
    return f"has {len(value)} characters; the maximum is {longest}" if value else "is empty"


def is_damaged(value: str) -> bool:
    """Return whether white space or quotation marks are in a URL, which the rules about texts report."""
    return any(character.isspace() for character in value) or bool(characters.quotes_around(value))


def split(url: str) -> SplitResult | None:
    """Return the parts of a URL; None if its host or its port cannot be read."""
    try:
        parts = urlsplit(url)
        return parts if parts.port is None or parts.port else None
    except ValueError:
        return None
