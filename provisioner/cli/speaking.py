"""Whose words on stderr are, where several environments are worked on side by side."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TextIO

#: What a write fails with when the other side has gone.
_NOBODY = frozenset((errno.EPIPE, errno.EIO, errno.EBADF, errno.ENXIO, errno.ECONNRESET))


@dataclass(slots=True)
class Speaker:
    """One environment. Made ``silent``, it says nothing more: the run has ended without it."""

    name: str
    silent: bool = False


_SPEAKER: ContextVar[Speaker | None] = ContextVar("speaker", default=None)


def write(stream: TextIO, text: str) -> None:
    """Write and flush. Where nobody reads any more (a closed pipe, a terminal that has gone), what is said is lost.

    What happens in an org never hangs on it.
    """
    try:
        stream.write(text)
        stream.flush()
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno not in _NOBODY:
            raise
        with contextlib.suppress(OSError, ValueError):
            # Else what is in the buffer fails once more when the interpreter ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextlib.contextmanager
def speaking(speaker: Speaker) -> Iterator[None]:
    """What this thread says from here on, and the threads that it starts for its requests, is this speaker's."""
    token = _SPEAKER.set(speaker)
    try:
        yield
    finally:
        _SPEAKER.reset(token)


def is_silent() -> bool:
    """Whether what is said now is for nobody any more."""
    speaker = _SPEAKER.get()
    return speaker is not None and speaker.silent


def attributed(text: str) -> str:
    """``text`` with the speaker's name before each line; as it is where there is only one to speak."""
    speaker = _SPEAKER.get()
    if speaker is None:
        return text
    return "\n".join(f"[{speaker.name}] {line}" for line in text.removesuffix("\n").split("\n"))


class Formatter(logging.Formatter):
    """Writes log records as :func:`attributed` text."""

    def format(self, record: logging.LogRecord) -> str:
        return attributed(super().format(record))


class Filter(logging.Filter):
    """Drops what a silent speaker logs."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not is_silent()
