"""Parallel requests, in threads that never keep the process from exiting."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def in_background(call: Callable[[], T]) -> Future[T]:
    """Start ``call`` now; ``result()`` waits for it, and raises its error.

    The thread is a daemon, unlike those of the standard executors: Ctrl-C must not wait for an answer. It has the
    context variables of its caller, as a coroutine would.
    """
    future: Future[T] = Future()
    context = contextvars.copy_context()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=context.run, args=(run,), daemon=True, name="provisioner-request").start()
    return future
