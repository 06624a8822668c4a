"""The signals that end a run: each interrupts it as Ctrl-C does."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

#: Signals that end a run as Ctrl-C does: a request to stop; a closed terminal, or a closed laptop.
_INTERRUPTING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextlib.contextmanager
def interrupting() -> Iterator[None]:
    """Make SIGTERM and SIGHUP interrupt as Ctrl-C does, while a command runs; ignored ones (nohup) stay ignored."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {}
    with contextlib.suppress(ValueError):  # not the main thread: another program's process
        for number in _INTERRUPTING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def ignore_signals() -> None:
    """Ignore SIGINT, SIGTERM and SIGHUP while the process exits."""
    with contextlib.suppress(ValueError):
        for number in (signal.SIGINT, *_INTERRUPTING):
            signal.signal(number, signal.SIG_IGN)
