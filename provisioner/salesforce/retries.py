"""Retries: the number and the duration of the attempts of one request."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential, wait_random

from provisioner.salesforce.api_errors import AttemptFailed
from provisioner.salesforce.clock import Clock

T = TypeVar("T")
log = logging.getLogger(__name__)

ATTEMPTS = 5
SECONDS_IN_ALL = 60.0
_BACKOFF = wait_exponential(multiplier=0.5, max=8.0) + wait_random(0.0, 0.5)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The limit of attempts, and of seconds in all, with the waiting times."""

    attempts: int = ATTEMPTS
    seconds: float = SECONDS_IN_ALL


#: For polls, which already repeat.
ONE_ATTEMPT = RetryPolicy(attempts=1, seconds=30.0)


def retry_policy(timeout: float | None) -> RetryPolicy:
    """Return the usual patience; longer if the user allows more time for one answer (``timeout`` in seconds)."""
    return RetryPolicy(seconds=max(SECONDS_IN_ALL, timeout or 0.0))


def persist(call: Callable[[float], T], *, patience: RetryPolicy, clock: Clock) -> T:
    """Call until it succeeds, fails finally, or reaches the limit; ``call`` gets its deadline (monotonic seconds).

    Raises the verdict of the last :class:`AttemptFailed`, and any other error immediately.
    """
    deadline = clock.monotonic() + patience.seconds

    def stop(state: RetryCallState) -> bool:
        spent = state.attempt_number >= patience.attempts
        return spent or clock.monotonic() + state.upcoming_sleep >= deadline

    retrying = Retrying(
        sleep=clock.sleep,
        stop=stop,
        wait=_wait,
        retry=retry_if_exception_type(AttemptFailed),
        before_sleep=_say_so,
        reraise=True,
    )
    try:
        return retrying(call, deadline)
    except AttemptFailed as failed:
        if failed.seconds > 0:
            failed.verdict.next = f"The answer asks to wait {failed.seconds:.0f} seconds. {failed.verdict.next}"
        raise failed.verdict from failed


def _wait(state: RetryCallState) -> float:
    """Return a waiting time that grows with each attempt and is at least that of the answer."""
    failure = state.outcome.exception() if state.outcome else None
    asked = failure.seconds if isinstance(failure, AttemptFailed) else 0.0
    return max(asked, _BACKOFF(state))


def _say_so(state: RetryCallState) -> None:
    failure = state.outcome.exception() if state.outcome else None
    log.info("%s Trying again in %.1f seconds (attempt %d).", failure, state.upcoming_sleep, state.attempt_number + 1)
