"""Compares the time of a small and a large input, in seconds of the processor."""

from __future__ import annotations

from collections.abc import Callable

#: A moment that the machine took away makes one measurement too long, and none too short.
TRIES = 3


def at_most(factor: float, seconds: Callable[[int], float], small: int, large: int) -> bool:
    """Return whether the best time of the large size is less than ``factor`` times the best of the small one.

    The large one is measured again only after a measurement that is too long.
    """
    limit = factor * max(min(seconds(small) for _ in range(TRIES)), 0.001)
    return any(seconds(large) < limit for _ in range(TRIES))
