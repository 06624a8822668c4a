"""API versions: which ones an org offers, and what they are called."""

from __future__ import annotations

OLDEST = 31
NEWEST = 67
_SEASONS = ("Spring", "Summer", "Winter")
_SPRING_25 = 63


def parse(text: str) -> int | None:
    """The whole part of ``67.0`` or ``67``; None where the text is no version."""
    whole, _, fraction = text.strip().partition(".")
    if not whole.isdecimal() or not whole.isascii() or fraction.strip("0"):
        return None
    return int(whole)


def label(version: int) -> str:
    """The release's name: three releases a year, the winter one named after the year to come."""
    distance = version - _SPRING_25
    season = _SEASONS[distance % 3]
    year = 25 + distance // 3 + (season == "Winter")
    return f"{season} '{year}"


def listing(newest: int) -> list[dict[str, str]]:
    """What ``GET /services/data`` answers."""
    return [
        {"label": label(version), "url": f"/services/data/v{version}.0", "version": f"{version}.0"}
        for version in range(OLDEST, newest + 1)
    ]
