"""A clock of the product that does not wait: a long pause takes milliseconds, and counts in full."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from provisioner.salesforce.clock import SYSTEM_CLOCK

#: Pauses up to this long are real, because a local org needs them; a longer one becomes a nap.
_NAP, _SHORT = 0.02, 0.12


@contextmanager
def skipping_clock() -> Iterator[Callable[[float], None]]:
    """Let the product's clock skip long pauses; the value is its ``sleep``."""
    skipped = 0.0
    sleep, monotonic = time.sleep, time.monotonic

    def nap(seconds: float) -> None:
        nonlocal skipped
        slept = seconds if seconds <= _SHORT else _NAP
        sleep(slept)
        skipped += seconds - slept

    before = SYSTEM_CLOCK.monotonic, SYSTEM_CLOCK.sleep
    object.__setattr__(SYSTEM_CLOCK, "monotonic", lambda: monotonic() + skipped)
    object.__setattr__(SYSTEM_CLOCK, "sleep", nap)
    try:
        yield nap
    finally:
        object.__setattr__(SYSTEM_CLOCK, "monotonic", before[0])
        object.__setattr__(SYSTEM_CLOCK, "sleep", before[1])
