"""API versions: those that an org offers, and their names."""

from __future__ import annotations

OLDEST = 31
NEWEST = 67
_SEASONS = ("Spring", "Summer", "Winter")
_SPRING_25 = 63


def parse(text: str) -> int | None:
    """Return the whole part of ``67.0`` or ``67``; None if the text is not a version."""
    whole, _, fraction = text.strip().partition(".")
    if not whole.isdecimal() or not whole.isascii() or fraction.strip("0"):
        return None
    return int(whole)


def label(version: int) -> str:
    """Return the release's name: three releases a year; the winter one has the name of the next year."""
    distance = version - _SPRING_25
    season = _SEASONS[distance % 3]
    year = 25 + distance // 3 + (season == "Winter")
    return f"{season} '{year}"


def listing(newest: int) -> list[dict[str, str]]:
    """Return the answer to ``GET /services/data``."""
    return [
        {"label": label(version), "url": f"/services/data/v{version}.0", "version": f"{version}.0"}
        for version in range(OLDEST, newest + 1)
    ]
