"""Time as a value, so that tests of waiting need not wait."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock. ``now`` is the wall clock in seconds since 1970 (UTC); ``monotonic`` measures spans; ``sleep`` waits."""

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


SYSTEM_CLOCK = Clock()


def skew_of(headers: Mapping[str, str], clock: Clock) -> float | None:
    """Return the host's clock minus ours, in seconds, by the Date header (RFC 9110 §6.6.1, whole seconds)."""
    try:
        told = parsedate_to_datetime(headers.get("Date", ""))
        return told.replace(tzinfo=told.tzinfo or UTC).timestamp() + 0.5 - clock.now()
    except (ValueError, TypeError, OverflowError):
        return None
